//! Backups of a storage.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvVar, ResourceRequirements, SecretKeySelector, VolumeMount};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::pod::{Image, LogFormat, LogLevel};

/// A backup manager beside each storage. It is part of VictoriaMetrics Enterprise.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// Accepts the licence of VictoriaMetrics Enterprise. There are no backups without it.
    #[serde(rename = "acceptEULA")]
    pub accept_eula: bool,
    /// Where backups go, such as s3://bucket/folder, gs://bucket/folder or fs:///folder.
    pub destination: Option<String>,
    /// Gives the pods of a cluster no folders of their own below destination.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub destination_disable_suffix_add: Option<bool>,
    /// The address of an object store that speaks S3.
    #[serde(rename = "customS3Endpoint")]
    pub custom_s3_endpoint: Option<String>,
    /// The key of a secret with access to the object store. It is mounted at /etc/vm/creds.
    pub credentials_secret: Option<SecretKeySelector>,
    /// The number of parts to copy at the same time. 10 where it is left out.
    pub concurrency: Option<i32>,
    /// Takes no backup each hour.
    pub disable_hourly: Option<bool>,
    /// Takes no backup each day.
    pub disable_daily: Option<bool>,
    /// Takes no backup each week.
    pub disable_weekly: Option<bool>,
    /// Takes no backup each month.
    pub disable_monthly: Option<bool>,
    /// Bringing data back from a backup.
    #[schemars(extend("x-since" = "0.29.1"))]
    pub restore: Option<Restore>,
    /// The address that makes a snapshot, where it is not the storage's usual one.
    #[serde(rename = "snapshotCreateURL")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub snapshot_create_url: Option<String>,
    /// The address that deletes a snapshot, where it is not the storage's usual one.
    #[serde(rename = "snapshotDeleteURL")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub snapshot_delete_url: Option<String>,
    /// The image of the backup manager.
    pub image: Option<Image>,
    /// The port for HTTP.
    pub port: Option<String>,
    /// The form of log lines.
    pub log_format: Option<LogFormat>,
    /// The least severity that is logged.
    pub log_level: Option<LogLevel>,
    /// More flags of the process, by name without the dashes.
    pub extra_args: Option<BTreeMap<String, String>>,
    /// More environment variables of the container.
    pub extra_envs: Option<Vec<EnvVar>>,
    /// CPU and memory of the container.
    pub resources: Option<ResourceRequirements>,
    /// More mounts of the container.
    pub volume_mounts: Option<Vec<VolumeMount>>,
}

/// Bringing data back from a backup.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Restore {
    /// Doing so before a storage starts.
    pub on_start: Option<RestoreOnStart>,
}

/// Bringing data back before a storage starts.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RestoreOnStart {
    /// Whether each start looks for a backup that is marked to be restored.
    pub enabled: Option<bool>,
}
