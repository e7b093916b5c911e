//! The steps of an InstallPlan: every object of a bundle, and its permissions.

use anyhow::{Context as _, Result};
use olm_catalog::serve::api::Bundle;
use serde_json::{Value, json};

use super::rbac;
use super::store::{name, namespace, text};

/// The steps that install a bundle in a namespace, replacing another one.
pub(super) fn steps(bundle: &Bundle, target: &str, replaces: &str, source: &Value) -> Result<Vec<Value>> {
    let mut csv: Value = serde_json::from_str(&bundle.csv_json)
        .with_context(|| format!("{} has no ClusterServiceVersion", bundle.csv_name))?;
    csv["metadata"]["namespace"] = json!(target);
    csv["spec"]["replaces"] = json!(replaces);
    csv["metadata"]["annotations"]["olm.properties"] = json!(properties(bundle));
    let mut objects = vec![csv.clone()];
    for object in &bundle.object {
        let object: Value = serde_json::from_str(object)?;
        if object["kind"] != "ClusterServiceVersion" {
            objects.push(object);
        }
    }
    objects.extend(rbac::objects(&csv));
    let step = |object: &Value| {
        let api_version = text(&object["apiVersion"]);
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        json!({
            "resolving": bundle.csv_name,
            "status": "Unknown",
            "resource": {
                "group": group, "version": version, "kind": object["kind"], "name": name(object),
                "sourceName": name(source), "sourceNamespace": namespace(source), "manifest": object.to_string(),
            },
        })
    };
    Ok(objects.iter().map(step).collect())
}

/// The order in which OLM installs.
pub(super) fn order(steps: &mut [Value]) {
    steps.sort_by_key(|step| match text(&step["resource"]["kind"]) {
        "ClusterServiceVersion" => 0,
        "CustomResourceDefinition" => 1,
        _ => 2,
    });
}

/// OLM's annotation with a bundle's properties on its ClusterServiceVersion.
pub(super) fn properties(bundle: &Bundle) -> String {
    let property = |property: &olm_catalog::serve::api::Property| {
        let value: Value = serde_json::from_str(&property.value).unwrap_or_default();
        json!({"type": property.r#type, "value": value})
    };
    json!({"properties": bundle.properties.iter().map(property).collect::<Vec<_>>()}).to_string()
}
