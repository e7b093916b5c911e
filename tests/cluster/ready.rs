//! Waiting until the cluster answers.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};

use super::machine::NAME;
use super::process::Processes;

/// The time limit for the API server: about six seconds on an idle machine.
const API_SERVER: Duration = Duration::from_secs(90);

/// The time limit for the node: about ten seconds on an idle machine.
const NODE: Duration = Duration::from_secs(120);

/// The time limit for a definition: some hundred milliseconds on an idle machine.
const DEFINITION: Duration = Duration::from_secs(60);

/// A client with the credentials of a kubeconfig file, as soon as the API server reports that it is ready.
pub(super) async fn client(processes: &mut Processes, kubeconfig: &Path) -> Result<Client> {
    let credentials = Kubeconfig::read_from(kubeconfig)?;
    let config = Config::from_custom_kubeconfig(credentials, &KubeConfigOptions::default()).await?;
    let client = Client::try_from(config)?;
    let deadline = Instant::now() + API_SERVER;
    loop {
        let request = http::Request::get("/readyz").body(Vec::new()).context("a request of constants")?;
        let Err(error) = client.request_text(request).await else { return Ok(client) };
        processes.all_run()?;
        if Instant::now() > deadline {
            let log = processes.tail("kube-apiserver");
            bail!("the API server is not ready after {API_SERVER:?}: {error}\nits log ends with:\n{log}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the node is ready for pods, and a namespace's own service account exists.
pub(super) async fn node(processes: &mut Processes, client: &Client) -> Result<()> {
    let nodes: Api<Node> = Api::all(client.clone());
    let accounts: Api<ServiceAccount> = Api::default_namespaced(client.clone());
    let deadline = Instant::now() + NODE;
    loop {
        let node = nodes.get_opt(NAME).await?;
        let conditions = node.and_then(|node| node.status?.conditions).unwrap_or_default();
        let ready = conditions.iter().find(|condition| condition.type_ == "Ready");
        if ready.is_some_and(|ready| ready.status == "True") && accounts.get_opt("default").await?.is_some() {
            return Ok(());
        }
        processes.all_run()?;
        if Instant::now() > deadline {
            let why = ready.and_then(|ready| ready.message.as_deref()).unwrap_or("it is not known");
            bail!(
                "the node is not ready after {NODE:?}: {why}\nthe kubelet's log ends with:\n{}",
                processes.tail("kubelet")
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the resources of these definitions are served.
pub(super) async fn definitions(client: &Client, names: &[&str]) -> Result<()> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let deadline = Instant::now() + DEFINITION;
    for name in names {
        loop {
            let status = definitions.get(name).await?.status.unwrap_or_default();
            let conditions = status.conditions.unwrap_or_default();
            if conditions.iter().any(|one| one.type_ == "Established" && one.status == "True") {
                break;
            }
            if Instant::now() > deadline {
                bail!("{name} is not established after {DEFINITION:?}: {conditions:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}
