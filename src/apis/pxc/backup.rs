//! PerconaXtraDBClusterBackup, and PerconaXtraDBBackup, which it replaced.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::storage::{Azure, S3};

/// The backup to take.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "pxc.percona.com", version = "v1", kind = "PerconaXtraDBClusterBackup", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "One backup of a Percona XtraDB Cluster.", status = "BackupDetails")]
#[kube(plural = "perconaxtradbclusterbackups", shortname = "pxc-backup", shortname = "pxc-backups")]
#[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.pxcCluster"))]
#[kube(printcolumn(name = "Storage", type_ = "string", json_path = ".status.storageName"))]
#[kube(printcolumn(name = "Destination", type_ = "string", json_path = ".status.destination"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Completed", type_ = "date", json_path = ".status.completed"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct PerconaXtraDBClusterBackupSpec {
    /// The cluster to take a backup of.
    pub pxc_cluster: Option<String>,
    /// Where to keep it: one of the storages that the cluster names.
    pub storage_name: Option<String>,
}

/// A backup: how it goes, where it is, and what it takes to read it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupDetails {
    /// The state of the backup, such as Starting, Running, Failed or Succeeded.
    pub state: Option<String>,
    /// When the backup was complete.
    pub completed: Option<Time>,
    /// When its job was last started.
    #[serde(rename = "lastscheduled")]
    pub last_scheduled: Option<Time>,
    /// The backup's place, such as s3://bucket/folder.
    pub destination: Option<String>,
    /// The name of the cluster's storage that holds it.
    pub storage_name: Option<String>,
    /// What kind of place holds it: s3, azure or filesystem.
    #[serde(rename = "storage_type")]
    #[schemars(extend("x-since" = "1.12.0"))]
    pub storage_type: Option<String>,
    /// The bucket that holds it.
    pub s3: Option<S3>,
    /// The container that holds it, at Azure.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub azure: Option<Azure>,
    /// Whether the certificate of the object store must be good.
    #[serde(rename = "verifyTLS")]
    #[schemars(extend("x-since" = "1.13.0"))]
    pub verify_tls: Option<bool>,
    /// The image of the backup tool.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub image: Option<String>,
    /// The secret with the certificates of the cluster for connections from outside.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub ssl_secret_name: Option<String>,
    /// The secret with the certificates of the cluster for connections between its nodes.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub ssl_internal_secret_name: Option<String>,
    /// The secret with the access to Vault, for data that is encrypted at rest.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub vault_secret_name: Option<String>,
    /// What is known of the backup, such as whether point-in-time recovery can start from it.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub conditions: Option<Vec<Condition>>,
}

/// The backup to take.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "pxc.percona.com", version = "v1alpha1", kind = "PerconaXtraDBBackup", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "One backup, from the time before PerconaXtraDBClusterBackup.", status = "BackupDetails")]
#[kube(plural = "perconaxtradbbackups")]
#[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.pxcCluster"))]
#[kube(printcolumn(name = "Storage", type_ = "string", json_path = ".status.storageName"))]
#[kube(printcolumn(name = "Destination", type_ = "string", json_path = ".status.destination"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Completed", type_ = "date", json_path = ".status.completed"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct PerconaXtraDBBackupSpec {
    /// The cluster to take a backup of.
    pub pxc_cluster: Option<String>,
    /// Where to keep it: one of the storages that the cluster names.
    pub storage_name: Option<String>,
}
