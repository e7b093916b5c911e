//! PerconaXtraDBClusterRestore.

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::BackupDetails;

/// The backup to bring back. The cluster stands still while it is restored.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "pxc.percona.com", version = "v1", kind = "PerconaXtraDBClusterRestore", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "Restores a backup into a Percona XtraDB Cluster.", status = "PerconaXtraDBClusterRestoreStatus")]
#[kube(plural = "perconaxtradbclusterrestores")]
#[kube(shortname = "pxc-restore", shortname = "pxc-restores")]
#[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.pxcCluster"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Completed", type_ = "date", json_path = ".status.completed"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct PerconaXtraDBClusterRestoreSpec {
    /// The cluster to restore into.
    pub pxc_cluster: Option<String>,
    /// The PerconaXtraDBClusterBackup to restore, where the same namespace has it.
    pub backup_name: Option<String>,
    /// The backup to restore, where no resource stands for it here, such as one of another Kubernetes cluster.
    pub backup_source: Option<BackupDetails>,
    /// Going on from the backup to a later point in time, by the binary logs that were uploaded since.
    pub pitr: Option<PointInTime>,
    /// What the job that restores may use.
    #[schemars(extend("x-since" = "1.13.0"))]
    pub resources: Option<ResourceRequirements>,
}

/// A point in time to restore to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PointInTime {
    /// How the point is told: latest for all that there is, date, transaction for the one before gtid, or skip for
    /// all but gtid.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The moment, for the type date, such as 2023-05-01 12:00:00.
    pub date: Option<String>,
    /// The transaction's global id, for the types transaction and skip.
    pub gtid: Option<String>,
    /// Where the binary logs are: a storage of the cluster by storageName, or an object store.
    pub backup_source: Option<BackupDetails>,
}

/// How a restore goes.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PerconaXtraDBClusterRestoreStatus {
    /// The state of the restore, such as Restoring, Failed or Succeeded.
    pub state: Option<String>,
    /// What went wrong.
    pub comments: Option<String>,
    /// When the restore was complete.
    pub completed: Option<Time>,
    /// When its job was last started.
    #[serde(rename = "lastscheduled")]
    pub last_scheduled: Option<Time>,
}
