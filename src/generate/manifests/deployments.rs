//! Deployments of manifests as deployments of a ClusterServiceVersion.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ObjectFieldSelector, PodSpec};
use serde_json::Value;

use super::notes::{self, Notes, namespaces};
use super::{Entry, differs, operands};
use crate::bundle::csv::{Deployment, TARGETS, WATCHED};
use crate::generate::Misfits;
use crate::operator::{Defined, Misfit};
use crate::yaml::{Route, Step};

/// Whether an object is a deployment.
pub(super) fn is(entry: &Entry) -> bool {
    entry.is("apps", "Deployment")
}

/// The deployment of an object. If it has a variable with the namespaces to watch, the value comes from OLM.
pub(super) fn of(entry: &Entry) -> Result<Deployment, Misfit> {
    let mut object = Value::Object(entry.object.0.clone());
    quantities(&mut object);
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

/// Adds a deployment, unless the definition has one with that name, which takes precedence.
pub(super) fn adopt(
    defined: &mut Defined,
    entry: &Entry,
    home: Option<&str>,
    notes: &mut Notes,
    warnings: &mut Misfits,
) -> Result<(), Misfit> {
    let deployment = of(entry)?;
    let as_value = |deployment: &Deployment| serde_json::to_value(deployment).map_err(|error| entry.wrong(error));
    let there = as_value(&deployment)?;
    if let Some((i, own)) =
        defined.definition.deployments.iter().enumerate().find(|(_, own)| own.name == deployment.name)
    {
        let mut here = as_value(own)?;
        if own.label.is_empty() {
            here["label"] = there["label"].clone();
        }
        let what = format!("the Deployment {}", own.name);
        let route = Route::root().key("deployments").index(i);
        notes::differs(route, &what, &entry.place(), &differs::between(&here, &there), warnings);
        return Ok(());
    }
    let mut as_input = Value::Object(entry.object.0.clone());
    quantities(&mut as_input);
    let kept = serde_json::json!({
        "apiVersion": as_input["apiVersion"], "kind": as_input["kind"],
        "metadata": {"name": deployment.name, "labels": deployment.label}, "spec": there["spec"],
    });
    // A replaced value of a variable is not lost.
    let watched = |route: &Route| variable(&as_input, route) == Some(WATCHED);
    let mut bare = as_input.as_object().cloned().unwrap_or_default();
    super::clean(&mut bare);
    let mut lost = differs::lost(&Value::Object(bare), &kept);
    lost.retain(|route| !watched(route));
    notes.fields(entry, lost, "left out, because a ClusterServiceVersion cannot contain these fields of a Deployment");
    let elsewhere = home.filter(|home| !entry.namespace().is_empty() && entry.namespace() != *home);
    if elsewhere.is_some() {
        let message = format!("OLM installs it in the operator's namespace, not in {}", entry.namespace());
        notes.fields(entry, vec![Route::root().key("metadata").key("namespace")], message);
    }
    let known: Vec<String> = home.map(str::to_owned).into_iter().collect();
    let fixed = namespaces(&there["spec"], &known).into_iter();
    let fixed = fixed.map(in_spec).collect();
    notes.fields(entry, fixed, "names a fixed namespace, which must be the one that OLM installs it in");
    if let Some(pod) = &deployment.spec.template.spec {
        suggest(defined, entry, &deployment, pod, notes);
    }
    defined.adopt("deployments", |definition| &mut definition.deployments, deployment, &entry.route);
    Ok(())
}

/// A field of a deployment's spec, as a field of the deployment.
fn in_spec(field: Route) -> Route {
    Route::root().key("spec").join(&field)
}

/// Reports the parts of a deployment that OLM probably has to know about.
fn suggest(defined: &Defined, entry: &Entry, deployment: &Deployment, pod: &PodSpec, notes: &mut Notes) {
    let own = deployment.containers().filter_map(|own| own.image.as_deref());
    let named = defined.definition.images.values().chain(defined.release.images.values()).map(String::as_str);
    let known: BTreeSet<&str> = own.chain(named).collect();
    let mut images: Vec<Route> = Vec::new();
    for operand in operands::images(pod).into_iter().filter(|operand| !known.contains(operand.image.as_str())) {
        let route = in_spec(operand.at);
        if images.last() != Some(&route) {
            images.push(route);
        }
    }
    let why = "seems to name images that the operator starts; add them to `images`, or spec.relatedImages lacks them";
    notes.fields(entry, images, why);
    let watched = operands::watched(pod).into_iter().map(in_spec).collect();
    let why = format!(
        "seems to name the namespaces to watch, which OLM writes to {TARGETS}; if so, add this deployment to \
         `deployments` and read that annotation with a fieldRef"
    );
    notes.fields(entry, watched, why);
}

/// The name of the variable that a field belongs to.
fn variable<'v>(root: &'v Value, route: &Route) -> Option<&'v str> {
    let (mut value, mut name) = (root, None);
    let mut list = "";
    for step in &route.0 {
        value = match step {
            Step::Key(key) => {
                list = key;
                value.get(key)?
            }
            Step::Index(index) => value.get(index)?,
            Step::Name(_) => return None,
        };
        if list == "env" && value.is_object() && matches!(step, Step::Index(_)) {
            name = value.get("name")?.as_str();
        }
    }
    name
}

/// Converts quantities that are numbers to text, as the API server reads them.
pub(super) fn quantities(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, item) in map {
                match item {
                    Value::Object(amounts) if key == "limits" || key == "requests" => {
                        for amount in amounts.values_mut().filter(|amount| amount.is_number()) {
                            *amount = amount.to_string().into();
                        }
                    }
                    Value::Number(amount) if key == "sizeLimit" || key == "divisor" => {
                        *item = amount.to_string().into()
                    }
                    _ => quantities(item),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(quantities),
        _ => {}
    }
}

/// The service account of a deployment's pods.
pub(super) fn service_account(deployment: &Deployment) -> String {
    let pod = deployment.spec.template.spec.as_ref();
    let named = pod.and_then(|pod| pod.service_account_name.as_ref().or(pod.service_account.as_ref()));
    named.filter(|name| !name.is_empty()).map_or_else(|| "default".to_owned(), Clone::clone)
}
