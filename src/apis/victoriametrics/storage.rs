//! Volumes for data.

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, PersistentVolumeClaimSpec, PersistentVolumeClaimStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::service::EmbeddedMetadata;

/// Where the pods of a stateful set keep their data.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// A folder that is gone with its pod. It goes before volumeClaimTemplate.
    pub empty_dir: Option<EmptyDirVolumeSource>,
    /// The claim that each pod gets for a volume of its own.
    pub volume_claim_template: Option<EmbeddedClaim>,
    /// Mounts the volume itself and no folder in it.
    pub disable_mount_sub_path: Option<bool>,
}

/// A claim for a persistent volume.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmbeddedClaim {
    /// The API version of the claim: v1.
    pub api_version: Option<String>,
    /// The kind of the claim: PersistentVolumeClaim.
    pub kind: Option<String>,
    /// Name, labels and annotations of the claims.
    pub metadata: Option<EmbeddedMetadata>,
    /// The wanted volume: its size, storage class and access modes.
    pub spec: Option<PersistentVolumeClaimSpec>,
    /// Has no effect: the state of a claim is in the claim itself.
    pub status: Option<PersistentVolumeClaimStatus>,
}

/// The names, labels and annotations of whole claims are kept since 0.29.1.
pub(super) fn open_claims() -> Value {
    let metadata = json!({"x-kubernetes-preserve-unknown-fields": true});
    json!([{"since": "0.29.1", "schema": {"items": {"properties": {"metadata": metadata}}}}])
}
