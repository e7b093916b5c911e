//! A cluster with OLM already installed.

use std::fs;

use anyhow::Context as _;
use olm_catalog::yaml;
use serde_json::{Value, json};

use super::super::cluster::{Cluster, Error};
use super::super::common;
use super::store::{Kind, Server, list, name, now};
use super::{deployments, strategy};

/// The release of OLM in the folder of shared data.
const OLM: &str = "olm/v0.28.0";

/// Applies OLM's definitions, and waits until they are served.
///
/// # Errors
/// [`Error::Unavailable`] if the shared data does not exist.
pub(crate) fn crds(cluster: &Cluster) -> Result<(), Error> {
    let definitions = documents("crds.yaml")?;
    let server = Server::new(cluster.client());
    cluster.run(async {
        for definition in &definitions {
            server.apply(definition).await?;
        }
        anyhow::Ok(())
    })?;
    Ok(cluster.established(&definitions.iter().map(name).collect::<Vec<_>>())?)
}

/// Applies all of OLM as in its release, and nothing else: it runs once the simulation starts.
///
/// # Errors
/// [`Error::Unavailable`] if the shared data does not exist.
pub(crate) fn apply(cluster: &Cluster) -> Result<(), Error> {
    crds(cluster)?;
    let objects = documents("olm.yaml")?;
    let server = Server::new(cluster.client());
    cluster.run(async {
        for object in &objects {
            server.apply(object).await?;
        }
        Ok(())
    })
}

/// Applies all of OLM, and makes it look running even without the simulation.
///
/// # Errors
/// [`Error::Unavailable`] if the shared data does not exist.
pub(crate) fn present(cluster: &Cluster) -> Result<(), Error> {
    apply(cluster)?;
    let server = Server::new(cluster.client());
    let csvs = Kind::olm("ClusterServiceVersion");
    cluster.run(async {
        for csv in server.list(&csvs, "olm").await? {
            let status = json!({
                "phase": "Succeeded", "reason": "InstallSucceeded",
                "message": "install strategy completed with no errors",
                "lastTransitionTime": now(), "lastUpdateTime": now(),
            });
            server.set_status(&csvs, &csv, &status).await?;
            for deployment in list(&csv["spec"]["install"]["spec"]["deployments"]) {
                server.apply(&strategy::of_csv(&csv, deployment, &Value::Null)).await?;
            }
        }
        for deployment in server.list(&Kind::deployment(), "olm").await? {
            let status = deployments::status(&deployment, true);
            server.set_status(&Kind::deployment(), &deployment, &status).await?;
        }
        Ok(())
    })
}

fn documents(file: &str) -> Result<Vec<Value>, Error> {
    let shared = common::shared().map(|shared| shared.join(OLM).join(file));
    let path = shared.filter(|path| path.is_file());
    let path = path.ok_or_else(|| Error::Unavailable(common::NO_DATA.into()))?;
    let read = || -> anyhow::Result<Vec<Value>> {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(yaml::read(&text)?.into_iter().map(|document| document.value).collect())
    };
    Ok(read()?)
}
