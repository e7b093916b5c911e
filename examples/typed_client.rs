//! A typed client: lists the PXC clusters of a Kubernetes cluster, with what their status says.
//!
//! ```sh
//! cargo run --no-default-features --features apis --example typed_client
//! ```
//!
//! A user's own Cargo.toml needs `olm-catalog` with the feature `apis`, and `kube` with `client` and a TLS feature.
#![allow(clippy::print_stdout, reason = "an example")]

use kube::api::ListParams;
use kube::{Api, Client, ResourceExt};
use olm_catalog::apis::pxc::PerconaXtraDBCluster;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The provider of TLS must be chosen once in a program.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::try_default().await?;
    let clusters: Api<PerconaXtraDBCluster> = Api::all(client);
    for cluster in clusters.list(&ListParams::default()).await? {
        let state = cluster.status.as_ref().and_then(|status| status.state.clone()).unwrap_or_default();
        println!("{}/{}: {state}", cluster.namespace().unwrap_or_default(), cluster.name_any());
    }
    Ok(())
}
