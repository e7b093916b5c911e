//! DatabaseClusterRestore.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::BackupSource;

/// What to restore, and into which cluster.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "dbaas.percona.com", version = "v1", kind = "DatabaseClusterRestore", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "Restores a backup into a database cluster.", status = "DatabaseClusterRestoreStatus")]
#[kube(shortname = "dbc-restore", shortname = "dbc-restores")]
#[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.databaseCluster"))]
#[kube(printcolumn(name = "Storage", type_ = "string", json_path = ".status.storageName"))]
#[kube(printcolumn(name = "Destination", type_ = "string", json_path = ".status.destination"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Completed", type_ = "date", json_path = ".status.completed"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseClusterRestoreSpec {
    /// The cluster to restore into.
    pub database_cluster: String,
    /// The engine of the cluster: pxc or psmdb.
    pub database_type: String,
    /// The backup to restore, by name.
    pub backup_name: Option<String>,
    /// The backup to restore, by place, where no backup resource names it.
    pub backup_source: Option<BackupSource>,
}

/// How the restore goes.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseClusterRestoreStatus {
    /// The state of the restore, such as Starting, Restoring, Succeeded or Failed.
    pub state: Option<String>,
    /// When it was done.
    pub completed: Option<Time>,
    /// When it was last started.
    #[serde(rename = "lastscheduled")]
    pub last_scheduled: Option<Time>,
    /// What is known about it, in Kubernetes' common form.
    pub conditions: Option<Vec<Condition>>,
    /// Why it is in this state.
    pub message: Option<String>,
    /// The place of the backup that it reads.
    pub destination: Option<String>,
    /// The storage of the backup that it reads.
    pub storage_name: Option<String>,
}
