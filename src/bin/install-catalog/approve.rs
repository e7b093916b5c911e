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

/// Accepts upgrades, and waits until the new versions run.
///
/// What is approved is the InstallPlan in exactly the state that was shown. A plan is accepted as a whole: where it
/// upgrades other operators too, they must be named as well.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The operators to upgrade, by their packages. Without any, pass --all or --plan.
    #[arg(conflicts_with_all = ["all", "plans"])]
    operators: Vec<String>,
    /// Accept all that waits.
    #[arg(long, conflicts_with = "plans")]
    all: bool,
    /// Accept this plan in this state, as `upgrades` shows it.
    #[arg(long = "plan", value_name = "PLAN@VERSION")]
    plans: Vec<String>,
    /// Accept upgrades of all namespaces that the catalog is installed for.
    #[arg(long, conflicts_with = "namespace")]
    all_installations: bool,
    /// Do not ask, on a terminal.
    #[arg(short, long)]
    yes: bool,
    /// How long it may all take.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    wait: Duration,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Examples:
  See what waits, then accept one operator's upgrade:
    install-catalog upgrades
    install-catalog approve victoriametrics-operator

  Accept exactly what another program has looked at:
    install-catalog approve --plan install-x7k2p@48211

  Accept whatever waits, without a question:
    install-catalog approve --all --yes";

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        if self.operators.is_empty() && !self.all && self.plans.is_empty() {
            bail!(
                "say what to approve: operators by their packages, --all, or --plan PLAN@VERSION as `upgrades` shows it"
            );
        }
        let cluster = self.target.connect().await?.within(self.wait);
        let accept = match (self.all, &*self.plans) {
            (true, _) => Accept::All,
            (_, []) => Accept::Operators(self.operators),
            (_, plans) => Accept::Exactly(plans.to_vec()),
        };
        // A plan that is named is one whatever there is beside it.
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
        // The user's time to think does not count.
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
    let answer = terminal::prompt(&"Accept? [y/N] ".into())?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
