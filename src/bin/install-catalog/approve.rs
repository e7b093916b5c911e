//! `install-catalog approve`.

use std::io;
use std::time::Duration;

use anyhow::bail;
use olm_catalog::install::upgrades::{self, Accept};
use olm_catalog::install::wait::Waiter;
use olm_catalog::outln;
use olm_catalog::terminal::{self, Text};

use crate::Outcome;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::target::{Target, duration};

/// Approve upgrades, and wait until the new versions run.
///
/// The InstallPlan is approved in exactly the state that was shown. A plan is approved as a whole: if it upgrades other
/// operators too, name them as well.
///
/// Exit status: 0 the new versions run, or nothing waits; 1 not finished within --wait, or the user answered no; 2
/// could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The packages of the operators to upgrade. Without any, pass --all or --plan.
    #[arg(conflicts_with_all = ["all", "plans"])]
    operators: Vec<String>,
    /// Approve all pending upgrades.
    #[arg(long, conflicts_with = "plans")]
    all: bool,
    /// Approve this plan in this state, as `upgrades` shows it.
    #[arg(long = "plan", value_name = "PLAN@VERSION")]
    plans: Vec<String>,
    /// Approve upgrades in all namespaces that the catalog is installed for.
    #[arg(long, conflicts_with = "namespace")]
    all_installations: bool,
    /// Do not ask for confirmation on a terminal.
    #[arg(short, long)]
    yes: bool,
    /// The time limit for the whole command.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    wait: Duration,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  Show pending upgrades, then approve one operator's upgrade:
    install-catalog upgrades
    install-catalog approve victoriametrics-operator

  Approve exactly the state that another program has checked:
    install-catalog approve --plan install-x7k2p@48211

  Approve all pending upgrades without confirmation:
    install-catalog approve --all --yes";

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        if self.operators.is_empty() && !self.all && self.plans.is_empty() {
            bail!(
                "nothing to approve was given; name packages, or pass --all, or --plan PLAN@VERSION as `upgrades` \
                 shows it"
            );
        }
        let cluster = self.target.connect().await?.within(self.wait);
        let accept = match (self.all, &*self.plans) {
            (true, _) => Accept::All,
            (_, []) => Accept::Operators(self.operators),
            (_, plans) => Accept::Exactly(plans.to_vec()),
        };
        // A named plan is unambiguous, whatever else is installed.
        let places = match &accept {
            Accept::Exactly(_) => self.target.places(),
            _ => self.target.one(&cluster, self.all_installations).await?,
        };
        let waiting = upgrades::waiting(&cluster, &places).await?;
        let under_way = upgrades::under_way(&cluster, &places).await?;
        let chosen = upgrades::choose(waiting, &accept.besides(&under_way))?;
        if self.output.format == Format::Text && (under_way.is_empty() || !chosen.is_empty()) {
            terminal::out(&super::upgrades::text(&chosen))?;
        }
        let asks = !self.yes && self.output.format == Format::Text && terminal::is_interactive();
        if asks && !chosen.is_empty() && !agreed()? {
            outln!("nothing was approved")?;
            return Ok(Outcome::Unfinished);
        }
        // The time that the user needs to answer does not count.
        let cluster = cluster.within(self.wait);
        let progress = Progress::new(self.output.format != Format::Text);
        let waiter = Waiter::new(&progress, self.wait).explaining(&cluster, places);
        for upgrade in &chosen {
            upgrades::accept(&cluster, &waiter, upgrade).await?;
        }
        for upgrade in &under_way {
            upgrades::go_on(&cluster, &waiter, upgrade).await?;
        }
        self.output.format.print(&progress.events(), |_| match (&*chosen, &*under_way) {
            ([], []) => Text::new(),
            _ => "upgraded\n".into(),
        })?;
        Ok(Outcome::Done)
    }
}

fn agreed() -> io::Result<bool> {
    let answer = terminal::prompt(&"Approve? [y/N] ".into())?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
