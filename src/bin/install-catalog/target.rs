//! Which cluster, and where on it: arguments that the verbs share.

use std::path::PathBuf;
use std::time::Duration;

use olm_catalog::install::cluster::{Cluster, Connection};
use olm_catalog::install::error::Error;
use olm_catalog::install::options::CATALOG;
use olm_catalog::install::places::Places;

/// The cluster.
#[derive(clap::Args)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct Target {
    /// The kubeconfig file. Without it, that of $KUBECONFIG or ~/.kube/config, and in a pod the pod's own cluster.
    ///
    /// A proxy is used as kubectl does: `proxy-url` of the kubeconfig's cluster, or HTTPS_PROXY (HTTP_PROXY for a server
    /// without TLS) but for what NO_PROXY names. It may be http://, https:// or socks5://.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig file.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// The namespace of the operators, and of the databases that they run.
    #[arg(short, long, value_name = "NAME", default_value = "dbaas")]
    pub(crate) namespace: String,
    /// The namespace of OLM, where the catalog goes; on OpenShift openshift-marketplace.
    #[arg(long, value_name = "NAME", default_value = "olm")]
    pub(crate) olm_namespace: String,
    /// The name of the CatalogSource.
    #[arg(long, value_name = "NAME", default_value = CATALOG)]
    pub(crate) catalog: String,
}

impl Target {
    /// Reads the configuration; nothing is asked yet.
    pub(crate) async fn connect(&self) -> Result<Cluster, Error> {
        let connection = Connection { kubeconfig: self.kubeconfig.clone(), context: self.context.clone() };
        Cluster::connect(&connection).await
    }

    /// Where the installation is.
    pub(crate) fn places(&self) -> Places {
        Places {
            catalog: self.catalog.clone(),
            olm_namespace: self.olm_namespace.clone(),
            namespace: self.namespace.clone(),
        }
    }
}

/// `90s`, `10m`, `1h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let failed = || format!("{text:?} is no time such as 90s, 10m or 1h");
    let split = text.find(|character: char| !character.is_ascii_digit()).ok_or_else(failed)?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| failed())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(failed()),
    };
    number.checked_mul(seconds).filter(|&seconds| seconds <= 7 * 24 * 3600).map(Duration::from_secs).ok_or_else(failed)
}
