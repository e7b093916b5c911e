//! The ClusterServiceVersion of a bundle that has `olm.csv.metadata` in place of its manifests, as opm makes it up:
//! enough for what user interfaces show.

use serde_json::{Map, Value, json};

use crate::catalog::fields::{Fields, Misfit};
use crate::catalog::{Bundle, Icon};
use crate::yaml::Route;

/// The fields of the metadata that become fields of `spec`, with their names there.
const SPEC: [(&str, &str); 12] = [
    ("apiServiceDefinitions", "apiservicedefinitions"),
    ("crdDescriptions", "customresourcedefinitions"),
    ("description", "description"),
    ("displayName", "displayName"),
    ("installModes", "installModes"),
    ("keywords", "keywords"),
    ("links", "links"),
    ("maintainers", "maintainers"),
    ("maturity", "maturity"),
    ("minKubeVersion", "minKubeVersion"),
    ("nativeAPIs", "nativeAPIs"),
    ("provider", "provider"),
];

/// The ClusterServiceVersion of a bundle, without what [`complete`] takes from its package.
///
/// # Errors
/// Metadata that is no mapping.
pub(super) fn from_metadata(metadata: &Value, bundle: &Bundle, version: &str) -> Result<Value, Misfit> {
    let mut from = Fields::new(metadata.clone(), Route::root().key("value"))?;
    let mut meta = Map::new();
    for name in ["annotations", "labels"] {
        put(&mut meta, name, from.value(name));
    }
    meta.insert("name".into(), json!(bundle.name));
    // These have a value in any case: Go's types have no way to leave them out.
    let mut spec = json!({
        "apiservicedefinitions": {},
        "cleanup": {"enabled": false},
        "customresourcedefinitions": {},
        "displayName": "",
        // OLM's package server needs a strategy; it is not for installing.
        "install": {"strategy": "deployment", "spec": {"deployments": null}},
        "provider": {},
        "version": version,
    });
    if let Value::Object(spec) = &mut spec {
        for (name, there) in SPEC {
            put(spec, there, from.value(name));
        }
        put(spec, "relatedImages", json!(bundle.related_images));
    }
    Ok(json!({
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "ClusterServiceVersion",
        "metadata": meta,
        "spec": spec,
        "status": {"cleanup": {}},
    }))
}

/// Adds what is kept once for all bundles of a package: its icon, and its description where the bundle has none.
pub(super) fn complete(csv: &mut Value, icon: Option<&Icon>, description: &str) {
    let Some(spec) = csv.get_mut("spec").and_then(Value::as_object_mut) else { return };
    if let Some(icon) = icon {
        spec.insert("icon".into(), json!([icon]));
    }
    if !description.is_empty() && !spec.contains_key("description") {
        spec.insert("description".into(), json!(description));
    }
}

/// Sets a field, but not to what Go takes for empty.
fn put(map: &mut Map<String, Value>, name: &str, value: Value) {
    let empty = match &value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    if !empty {
        map.insert(name.into(), value);
    }
}
