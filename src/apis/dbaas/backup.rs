//! DatabaseClusterBackup.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::BackupSource;

/// A backup that was taken.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "dbaas.percona.com", version = "v1", kind = "DatabaseClusterBackup", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "A backup of a database cluster.", status = "DatabaseClusterBackupStatus")]
#[kube(shortname = "dbbackup", shortname = "dbb")]
#[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.dbClusterName"))]
#[kube(printcolumn(name = "Destination", type_ = "string", json_path = ".spec.destination"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Completed", type_ = "date", json_path = ".status.completed"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseClusterBackupSpec {
    /// The name of the backup.
    pub name: String,
    /// The cluster that it is of.
    pub db_cluster_name: String,
    /// Its place in the storage, such as s3://bucket/folder.
    pub destination: String,
    /// How to read it.
    pub backup_source: BackupSource,
}

/// How the backup went.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseClusterBackupStatus {
    /// When it was done.
    pub completed: Time,
    /// The state of the backup, such as Running, Succeeded or Failed.
    pub state: String,
}
