//! The pod's own cluster, as client-go's `rest.InClusterConfig` finds it.

use std::path::Path;

use super::credentials::Credentials;
use super::files::text;
use super::{Chosen, Error};

/// Where Kubernetes puts the account of a pod.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The cluster of this pod.
///
/// # Errors
/// This is not a pod, so no cluster is configured.
pub(super) async fn read(home: Option<&Path>) -> Result<Chosen, Error> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let folder = Path::new(ACCOUNT);
    let (Some(host), Some(port)) = (variable("KUBERNETES_SERVICE_HOST"), variable("KUBERNETES_SERVICE_PORT")) else {
        let looked =
            home.map_or_else(String::new, |home| format!(": {} does not exist, and this is not a pod", home.display()));
        return Err(Error::new(
            format!("no cluster is configured{looked}"),
            "name a kubeconfig with --kubeconfig or $KUBECONFIG, or run in a pod of the cluster",
        ));
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let server = format!("https://{host}:{port}").parse().map_err(|_| {
        Error::new("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not a valid address", "correct them")
    })?;
    let authority = text(&folder.join("ca.crt")).await?;
    let credentials = Credentials::file(folder.join("token"), "of the pod")?;
    Ok(Chosen {
        server,
        tls_server_name: None,
        insecure: false,
        authority: Some(authority.into_bytes()),
        proxy_url: None,
        namespace: text(&folder.join("namespace")).await.ok().map(|name| name.trim().to_owned()),
        credentials,
        identity: None,
        impersonate: None,
        impersonate_groups: Vec::new(),
        user: "of the pod".to_owned(),
    })
}
