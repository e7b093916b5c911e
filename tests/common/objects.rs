//! Objects of any kind on a test's cluster.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::time::{Duration, Instant};

use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams};
use kube::discovery::Discovery;
use libtest_mimic::Failed;
use serde_json::Value;

use super::cluster::Cluster;

/// The time limit for anything that a case waits for.
const DEADLINE: Duration = Duration::from_secs(90);

/// Somebody writes an object, whoever else owns its fields.
pub(crate) fn apply(cluster: &Cluster, object: &Value) -> Result<(), Failed> {
    let (api, name) = api(cluster, object);
    let parameters = PatchParams::apply("somebody").force();
    cluster.run(api.patch(&name, &parameters, &Patch::Apply(object)))?;
    Ok(())
}

/// The API of an object's kind, and its name. An object without a namespace is cluster-wide.
pub(crate) fn api(cluster: &Cluster, object: &Value) -> (Api<DynamicObject>, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
    let (group, version) = version.split_once('/').unwrap_or(("", &version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &kind));
    let api = match object["metadata"]["namespace"].as_str() {
        Some(namespace) => Api::namespaced_with(cluster.client(), namespace, &resource),
        None => Api::all_with(cluster.client(), &resource),
    };
    (api, text(&object["metadata"]["name"]))
}

/// `Kind namespace/name`.
pub(crate) fn title(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place = object["metadata"]["namespace"].as_str().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    format!("{} {place}{}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

/// Waits until an object contains everything in the wanted one.
pub(crate) fn until(cluster: &Cluster, wanted: &Value) -> Result<(), Failed> {
    let (api, name) = api(cluster, wanted);
    let start = Instant::now();
    loop {
        let found = cluster.run(api.get_opt(&name))?;
        let found = found.map_or(Value::Null, |object| serde_json::to_value(object).unwrap());
        if has(&found, wanted) {
            return Ok(());
        }
        if start.elapsed() > DEADLINE {
            return Err(format!("{} is not so: {wanted:#}\nbut {found:#}", title(wanted)).into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn has(found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(wanted) => wanted.iter().all(|(key, value)| key == "apiVersion" || has(&found[key], value)),
        _ => found == wanted,
    }
}

/// The names of all objects of the cluster, except those that the API server creates itself.
pub(crate) fn everything(cluster: &Cluster) -> Result<Vec<String>, Failed> {
    let client = cluster.client();
    let found = cluster.run(Discovery::new(client.clone()).run())?;
    let mut names = Vec::new();
    for (resource, capabilities) in found.groups().flat_map(|group| group.recommended_resources()) {
        let passing =
            ["Event", "Lease", "APIService", "ComponentStatus", "EndpointSlice", "Endpoints", "PackageManifest"];
        if passing.contains(&resource.kind.as_str()) || !capabilities.supports_operation("list") {
            continue;
        }
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
        let list = cluster.run(api.list(&Default::default()))?;
        names.extend(list.items.into_iter().map(|object| {
            let namespace = object.metadata.namespace.unwrap_or_default();
            format!("{} {namespace}/{}", resource.kind, object.metadata.name.unwrap_or_default())
        }));
    }
    // The player's own.
    let players = ["packagemanifests.packages.operators.coreos.com", "stub.olm-catalog.test"];
    names.retain(|name| !players.iter().any(|own| name.contains(own)));
    Ok(names)
}
