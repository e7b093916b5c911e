//! A cluster that has OLM already.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use olm_catalog::yaml;
use serde_json::{Value, json};

use super::super::cluster::{Cluster, Error};
use super::super::common;
use super::deployments;
use super::store::{Kind, Server, list, now, text};

/// The release of OLM in the folder of shared data.
const OLM: &str = "olm/v0.28.0";

/// How long the API server may take to serve a definition.
const ESTABLISHED: Duration = Duration::from_secs(30);

/// Applies OLM's definitions, and waits until they are served.
///
/// # Errors
/// [`Error::Unavailable`] where the shared data is not there.
pub(crate) fn crds(cluster: &Cluster) -> Result<(), Error> {
    let definitions = documents("crds.yaml")?;
    let server = Server::new(cluster.client());
    cluster.run(async {
        for definition in &definitions {
            server.apply(definition).await?;
        }
        for definition in &definitions {
            established(&server, definition).await?;
        }
        Ok(())
    })
}

/// Applies all of OLM as its release does, and makes it look running.
///
/// # Errors
/// [`Error::Unavailable`] where the shared data is not there.
pub(crate) fn present(cluster: &Cluster) -> Result<(), Error> {
    crds(cluster)?;
    let objects = documents("olm.yaml")?;
    let server = Server::new(cluster.client());
    cluster.run(async {
        for object in &objects {
            let applied = server.apply(object).await?;
            if object["kind"] == "Deployment" {
                let status = deployments::status(&applied, true);
                server.set_status(&Kind::deployment(), &applied, &status).await?;
            }
            if object["kind"] == "ClusterServiceVersion" {
                let status = json!({
                    "phase": "Succeeded", "reason": "InstallSucceeded",
                    "message": "install strategy completed with no errors",
                    "lastTransitionTime": now(), "lastUpdateTime": now(),
                });
                server.set_status(&Kind::of(object), &applied, &status).await?;
                for deployment in list(&object["spec"]["install"]["spec"]["deployments"]) {
                    let metadata = json!({
                        "name": deployment["name"], "namespace": object["metadata"]["namespace"],
                        "ownerReferences": [super::store::owned_by(&applied)],
                        "labels": super::rbac::owner_labels(object),
                    });
                    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
                                            "spec": deployment["spec"]});
                    let applied = server.apply(&deployment).await?;
                    let status = deployments::status(&applied, true);
                    server.set_status(&Kind::deployment(), &applied, &status).await?;
                }
            }
        }
        Ok(())
    })
}

async fn established(server: &Server, definition: &Value) -> anyhow::Result<()> {
    let name = super::store::name(definition);
    let deadline = Instant::now() + ESTABLISHED;
    loop {
        let now = server.get(&Kind::definition(), "", name).await?.unwrap_or_default();
        let is = |one: &Value| one["type"] == "Established" && text(&one["status"]) == "True";
        if list(&now["status"]["conditions"]).iter().any(is) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(anyhow!("{name} is not established after {ESTABLISHED:?}"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn documents(file: &str) -> Result<Vec<Value>, Error> {
    let shared = common::shared().map(|shared| shared.join(OLM).join(file));
    let path = shared.filter(|path| path.is_file());
    let path =
        path.ok_or_else(|| Error::Unavailable(format!("needs {OLM}/{file} of the shared data, which is not here")))?;
    let read = || -> anyhow::Result<Vec<Value>> {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(yaml::read(&text)?.into_iter().map(|document| document.value).collect())
    };
    Ok(read()?)
}
