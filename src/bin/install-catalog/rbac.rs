//! `install-catalog rbac`.

use olm_catalog::install::rbac::{Grant, objects};
use olm_catalog::yaml;

use crate::Outcome;
use crate::output;
use crate::selection::Selection;
use crate::target::Target;

/// Prints the permissions that the installer needs, as manifests: a ServiceAccount, roles and bindings.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The ServiceAccount that gets them.
    #[arg(long, value_name = "NAME", default_value = "install-catalog")]
    service_account: String,
    /// The namespace of the ServiceAccount. Without it that of the operators.
    #[arg(long, value_name = "NAME")]
    service_account_namespace: Option<String>,
    /// For installing OLM too. OLM may do everything on a cluster, and only who may do everything can grant that.
    #[arg(long)]
    with_olm: bool,
    /// For uninstalling too.
    #[arg(long)]
    with_uninstall: bool,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  On a cluster that has OLM:
    install-catalog rbac | kubectl apply --server-side -f -

  Where OLM is to be installed too:
    install-catalog rbac --with-olm | kubectl apply --server-side -f -";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        // The image takes no part in it.
        let options = self.selection.options("catalog", &self.target)?;
        let grant = Grant {
            namespace: self.service_account_namespace.unwrap_or_else(|| options.namespace.clone()),
            account: self.service_account,
            olm: self.with_olm,
            uninstall: self.with_uninstall,
        };
        output::print(&yaml::to_yaml_stream(objects(&options, &grant))?)?;
        Ok(Outcome::Done)
    }
}
