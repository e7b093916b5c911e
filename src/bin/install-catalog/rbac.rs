//! `install-catalog rbac`.

use olm_catalog::install::job::job;
use olm_catalog::install::rbac::{Grant, objects};
use olm_catalog::reference::Reference;
use olm_catalog::{terminal, yaml};

use crate::Outcome;
use crate::selection::Selection;
use crate::target::Target;

/// Print the permissions that the installer needs, as manifests: a ServiceAccount, roles and bindings.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The ServiceAccount that gets the permissions.
    #[arg(long, value_name = "NAME", default_value = "install-catalog")]
    service_account: String,
    /// The namespace of the ServiceAccount [default: the namespace of the operators].
    #[arg(long, value_name = "NAME")]
    service_account_namespace: Option<String>,
    /// Add the permissions for installing OLM. OLM has all permissions on a cluster, so the installer needs them all
    /// too.
    #[arg(long)]
    with_olm: bool,
    /// Add the permissions for uninstalling.
    #[arg(long)]
    with_uninstall: bool,
    /// Add a Job that installs this catalog with these permissions.
    #[arg(long, value_name = "CATALOG", requires = "installer")]
    job: Option<String>,
    /// The image of install-catalog that the Job runs.
    #[arg(long, value_name = "REFERENCE", requires = "job")]
    installer: Option<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  Grant the permissions on a cluster that has OLM:
    install-catalog rbac | kubectl apply --server-side -f -

  Install from within the cluster:
    install-catalog rbac --job registry.example.com/dbaas/catalog:1.0 \\
      --installer registry.example.com/dbaas/install-catalog:1.0 |
      kubectl apply --server-side -f -

  Grant the permissions for installing OLM too:
    install-catalog rbac --with-olm | kubectl apply --server-side -f -";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        // The permissions do not depend on the image.
        let options = self.selection.named(self.job.as_deref().unwrap_or("catalog"), &self.target)?;
        let grant = Grant {
            namespace: self.service_account_namespace.unwrap_or_else(|| options.namespace.clone()),
            account: self.service_account,
            olm: self.with_olm,
            uninstall: self.with_uninstall,
        };
        let mut objects = objects(&options, &grant);
        if let (Some(_), Some(installer)) = (&self.job, &self.installer) {
            let installer: Reference = installer.parse()?;
            objects.push(job(&grant, &installer.to_string(), &self.selection.arguments(&options)));
        }
        terminal::yaml(&yaml::to_yaml_stream(objects)?)?;
        Ok(Outcome::Done)
    }
}
