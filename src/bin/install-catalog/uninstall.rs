//! `install-catalog uninstall`.

use std::time::Duration;

use olm_catalog::install::uninstall::{What, uninstall};
use olm_catalog::install::wait::Waiter;

use crate::Outcome;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::target::{Target, duration};

/// Takes away what install put there: the operators, their Subscriptions and OperatorGroups, the catalog.
///
/// Databases go on running without an operator. What users made is never deleted: where that would follow, nothing is
/// deleted at all.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  Leave nothing behind:\n    install-catalog uninstall --crds --namespaces --olm")]
pub(crate) struct Args {
    /// The operators' CustomResourceDefinitions too; there must be no resources of them.
    #[arg(long)]
    crds: bool,
    /// The namespaces too that install made; there must be no volumes in them.
    #[arg(long)]
    namespaces: bool,
    /// OLM too, if install put it there and nothing else needs it.
    #[arg(long)]
    olm: bool,
    /// How long it may all take.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    wait: Duration,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let cluster = self.target.connect().await?.within(self.wait);
        let progress = Progress::new(self.output.format != Format::Text);
        let what = What { definitions: self.crds, namespaces: self.namespaces, olm: self.olm };
        uninstall(&cluster, &Waiter::new(&progress, self.wait), &self.target.places(), what).await?;
        self.output.format.print(&progress.events(), |_| {
            if progress.has_changed() { "uninstalled\n" } else { "nothing of it is there\n" }.into()
        })?;
        Ok(Outcome::Done)
    }
}
