//! The backups of a DatabaseCluster.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, LocalObjectReference, PodSecurityContext, ResourceRequirements, SecurityContext, Toleration,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{BackupStorageProvider, VolumeSource};

/// Taking backups of a database cluster.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// Whether backups are taken.
    pub enabled: Option<bool>,
    /// The image of the backup tool.
    pub image: Option<String>,
    /// The image that puts the backup tool into the pod.
    pub init_image: Option<String>,
    /// Secrets to pull the images with.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// When to pull the images: Always, IfNotPresent or Never.
    pub image_pull_policy: Option<String>,
    /// When backups are taken.
    pub schedule: Option<Vec<BackupSchedule>>,
    /// Where backups are kept, by a name that schedules and backups refer to.
    pub storages: Option<BTreeMap<String, BackupStorage>>,
    /// The service account of the backup pods.
    pub service_account_name: Option<String>,
    /// Annotations of the backup pods.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Labels of the backup pods.
    pub labels: Option<BTreeMap<String, String>>,
    /// The rights of the backup containers.
    pub container_security_context: Option<SecurityContext>,
    /// What each backup container may use.
    pub resources: Option<ResourceRequirements>,
}

/// When backups are taken.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupSchedule {
    /// The name of the schedule.
    pub name: Option<String>,
    /// Whether it is followed.
    pub enabled: Option<bool>,
    /// The times in cron's notation.
    pub schedule: Option<String>,
    /// How many of its backups to keep; all of them where it is left out or 0.
    pub keep: Option<isize>,
    /// The storage to keep them in.
    pub storage_name: Option<String>,
    /// How the backups are compressed, such as gzip or zstd.
    pub compression_type: Option<String>,
    /// How hard the backups are compressed, on the scale of the compression.
    pub compression_level: Option<isize>,
}

/// A place where backups are kept, and how the pods that write there run.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupStorage {
    /// What kind of place: s3, azure or filesystem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The object store, for s3 and azure.
    pub storage_provider: Option<BackupStorageProvider>,
    /// The volume, for filesystem.
    pub volume_spec: Option<VolumeSource>,
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
    /// Whether the certificate of the object store must be good.
    #[serde(rename = "verifyTLS")]
    pub verify_tls: Option<bool>,
}
