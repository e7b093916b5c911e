//! The status of a PerconaXtraDBCluster.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::replication::ReplicationSettings;

/// How the cluster is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PerconaXtraDBClusterStatus {
    /// The state of the cluster: initializing, ready, paused, stopping, unknown or error.
    pub state: Option<String>,
    /// Why the cluster is in this state.
    pub message: Option<Vec<String>>,
    /// The changes of state, the newest last.
    pub conditions: Option<Vec<ClusterCondition>>,
    /// The address that applications connect to.
    pub host: Option<String>,
    /// The pods that are ready, of nodes and proxies.
    pub ready: Option<i32>,
    /// The pods that there should be, of nodes and proxies.
    pub size: Option<i32>,
    /// The generation of the resource that this status is about.
    pub observed_generation: Option<i64>,
    /// The database nodes.
    pub pxc: Option<ComponentStatus>,
    /// HAProxy.
    pub haproxy: Option<ComponentStatus>,
    /// ProxySQL.
    pub proxysql: Option<ComponentStatus>,
    /// The backup tool.
    pub backup: Option<SidecarStatus>,
    /// The monitoring agent.
    pub pmm: Option<SidecarStatus>,
    /// The log collector.
    #[serde(rename = "logcollector")]
    pub log_collector: Option<SidecarStatus>,
    /// Replication from other clusters.
    pub pxc_replication: Option<ReplicationStatus>,
}

/// A change of a cluster's state.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterCondition {
    /// The state that it is about.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether the cluster is in it: True, False or Unknown.
    pub status: Option<String>,
    /// When it last changed.
    pub last_transition_time: Option<Time>,
    /// Why, in a word.
    pub reason: Option<String>,
    /// Why, for people.
    pub message: Option<String>,
}

/// How the nodes or proxies of one kind are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentStatus {
    /// The pods that are ready.
    pub ready: Option<i32>,
    /// The pods that there should be.
    pub size: Option<i32>,
    /// What runs in each pod.
    #[serde(flatten)]
    pub main: SidecarStatus,
}

/// What runs in a pod.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SidecarStatus {
    /// The state, such as initializing, ready or error.
    pub status: Option<String>,
    /// Why it is in this state.
    pub message: Option<String>,
    /// The image that runs.
    pub image: Option<String>,
    /// The version of what runs.
    pub version: Option<String>,
    /// The labels that select its pods, for autoscaling.
    pub label_selector_path: Option<String>,
}

/// Replication from other clusters.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationStatus {
    /// The channels.
    pub replication_channels: Option<Vec<ReplicationChannelStatus>>,
}

/// A channel of replication, as it was set up.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationChannelStatus {
    /// The channel's name.
    pub name: Option<String>,
    /// How it reaches its sources.
    #[serde(flatten)]
    pub settings: ReplicationSettings,
}
