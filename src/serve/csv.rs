//! The ClusterServiceVersion of a bundle that has `olm.csv.metadata` in place of its manifests, as opm makes it up:
//! enough for what user interfaces show.

use serde_json::{Value, json};

use crate::catalog::fields::Misfit;
use crate::catalog::{Bundle, Icon, csv_parts};
use crate::yaml::Route;

/// The ClusterServiceVersion of a bundle, without what [`complete`] takes from its package.
///
/// # Errors
/// Metadata with a value of a type that its field does not take.
pub(super) fn from_metadata(metadata: &Value, bundle: &Bundle, version: &str) -> Result<Value, Misfit> {
    let [mut metadata, mut spec] = csv_parts(metadata.clone(), &Route::root().key("value"))?;
    metadata["name"] = json!(bundle.name);
    spec["version"] = json!(version);
    // OLM's package server needs a strategy; it is not for installing.
    spec["install"] = json!({"strategy": "deployment", "spec": {"deployments": null}});
    if !bundle.related_images.is_empty() {
        spec["relatedImages"] = json!(bundle.related_images);
    }
    // These are there in any case: Go's types have no way to leave them out.
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
