//! The backups of a PerconaServerMongoDB.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSecurityContext, ResourceRequirements, SecurityContext};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::BackupType;
use super::storage::{Azure, S3};

/// Taking backups of a cluster, by Percona Backup for MongoDB. Its agent runs beside each member.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backups {
    /// Whether backups can be taken.
    pub enabled: bool,
    /// The agent's image.
    #[schemars(extend("x-required" = {"since": "1.14.0"}))]
    pub image: String,
    /// When backups are taken.
    pub tasks: Option<Vec<Task>>,
    /// Where backups are kept, by a name that tasks and backups refer to.
    pub storages: Option<BTreeMap<String, Storage>>,
    /// Uploading the log of operations too, so that any point in time can be restored.
    pub pitr: Option<OperationLog>,
    /// What the agent may use.
    pub resources: Option<ResourceRequirements>,
    /// The rights of the agent's container.
    pub container_security_context: Option<SecurityContext>,
    /// Annotations of the pods of the jobs that start backups by schedule.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Labels of the pods of the jobs that start backups by schedule.
    pub labels: Option<BTreeMap<String, String>>,
    /// The rights of the pods of the jobs that start backups by schedule.
    pub pod_security_context: Option<PodSecurityContext>,
    /// The runtime class of the pods of the jobs that start backups by schedule.
    pub runtime_class_name: Option<String>,
    /// The service account of the pods of the jobs that start backups by schedule.
    pub service_account_name: Option<String>,
}

/// When backups are taken, and what they are like.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The task's name.
    pub name: String,
    /// Whether it is done.
    pub enabled: bool,
    /// The times in cron's notation.
    pub schedule: Option<String>,
    /// How many of its backups to keep; all of them where it is left out or 0.
    pub keep: Option<isize>,
    /// The storage to keep them in.
    pub storage_name: Option<String>,
    /// What they are made of; logical where it is left out.
    #[serde(rename = "type")]
    #[schemars(extend("x-since" = "1.14.0"))]
    pub kind: Option<BackupType>,
    /// How they are compressed.
    #[serde(flatten)]
    pub compression: Compression,
}

/// How backups are compressed.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Compression {
    /// The algorithm: gzip, pgzip, zstd, snappy, lz4, s2, or none.
    pub compression_type: Option<String>,
    /// How hard to try, in the algorithm's own numbers.
    pub compression_level: Option<isize>,
}

/// Uploading the log of operations.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationLog {
    /// Whether it is uploaded.
    pub enabled: Option<bool>,
    /// Minutes between two uploads; 10 where it is left out.
    pub oplog_span_min: Option<f64>,
    /// How it is compressed.
    #[serde(flatten)]
    pub compression: Compression,
}

/// A place where backups are kept.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// What kind of place: s3 or azure.
    #[serde(rename = "type")]
    pub kind: String,
    /// The bucket, for s3.
    pub s3: Option<S3>,
    /// The container, for azure.
    pub azure: Option<Azure>,
}
