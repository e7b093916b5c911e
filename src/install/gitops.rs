//! The objects of an installation for a GitOps repository, in an order that Argo CD and Flux apply.
//!
//! Argo CD applies by [waves](https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/), the lowest first. Flux
//! applies definitions and namespaces before all else of a Kustomization, and ignores the annotations.

use serde_json::{Value, json};

use super::olm::Manifests;

/// The annotation of Argo CD's waves.
const WAVE: &str = "argocd.argoproj.io/sync-wave";
/// The annotation of how Argo CD applies an object.
const OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// Needed for objects whose CRDs are in the same sync.
const NO_DRY_RUN: &str = "SkipDryRunOnMissingResource=true";
/// Needed for CRDs: they are larger than the annotation of a client-side apply may be.
const SERVER_SIDE: &str = "ServerSideApply=true";

/// The objects with their waves, sorted by wave: OLM's, if it is installed too, then those of the installation.
#[must_use]
pub fn ordered(olm: Option<&Manifests>, objects: Vec<Value>) -> Vec<Value> {
    let definitions = olm.map(|olm| olm.definitions.clone()).unwrap_or_default();
    let rest = olm.map(|olm| olm.objects.clone()).unwrap_or_default();
    let mut all: Vec<(i32, Value)> = definitions.into_iter().map(|object| (-5, marked(object, -5))).collect();
    all.extend(rest.into_iter().map(|object| {
        let wave = match object["kind"].as_str().unwrap_or_default() {
            "Namespace" => -5,
            "Deployment" | "ClusterServiceVersion" => -3,
            _ => -4,
        };
        (wave, marked(object, wave))
    }));
    all.extend(objects.into_iter().map(|object| {
        let wave = match object["kind"].as_str().unwrap_or_default() {
            "Namespace" => -2,
            "Subscription" => 1,
            _ => 0,
        };
        (wave, marked(object, wave))
    }));
    // Stable: within a wave the order is that of writing.
    all.sort_by_key(|(wave, _)| *wave);
    all.into_iter().map(|(_, object)| object).collect()
}

fn marked(mut object: Value, wave: i32) -> Value {
    let group = object["apiVersion"].as_str().unwrap_or_default().to_owned();
    let option = match object["kind"].as_str() {
        Some("CustomResourceDefinition") => Some(SERVER_SIDE),
        _ if group.starts_with("operators.coreos.com/") => Some(NO_DRY_RUN),
        _ => None,
    };
    if !object["metadata"]["annotations"].is_object() {
        object["metadata"]["annotations"] = json!({});
    }
    object["metadata"]["annotations"][WAVE] = json!(wave.to_string());
    if let Some(option) = option {
        object["metadata"]["annotations"][OPTIONS] = json!(option);
    }
    object
}
