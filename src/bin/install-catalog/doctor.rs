//! `install-catalog doctor`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use olm_catalog::files;
use olm_catalog::install::evidence::{Evidence, Scope};
use olm_catalog::install::explain::{Named, Report, by_topic, text};
use olm_catalog::limits::FILE_BYTES;
use olm_catalog::yaml;

use crate::Outcome;
use crate::output::Output;
use crate::target::Target;

/// Check every object of an installation, and print what is wrong and how to fix it.
///
/// Problems that only follow from another problem are left out: fix the first problem, then run it again.
///
/// Exit status: 0 nothing is wrong, 1 problems found, 2 could not check.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Check a dump of a cluster's objects (YAML or JSON) instead of a cluster. The Subscriptions in it determine which
    /// namespaces are checked.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kubeconfig", "context"])]
    from: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  Find out what is wrong:
    install-catalog doctor

  Print the messages in a script:
    install-catalog doctor -o json | jq -r '.troubles[].message'

  Check a dump of somebody else's cluster, without secrets:
    kinds=namespaces,customresourcedefinitions,catalogsources,operatorgroups,subscriptions
    kinds=$kinds,installplans,clusterserviceversions,packagemanifests,deployments,replicasets
    kinds=$kinds,jobs,pods,services,events,resourcequotas
    kubectl get -A -o yaml $kinds > dump.yaml
    install-catalog doctor --from dump.yaml";

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let evidence = match &self.from {
            Some(path) => read(path)?,
            None => {
                let cluster = self.target.connect().await?;
                let scope = Scope::of(&cluster, &self.target.places()).await?;
                Evidence::gather(&cluster, &scope).await?
            }
        };
        let (topics, troubles): (Vec<_>, Vec<_>) = by_topic(&evidence).into_iter().unzip();
        let named = topics.into_iter().zip(&troubles).map(|(topic, trouble)| Named { topic, trouble });
        let report = Report { scope: &evidence.scope, troubles: named.collect() };
        self.output.format.print(&report, |_| text::render(&troubles, &evidence))?;
        Ok(if troubles.is_empty() { Outcome::Done } else { Outcome::Unfinished })
    }
}

fn read(path: &Path) -> anyhow::Result<Evidence> {
    let name = path.display();
    let text = files::read_text(path, &FILE_BYTES).with_context(|| format!("cannot read {name}"))?;
    let documents = yaml::read(&text).with_context(|| format!("cannot read {name}"))?;
    let objects = documents.into_iter().map(|document| document.value).collect();
    let evidence = Evidence::from_objects(objects).with_context(|| format!("cannot read {name}"))?;
    if !evidence.has_olm() {
        bail!("{name} contains no OLM objects; `install-catalog doctor --help` shows the command that makes a dump");
    }
    Ok(evidence)
}
