//! Deployments of manifests as those of a ClusterServiceVersion.

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ObjectFieldSelector};
use serde_json::Value;

use super::Entry;
use crate::bundle::csv::Deployment;
use crate::operator::Misfit;

/// The variable that tells an operator which namespaces to watch.
const WATCHED: &str = "WATCH_NAMESPACE";
/// Where OLM writes which namespaces those are.
const TARGETS: &str = "metadata.annotations['olm.targetNamespaces']";

/// Whether an object is a deployment.
pub(super) fn is(entry: &Entry) -> bool {
    entry.is("apps", "Deployment")
}

/// The deployment of an object. The namespaces to watch, where it asks for them, are those that OLM says.
pub(super) fn of(entry: &Entry) -> Result<Deployment, Misfit> {
    let object = Value::Object(entry.object.0.clone());
    let deployment: apps::Deployment = serde_json::from_value(object).map_err(|error| entry.wrong(error))?;
    let mut spec = deployment.spec;
    for container in spec.template.spec.iter_mut().flat_map(|pod| &mut pod.containers) {
        for variable in container.env.iter_mut().flatten().filter(|variable| variable.name == WATCHED) {
            let field_ref = ObjectFieldSelector { field_path: TARGETS.to_owned(), ..ObjectFieldSelector::default() };
            let source = EnvVarSource { field_ref: Some(field_ref), ..EnvVarSource::default() };
            *variable = EnvVar { name: WATCHED.to_owned(), value: None, value_from: Some(source) };
        }
    }
    let label = deployment.metadata.labels.unwrap_or_default();
    Ok(Deployment { name: entry.object.name().to_owned(), label, spec })
}

/// The service account that a deployment's pods have.
pub(super) fn service_account(deployment: &Deployment) -> String {
    let pod = deployment.spec.template.spec.as_ref();
    let named = pod.and_then(|pod| pod.service_account_name.as_ref().or(pod.service_account.as_ref()));
    named.filter(|name| !name.is_empty()).map_or_else(|| "default".to_owned(), Clone::clone)
}
