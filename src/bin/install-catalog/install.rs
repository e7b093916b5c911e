//! `install-catalog install`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use olm_catalog::install::gitops;
use olm_catalog::install::objects::Objects;
use olm_catalog::install::olm;
use olm_catalog::install::options::{Approval, For, Options};
use olm_catalog::install::run::{Settings, install};
use olm_catalog::{terminal, yaml};

use crate::Outcome;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::selection::Selection;
use crate::target::{Target, duration};

/// Install OLM if it is missing, the catalog, and the operators.
///
/// The InstallPlan that installs the operators is approved automatically. Later InstallPlans wait for `install-catalog
/// approve`. A second run changes nothing and reports that. A run with another image installs that catalog; its
/// upgrades then wait for approval.
///
/// Exit status: 0 installed, 1 not finished within --wait, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The catalog's image.
    #[arg(long, value_name = "REFERENCE")]
    image: String,
    #[command(flatten)]
    selection: Selection,
    /// The time limit for the whole command.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    wait: Duration,
    /// Write nothing. `client` prints the objects as YAML for a GitOps repository, without using the cluster. `server`
    /// asks the cluster what the result would be.
    #[arg(long, value_enum, value_name = "WHERE", help_heading = "Objects")]
    dry_run: Option<DryRun>,
    /// With --dry-run=client: print OLM's objects too, for a cluster without OLM.
    #[arg(long, help_heading = "OLM")]
    with_olm: bool,
    /// Take over fields of the objects that somebody else has set.
    #[arg(long, help_heading = "Objects")]
    force_conflicts: bool,
    /// Complete an OLM that is only partly installed. Existing parts are kept unless --force-conflicts.
    #[arg(long, help_heading = "OLM")]
    repair: bool,
    /// A folder with OLM's crds.yaml and olm.yaml, to install OLM offline.
    #[arg(long, value_name = "FOLDER", help_heading = "OLM")]
    olm_manifests: Option<PathBuf>,
    /// The SHA-256 of one of OLM's files, if it differs from that of OLM 0.28.0.
    #[arg(long, value_name = "FILE=SHA256", value_parser = pin, help_heading = "OLM")]
    olm_sha256: Vec<For<String>>,
    /// Install OLM's catalog of community operators too.
    #[arg(long, help_heading = "OLM")]
    olm_community_catalog: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  Install the default operators of the catalog:
    install-catalog install --image registry.example.com/dbaas/catalog:1.0

  Install two operators, one at an older version:
    install-catalog install --image registry.example.com/dbaas/catalog:1.0 \\
      --operators dbaas-operator,victoriametrics-operator \\
      --version victoriametrics-operator=0.24.0

  Print the manifests for a GitOps repository (default channels, versions named <package>.v<version>):
    install-catalog install --image registry.example.com/dbaas/catalog:1.0 \\
      --dry-run=client > catalog.yaml

  Use a private registry, and run the operators on dedicated nodes:
    install-catalog install --image registry.example.com/dbaas/catalog:1.0 \\
      --pull-secret registry \\
      --node-selector all:node-role.kubernetes.io/infra= \\
      --toleration all:node-role.kubernetes.io/infra:NoSchedule

  Install OLM offline, from manifests in a folder:
    install-catalog install --image registry.example.com/dbaas/catalog:1.0 \\
      --olm-manifests olm-0.28.0/";

/// `crds.yaml=<hex>`.
fn pin(text: &str) -> Result<For<String>, String> {
    text.parse().map_err(|_| format!("{text:?} is not of the form FILE=SHA256"))
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DryRun {
    /// Print the objects.
    Client,
    /// Ask the cluster.
    Server,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let options = self.selection.complete(&self.image, &self.target).await?;
        if self.with_olm && self.dry_run != Some(DryRun::Client) {
            bail!("--with-olm needs --dry-run=client; without --dry-run, OLM is installed if it is missing");
        }
        if self.dry_run == Some(DryRun::Client) {
            return self.print_objects(&options).await;
        }
        let cluster = self.target.connect().await?.within(self.wait);
        let cluster = cluster.dry_run(self.dry_run == Some(DryRun::Server)).force_conflicts(self.force_conflicts);
        let progress = Progress::new(self.output.format != Format::Text);
        install(&cluster, &options, &self.settings(), &progress).await?;
        self.output.format.print(&progress.events(), |_| match (progress.has_changed(), cluster.is_dry_run()) {
            (true, true) => "dry run: nothing was written\n".into(),
            (true, false) => "installed\n".into(),
            (false, _) => "everything is already installed: nothing was changed\n".into(),
        })?;
        Ok(Outcome::Done)
    }

    fn settings(&self) -> Settings {
        let sha256 = self.olm_sha256.iter().map(|pin| (pin.operator.clone(), pin.value.clone())).collect();
        let olm = olm::Source { folder: self.olm_manifests.clone(), sha256, community: self.olm_community_catalog };
        Settings { olm, repair: self.repair, wait: self.wait }
    }

    async fn print_objects(&self, options: &Options) -> anyhow::Result<Outcome> {
        let olm = match self.with_olm {
            true => Some(self.settings().olm.read().await?),
            false => None,
        };
        let objects = gitops::ordered(olm.as_ref(), Objects::new(options).to_values()?);
        match self.output.format {
            Format::Json => {
                let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
                terminal::json(&yaml::to_json(&list)?)?;
            }
            Format::Yaml | Format::Text => {
                let comment = if options.approval == Approval::Manual { APPROVAL } else { "" };
                terminal::yaml(&format!("{comment}{}", yaml::to_yaml_stream(&objects)?))?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// The manual step that the manifests need.
const APPROVAL: &str = "\
# These Subscriptions install nothing until their InstallPlan is approved: `install-catalog approve --all` approves it,
# or set `spec.approved: true` in the InstallPlan that OLM creates.
";
