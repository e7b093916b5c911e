//! The components of a VMCluster.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Probe};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::apis::victoriametrics::agent::InsertPorts;
use crate::apis::victoriametrics::backup::Backup;
use crate::apis::victoriametrics::loose;
use crate::apis::victoriametrics::pod::{DeploymentUpdate, PodSettings, Process};
use crate::apis::victoriametrics::service::{Autoscaling, DisruptionBudget};
use crate::apis::victoriametrics::storage::{Storage, open_claims};

/// What all components have.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentSettings {
    /// A name for its objects. Leave it out: it is deprecated.
    pub name: Option<String>,
    /// The number of pods.
    pub replica_count: i32,
    /// The process.
    #[serde(flatten)]
    pub process: Process,
    /// The pods.
    #[serde(flatten)]
    pub pod: PodSettings,
    /// When the container can serve. The operator has a default.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub readiness_probe: Option<Probe>,
    /// When the container has started; the other probes wait for it.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub startup_probe: Option<Probe>,
    /// How many pods may be taken away at once on purpose.
    pub pod_disruption_budget: Option<DisruptionBudget>,
}

/// The pods that take samples and divide them among the storage pods.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VMInsert {
    /// What all components have.
    #[serde(flatten)]
    pub settings: ComponentSettings,
    /// Ports that take samples in other protocols.
    pub insert_ports: Option<InsertPorts>,
    /// Changes the number of pods by load.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub hpa: Option<Autoscaling>,
    /// How the deployment changes to a new version.
    #[serde(flatten)]
    pub update: DeploymentUpdate,
    /// Seconds that a pod gets to stop before it is killed.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub termination_grace_period_seconds: Option<i64>,
}

/// The pods that answer queries from the storage pods.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VMSelect {
    /// What all components have.
    #[serde(flatten)]
    pub settings: ComponentSettings,
    /// The folder for the cache of query results.
    pub cache_mount_path: Option<String>,
    /// Where the cache is kept. Gone with the pod where it is left out.
    pub storage: Option<Storage>,
    /// The former place of storage.
    #[schemars(extend("x-changes" = (loose::field("volumeClaimTemplate"))))]
    pub persistent_volume: Option<Storage>,
    /// More claims for each pod.
    #[schemars(extend("x-since" = "0.27.2", "x-changes" = (open_claims())))]
    pub claim_templates: Option<Vec<PersistentVolumeClaim>>,
    /// Changes the number of pods by load. The pods then share no caches.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub hpa: Option<Autoscaling>,
    /// How the pods change to a new version: OnDelete, by the operator, which is the default, or RollingUpdate.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub rolling_update_strategy: Option<String>,
    /// Seconds that a pod gets to stop before it is killed.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub termination_grace_period_seconds: Option<i64>,
}

/// The pods that keep samples.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VMStorage {
    /// What all components have.
    #[serde(flatten)]
    pub settings: ComponentSettings,
    /// The folder for the data.
    pub storage_data_path: Option<String>,
    /// Where the data is kept. Gone with the pod where it is left out.
    #[schemars(extend("x-changes" = (loose::field_since(loose::V1, "volumeClaimTemplate"))))]
    pub storage: Option<Storage>,
    /// More claims for each pod.
    #[schemars(extend("x-since" = "0.27.2", "x-changes" = (open_claims())))]
    pub claim_templates: Option<Vec<PersistentVolumeClaim>>,
    /// The port that takes samples from vminsert.
    pub vm_insert_port: Option<String>,
    /// The port that takes queries from vmselect.
    pub vm_select_port: Option<String>,
    /// Numbers of pods that get no new samples, as when data is to be moved to others: 0 is the first pod.
    #[serde(rename = "maintenanceInsertNodeIDs")]
    pub maintenance_insert_node_ids: Option<Vec<i32>>,
    /// Numbers of pods that queries are not sent to: 0 is the first pod.
    #[serde(rename = "maintenanceSelectNodeIDs")]
    pub maintenance_select_node_ids: Option<Vec<i32>>,
    /// Backups. They are part of VictoriaMetrics Enterprise.
    #[serde(rename = "vmBackup")]
    pub backup: Option<Backup>,
    /// How the pods change to a new version: OnDelete, by the operator, which is the default, or RollingUpdate.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub rolling_update_strategy: Option<String>,
    /// Seconds that a pod gets to stop before it is killed.
    pub termination_grace_period_seconds: Option<i64>,
}
