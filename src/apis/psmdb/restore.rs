//! PerconaServerMongoDBRestore.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::BackupDetails;

/// The backup to bring back.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "psmdb.percona.com", version = "v1", kind = "PerconaServerMongoDBRestore", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "Restores a backup into a cluster of Percona Server for MongoDB.")]
#[kube(status = "PerconaServerMongoDBRestoreStatus")]
#[kube(plural = "perconaservermongodbrestores", shortname = "psmdb-restore")]
#[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.clusterName"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct PerconaServerMongoDBRestoreSpec {
    /// The cluster to restore into.
    pub cluster_name: Option<String>,
    /// A replica set of the cluster.
    pub replset: Option<String>,
    /// The PerconaServerMongoDBBackup to restore, where the same namespace has it.
    pub backup_name: Option<String>,
    /// The backup to restore, where no resource stands for it here, such as one of another Kubernetes cluster.
    pub backup_source: Option<BackupDetails>,
    /// The name of the cluster's storage that holds the backup of backupSource, where that does not say its bucket or
    /// container.
    pub storage_name: Option<String>,
    /// Going on from the backup to a later point in time, by the log of operations that was uploaded since.
    pub pitr: Option<PointInTime>,
}

/// A point in time to restore to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PointInTime {
    /// How the point is told: latest for all that there is, or date.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The moment, for the type date, such as 2023-05-01 12:00:00.
    pub date: Option<String>,
}

/// How a restore goes.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PerconaServerMongoDBRestoreStatus {
    /// The state of the restore: waiting, requested, running, ready, rejected or error.
    pub state: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Its name at Percona Backup for MongoDB.
    pub pbm_name: Option<String>,
    /// When the restore was complete.
    pub completed: Option<Time>,
    /// When its state last changed.
    pub last_transition: Option<Time>,
}
