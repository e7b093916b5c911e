//! PerconaServerMongoDBBackup.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::backups::Compression;
use super::storage::{Azure, S3};

/// The backup to take.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "psmdb.percona.com", version = "v1", kind = "PerconaServerMongoDBBackup", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "One backup of a cluster of Percona Server for MongoDB.", status = "BackupDetails")]
#[kube(plural = "perconaservermongodbbackups", shortname = "psmdb-backup")]
#[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.clusterName"))]
#[kube(printcolumn(name = "Storage", type_ = "string", json_path = ".spec.storageName"))]
#[kube(printcolumn(name = "Destination", type_ = "string", json_path = ".status.destination"))]
#[kube(printcolumn(name = "Type", type_ = "string", json_path = ".status.type"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Completed", type_ = "date", json_path = ".status.completed"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct PerconaServerMongoDBBackupSpec {
    /// The cluster to take a backup of.
    pub cluster_name: Option<String>,
    /// The cluster to take a backup of, by the name that this field had before clusterName.
    pub psmdb_cluster: Option<String>,
    /// Where to keep it: one of the storages that the cluster names.
    pub storage_name: Option<String>,
    /// What it is made of; logical where it is left out.
    #[serde(rename = "type")]
    #[schemars(extend("x-since" = "1.14.0"))]
    pub kind: Option<BackupType>,
    /// How it is compressed.
    #[serde(flatten)]
    pub compression: Compression,
}

/// What a backup is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BackupType {
    /// The documents, read through the database.
    Logical,
    /// The files of the storage engine, which is faster for much data.
    Physical,
}

/// A backup: how it goes, where it is, and what it takes to read it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupDetails {
    /// The state of the backup: waiting, requested, running, ready, rejected or error.
    pub state: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// When the backup was begun.
    pub start: Option<Time>,
    /// When the backup was complete.
    pub completed: Option<Time>,
    /// When its state last changed.
    pub last_transition: Option<Time>,
    /// What it is made of: logical or physical.
    #[serde(rename = "type")]
    #[schemars(extend("x-since" = "1.14.0"))]
    pub kind: Option<String>,
    /// Its name at Percona Backup for MongoDB: the time of its start.
    pub pbm_name: Option<String>,
    /// Its place in the store.
    pub destination: Option<String>,
    /// The name of the cluster's storage that holds it.
    pub storage_name: Option<String>,
    /// The bucket that holds it.
    pub s3: Option<S3>,
    /// The container that holds it, at Azure.
    pub azure: Option<Azure>,
    /// The replica sets that are in it.
    #[schemars(extend("x-since" = "1.13.0"))]
    pub replset_names: Option<Vec<String>>,
}
