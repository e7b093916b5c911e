//! VMSingle.

use k8s_openapi::api::core::v1::{HostAlias, PersistentVolumeClaimSpec};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::agent::InsertPorts;
use super::backup::Backup;
use super::pod::{Lifecycle, PodAccess, PodSettings, Process, ReplicaStatus};
use super::service::EmbeddedMetadata;

/// The database that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMSingle", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "ReplicaStatus")]
#[kube(doc = "A time series database in one pod.")]
#[serde(rename_all = "camelCase")]
pub struct VMSingleSpec {
    /// How long samples are kept: a number of months, or a number with h, d, w or y.
    #[schemars(extend("x-changes" = [{"until": "0.24.0", "schema": {"pattern": "[1-9]+"}}]))]
    pub retention_period: String,
    /// 0 or 1. For more use a VMCluster.
    pub replica_count: Option<i32>,
    /// The volume for the data. Data is gone with the pod where it is left out.
    pub storage: Option<PersistentVolumeClaimSpec>,
    /// Labels and annotations of the claim for the volume.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub storage_metadata: Option<EmbeddedMetadata>,
    /// The folder for the data, in place of storage. A volume has to be mounted there with volumes and volumeMounts.
    pub storage_data_path: Option<String>,
    /// Deletes the volume together with this object.
    pub remove_pvc_after_delete: Option<bool>,
    /// Backups. They are part of VictoriaMetrics Enterprise.
    #[serde(rename = "vmBackup")]
    pub backup: Option<Backup>,
    /// The process.
    #[serde(flatten)]
    pub process: Process,
    /// Ports that take samples in other protocols.
    pub insert_ports: Option<InsertPorts>,
    /// The pod.
    #[serde(flatten)]
    pub pod: PodSettings,
    /// When the pod is ready.
    #[serde(flatten)]
    pub lifecycle: Lifecycle,
    /// Who the pod acts as.
    #[serde(flatten)]
    pub access: PodAccess,
    /// Names of addresses, for the pod's hosts file.
    pub host_aliases: Option<Vec<HostAlias>>,
}
