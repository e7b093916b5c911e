//! The ClusterServiceVersion of a bundle with `olm.csv.metadata` instead of manifests, as opm creates it: enough for
//! user interfaces.

use serde_json::{Value, json};

use crate::catalog::{Bundle, Icon, csv_parts};
use crate::go_json::fields::Misfit;
use crate::yaml::Route;

/// The ClusterServiceVersion of a bundle, without what [`complete`] takes from its package.
///
/// # Errors
/// Metadata with a value of a type that its field does not accept.
pub(super) fn from_metadata(metadata: &Value, bundle: &Bundle, version: &str) -> Result<Value, Misfit> {
    let [mut metadata, mut spec] = csv_parts(metadata.clone(), &Route::root().key("value"))?;
    metadata["name"] = json!(bundle.name);
    spec["version"] = json!(version);
    // OLM's package server needs a strategy. It cannot be installed from this.
    spec["install"] = json!({"strategy": "deployment", "spec": {"deployments": null}});
    if !bundle.related_images.is_empty() {
        spec["relatedImages"] = json!(bundle.related_images);
    }
    // These are always present: Go's types cannot leave them out.
    spec["cleanup"] = json!({"enabled": false});
    if let Value::Object(spec) = &mut spec {
        spec.entry("displayName").or_insert_with(|| json!(""));
    }
    Ok(json!({
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "ClusterServiceVersion",
        "metadata": metadata,
        "spec": spec,
        "status": {"cleanup": {}},
    }))
}

/// Adds the data that is stored once for all bundles of a package: its icon, and its description if the bundle has
/// none.
pub(super) fn complete(csv: &mut Value, icon: Option<&Icon>, description: &str) {
    let Some(spec) = csv.get_mut("spec").and_then(Value::as_object_mut) else { return };
    if let Some(icon) = icon {
        spec.insert("icon".into(), json!([icon]));
    }
    if !description.is_empty() && !spec.contains_key("description") {
        spec.insert("description".into(), json!(description));
    }
}
