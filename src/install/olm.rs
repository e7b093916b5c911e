//! OLM itself: checks whether it is installed, and installs it.

mod manifests;
mod setup;

pub use manifests::{FILES, Manifests, Source, VERSION};
pub use setup::{await_running, setup};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{CustomResourceDefinition, JSONSchemaProps};
use kube::ResourceExt;

use super::api::ClusterServiceVersion;
use super::api::olm::{DEFINITIONS, DEPLOYMENTS};
use super::cluster::Cluster;
use super::error::Error;
use super::marks::is_managed;

/// The parts of OLM on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Olm {
    /// Its namespace, if its programs were found.
    pub namespace: Option<String>,
    /// Its version, if it reports one.
    pub version: Option<String>,
    /// Its missing parts, such as `Deployment olm/packageserver`.
    pub missing: Vec<String>,
    /// The parts that exist but do not run.
    pub unavailable: Vec<String>,
    /// How complete it is.
    pub found: usize,
    /// Whether an earlier run of the installer installed it.
    pub ours: bool,
    /// The namespace whose catalogs all namespaces can use, if the catalog operator has one set.
    pub catalogs: Option<String>,
    /// Whether a CatalogSource can set the security context of its pod: OLM 0.22 and newer.
    pub has_pod_config: bool,
}

/// The state of OLM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No part of it is installed.
    Absent,
    /// All parts are installed and run.
    Running,
    /// All parts are installed, but some do not run, or not yet.
    Unavailable,
    /// Some parts are installed.
    Partial,
}

impl Olm {
    /// Looks for OLM.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn look(cluster: &Cluster, namespace: &str) -> Result<Self, Error> {
        let mut olm = Self::default();
        for name in DEFINITIONS {
            let definition = cluster.get::<CustomResourceDefinition>(None, name).await?;
            olm.add(format!("CustomResourceDefinition {name}"), definition.as_ref().map(is_managed));
            if name == DEFINITIONS[0] {
                olm.has_pod_config = definition.as_ref().is_none_or(has_pod_config);
            }
        }
        let namespace = match elsewhere(cluster, namespace).await? {
            Some(other) => other,
            None => namespace.to_owned(),
        };
        for name in DEPLOYMENTS {
            let deployment = cluster.get::<Deployment>(Some(&namespace), name).await?;
            let title = format!("Deployment {namespace}/{name}");
            if name == DEPLOYMENTS[1] {
                olm.catalogs = deployment.as_ref().and_then(|deployment| catalogs(deployment, &namespace));
            }
            if deployment.as_ref().is_some_and(|deployment| !is_available(deployment)) {
                olm.unavailable.push(title.clone());
            }
            olm.add(title, deployment.as_ref().map(is_managed));
        }
        if olm.found > 0 {
            let server = cluster.get::<ClusterServiceVersion>(Some(&namespace), "packageserver").await?;
            olm.version =
                server.and_then(|server| server.spec.version).map(|version| version.trim_start_matches('v').to_owned());
        }
        olm.namespace = Some(namespace);
        Ok(olm)
    }

    fn add(&mut self, title: String, found: Option<bool>) {
        match found {
            Some(ours) => {
                self.found += 1;
                self.ours |= ours;
            }
            None => self.missing.push(title),
        }
    }

    /// The state that it is in.
    #[must_use]
    pub fn state(&self) -> State {
        match (self.found, self.missing.is_empty(), self.unavailable.is_empty()) {
            (0, ..) => State::Absent,
            (_, false, _) => State::Partial,
            (_, true, false) => State::Unavailable,
            (_, true, true) => State::Running,
        }
    }
}

/// Whether the CRD of CatalogSources has the field for the security context of a catalog's pod.
fn has_pod_config(definition: &CustomResourceDefinition) -> bool {
    let field = |schema: &JSONSchemaProps, name: &str| schema.properties.as_ref()?.get(name).cloned();
    definition.spec.versions.iter().any(|version| {
        let schema = version.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.as_ref());
        let config = schema.and_then(|schema| field(&field(schema, "spec")?, "grpcPodConfig"));
        // Without a schema, no field is known to be missing.
        schema.is_none_or(|schema| schema.properties.is_none())
            || config.is_some_and(|config| field(&config, "securityContextConfig").is_some())
    })
}

/// The namespace whose catalogs all namespaces can use: the argument `--namespace` of the catalog operator.
fn catalogs(deployment: &Deployment, own: &str) -> Option<String> {
    let container = deployment.spec.template.spec.as_ref()?.containers.first()?;
    let arguments: Vec<&str> = container.command.iter().chain(&container.args).flatten().map(String::as_str).collect();
    let names = ["--namespace", "-namespace"];
    let joined = |argument: &&str| {
        let (name, value) = argument.split_once('=')?;
        names.contains(&name).then(|| value.to_owned())
    };
    let value = arguments.iter().find_map(joined).or_else(|| {
        let at = arguments.iter().position(|argument| names.contains(argument))?;
        arguments.get(at + 1).map(|value| (*value).to_owned())
    })?;
    // A variable of the pod names the pod's own namespace.
    Some(if value.starts_with("$(") { own.to_owned() } else { value })
}

/// The namespace where OLM's operator runs, if that is another one. Not every caller may list objects there.
async fn elsewhere(cluster: &Cluster, namespace: &str) -> Result<Option<String>, Error> {
    if cluster.get::<Deployment>(Some(namespace), DEPLOYMENTS[0]).await?.is_some() {
        return Ok(None);
    }
    match cluster.list::<Deployment>(None, "app=olm-operator").await {
        Ok(found) => Ok(found
            .into_iter()
            .find(|deployment| deployment.name_any() == DEPLOYMENTS[0])
            .and_then(|deployment| deployment.metadata.namespace)),
        Err(Error::Forbidden { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a Deployment has all its pods.
pub(super) fn is_available(deployment: &Deployment) -> bool {
    let Some(status) = &deployment.status else { return false };
    let current = status.observed_generation >= deployment.metadata.generation;
    let says = |text: &Option<String>, word: &str| text.as_deref() == Some(word);
    let mut conditions = status.conditions.iter().flatten();
    current && conditions.any(|condition| says(&condition.type_, "Available") && says(&condition.status, "True"))
}
