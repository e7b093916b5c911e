//! The backups of a PerconaXtraDBCluster.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, LocalObjectReference, PodSecurityContext, ResourceRequirements, SecurityContext, Toleration,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::storage::{Azure, S3};
use crate::apis::percona::VolumeSource;

/// Taking backups of a cluster.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backups {
    /// The image of the backup tool.
    pub image: Option<String>,
    /// When to pull the image: Always, IfNotPresent or Never.
    pub image_pull_policy: Option<String>,
    /// Secrets to pull the image with.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// The service account of the backup pods.
    pub service_account_name: Option<String>,
    /// Annotations of the backup pods.
    pub annotations: Option<BTreeMap<String, String>>,
    /// How often a backup that fails is tried again.
    pub backoff_limit: Option<i32>,
    /// Whether backups may run at the same time.
    #[schemars(extend("x-since" = "1.13.0"))]
    pub allow_parallel: Option<bool>,
    /// When backups are taken.
    pub schedule: Option<Vec<Schedule>>,
    /// Where backups are kept, by a name that schedules and backups refer to.
    pub storages: Option<BTreeMap<String, Storage>>,
    /// Uploading the binary logs too, so that any point in time can be restored.
    pub pitr: Option<BinaryLogs>,
}

/// When backups are taken.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// The name of the schedule.
    pub name: Option<String>,
    /// The times in cron's notation.
    pub schedule: Option<String>,
    /// How many of its backups to keep; all of them where it is left out or 0.
    pub keep: Option<isize>,
    /// The storage to keep them in.
    pub storage_name: Option<String>,
}

/// Uploading the binary logs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BinaryLogs {
    /// Whether they are uploaded.
    pub enabled: Option<bool>,
    /// The storage to keep them in.
    pub storage_name: Option<String>,
    /// Seconds between two uploads; 60 where it is left out.
    pub time_between_uploads: Option<f64>,
    /// What the container that uploads them may use.
    pub resources: Option<ResourceRequirements>,
}

/// A place where backups are kept, and how the pods that write there run.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// What kind of place: s3, azure or filesystem.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The bucket, for s3.
    pub s3: Option<S3>,
    /// The container, for azure.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub azure: Option<Azure>,
    /// The volume, for filesystem.
    pub volume: Option<VolumeSource>,
    /// Whether the certificate of the object store must be good.
    #[serde(rename = "verifyTLS")]
    pub verify_tls: Option<bool>,
    /// Labels of the nodes that the pods may run on.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// What each pod may use.
    pub resources: Option<ResourceRequirements>,
    /// Rules for where the pods run.
    pub affinity: Option<Affinity>,
    /// Taints of nodes that the pods may run on all the same.
    pub tolerations: Option<Vec<Toleration>>,
    /// Annotations of the pods.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Labels of the pods.
    pub labels: Option<BTreeMap<String, String>>,
    /// The scheduler that places the pods.
    pub scheduler_name: Option<String>,
    /// The priority class of the pods.
    pub priority_class_name: Option<String>,
    /// The rights of the pods.
    pub pod_security_context: Option<PodSecurityContext>,
    /// The rights of the containers.
    pub container_security_context: Option<SecurityContext>,
    /// The runtime class of the pods.
    pub runtime_class_name: Option<String>,
}
