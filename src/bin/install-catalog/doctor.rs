//! `install-catalog doctor`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use olm_catalog::files;
use olm_catalog::install::evidence::{Evidence, Scope};
use olm_catalog::install::explain::{Trouble, by_topic, text};
use olm_catalog::limits::FILE_BYTES;
use olm_catalog::yaml;
use serde::Serialize;

use crate::Outcome;
use crate::output::Output;
use crate::target::Target;

/// Looks at everything that takes part in an installation, and says what is wrong and what to do about it.
///
/// What only follows from something else is left out: fix the first problem, and look again.
///
/// Exit status: 0 nothing is wrong, 1 something is, 2 could not look.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Look at a dump of a cluster's objects, YAML or JSON, in place of a cluster. Its Subscriptions say where the
    /// installation is.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kubeconfig", "context"])]
    from: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Examples:
  install-catalog doctor
  install-catalog doctor -o json | jq -r '.troubles[].message'

  For somebody else's cluster, a dump without secrets:
    kubectl get -A -o yaml namespaces,customresourcedefinitions,catalogsources,operatorgroups,subscriptions,\\
installplans,clusterserviceversions,packagemanifests,deployments,replicasets,jobs,pods,services,events,resourcequotas > dump.yaml
    install-catalog doctor --from dump.yaml";

/// The result for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'r> {
    /// Where it was looked.
    scope: &'r Scope,
    /// What is wrong, the root causes first.
    troubles: Vec<Told<'r>>,
}

/// A trouble, and what it is about.
#[derive(Serialize)]
struct Told<'r> {
    /// A name that stays the same, such as `image-pull`.
    topic: &'r str,
    #[serde(flatten)]
    trouble: &'r Trouble,
}

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
        let told = topics.into_iter().zip(&troubles).map(|(topic, trouble)| Told { topic, trouble });
        let report = Report { scope: &evidence.scope, troubles: told.collect() };
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
        bail!("{name} has no objects of OLM; `install-catalog doctor --help` has the command that makes a dump");
    }
    Ok(evidence)
}
