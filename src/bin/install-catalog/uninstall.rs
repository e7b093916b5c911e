//! `install-catalog uninstall`.

use std::time::Duration;

use olm_catalog::errln;
use olm_catalog::install::uninstall::{What, uninstall};
use olm_catalog::install::wait::Waiter;
use olm_catalog::terminal::Ink;
use olm_catalog::text;

use crate::Outcome;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::target::{Target, duration};

/// Uninstall the operators, their Subscriptions and OperatorGroups, and the catalog.
///
/// Delete only what the installer created, and what OLM made from that. The CatalogSource stays while Subscriptions in
/// other namespaces use it. Databases keep running without an operator. If anything that users made would be lost,
/// nothing is deleted, and the message lists it.
///
/// Exit status: 0 done, 1 an operator version still runs that the installer may not have installed, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Uninstall only the operators of these packages.
    operators: Vec<String>,
    /// Delete the operators' CustomResourceDefinitions too. No resources of them may exist.
    #[arg(long)]
    crds: bool,
    /// Delete the namespaces that `install` created too. They must contain nothing that users made.
    #[arg(long)]
    namespaces: bool,
    /// Delete OLM too, if `install` installed it and nobody else needs it.
    #[arg(long, conflicts_with = "operators")]
    olm: bool,
    /// Uninstall from all namespaces that the catalog is installed for.
    #[arg(long, visible_alias = "all", conflicts_with = "namespace")]
    all_installations: bool,
    /// The time limit for the whole command.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    wait: Duration,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  Uninstall everything:
    install-catalog uninstall --crds --namespaces --olm

  Uninstall one operator and keep the others:
    install-catalog uninstall victoriametrics-operator

  Uninstall the operators of one team:
    install-catalog uninstall --namespace team-a";

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let cluster = self.target.connect().await?.within(self.wait);
        let progress = Progress::new(self.output.format != Format::Text);
        let places = self.target.one(&cluster, self.all_installations).await?;
        let what =
            What { operators: self.operators, definitions: self.crds, namespaces: self.namespaces, olm: self.olm };
        let waiter = Waiter::new(&progress, self.wait).explaining(&cluster, places.clone());
        let running = uninstall(&cluster, &waiter, &places, &what).await?;
        self.output.format.print(&progress.events(), |_| match progress.has_changed() {
            true => "uninstalled\n".into(),
            false => text!("nothing of catalog {} is installed\n", places.catalog),
        })?;
        if running.is_empty() {
            return Ok(Outcome::Done);
        }
        errln!(
            "{} still running, possibly not installed by install-catalog: {}",
            Ink::Error.on("warning:"),
            running.join(", ")
        );
        errln!(
            "{} delete them with `kubectl delete clusterserviceversion` if nobody needs them",
            Ink::Help.on("help:")
        );
        Ok(Outcome::Unfinished)
    }
}
