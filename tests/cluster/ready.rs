//! Waiting until the cluster answers.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::process::Processes;

/// How long the API server may take: some six seconds on an idle machine.
const API_SERVER: Duration = Duration::from_secs(90);

/// A client with the credentials of a kubeconfig file, as soon as the API server says that it is ready.
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
