//! The volume of a member.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, HostPathVolumeSource, PersistentVolumeClaimSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

/// A volume: one of three kinds.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeSource {
    /// A folder that lives as long as its pod.
    pub empty_dir: Option<EmptyDirVolumeSource>,
    /// A folder of the node.
    pub host_path: Option<HostPathVolumeSource>,
    /// A claim of a persistent volume.
    #[schemars(with = "Option<PersistentVolumeClaimSpec>", extend("x-changes" = (metadata())))]
    pub persistent_volume_claim: Option<Claim>,
}

/// A claim of a persistent volume: what Kubernetes' specification of one has, and the claim's annotations and labels.
///
/// Its schema is that of the specification, so that it is settled for the release as one, with the metadata added.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Annotations of the claim. Since 1.14.0.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Labels of the claim. Since 1.14.0.
    pub labels: Option<BTreeMap<String, String>>,
    /// The specification.
    #[serde(flatten)]
    pub spec: PersistentVolumeClaimSpec,
}

fn metadata() -> Value {
    let texts =
        |description| json!({"type": "object", "additionalProperties": {"type": "string"}, "description": description});
    let properties = json!({
        "annotations": texts("Annotations of the claim."),
        "labels": texts("Labels of the claim, beside those of the operator."),
    });
    json!([{"since": "1.14.0", "schema": {"properties": properties}}])
}
