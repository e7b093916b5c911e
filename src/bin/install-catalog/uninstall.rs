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

/// Uninstalls the operators, their Subscriptions and OperatorGroups, and the catalog.
///
/// Only what the installer created is deleted, and what OLM made from that. The CatalogSource stays while Subscriptions of
/// other namespaces use it. Databases go on running without an operator. Where anything that users made would be lost,
/// nothing is deleted at all, and the message lists it.
///
/// Exit status: 0 done, 1 a version still runs that is not known to be the installer's, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Uninstall these operators alone, by their packages.
    operators: Vec<String>,
    /// Delete the operators' CustomResourceDefinitions too. There must be no resources of them.
    #[arg(long)]
    crds: bool,
    /// Delete the namespaces too that install created. They must hold nothing that users made.
    #[arg(long)]
    namespaces: bool,
    /// Delete OLM too, if install put it there and nobody else needs it.
    #[arg(long, conflicts_with = "operators")]
    olm: bool,
    /// Uninstall from all namespaces that the catalog is installed for.
    #[arg(long, visible_alias = "all", conflicts_with = "namespace")]
    all_installations: bool,
    /// How long it may all take.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    wait: Duration,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Examples:
  Leave nothing behind:
    install-catalog uninstall --crds --namespaces --olm

  Uninstall one operator and keep the others:
    install-catalog uninstall victoriametrics-operator

  Uninstall what one team has:
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
            "{} still running, and not known to be installed by install-catalog: {}",
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
