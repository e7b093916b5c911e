//! Settings of pods that the workloads share.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::RollingUpdateDeployment;
use k8s_openapi::api::core::v1::{
    Affinity, Container, EnvVar, LocalObjectReference, PodDNSConfig, PodReadinessGate, PodSecurityContext, Probe,
    ResourceRequirements, Toleration, TopologySpreadConstraint, Volume, VolumeMount,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::loose;
use super::service::{EmbeddedMetadata, EmbeddedServiceScrape, ServiceTemplate};

/// Settings of a pod and its containers, the same for all workloads.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodSettings {
    /// The image of the main container. The operator's own choice where it is left out.
    pub image: Option<Image>,
    /// Labels and annotations that each pod gets besides the operator's.
    pub pod_metadata: Option<EmbeddedMetadata>,
    /// CPU and memory of the main container. The operator has defaults for each workload.
    pub resources: Option<ResourceRequirements>,
    /// ConfigMaps of the same namespace to mount, each at /etc/vm/configs/NAME.
    pub config_maps: Option<Vec<String>>,
    /// Secrets of the same namespace to mount, each at /etc/vm/secrets/NAME.
    pub secrets: Option<Vec<String>>,
    /// More volumes of the pod.
    #[schemars(extend("x-changes" = (loose::items())))]
    pub volumes: Option<Vec<Volume>>,
    /// More mounts of the main container.
    pub volume_mounts: Option<Vec<VolumeMount>>,
    /// More containers of the pod. One that is named as a container of the operator's is merged into that.
    #[schemars(extend("x-changes" = (loose::items())))]
    pub containers: Option<Vec<Container>>,
    /// Containers that run to their end before the others start. If one fails, the pod starts anew.
    #[schemars(extend("x-changes" = (loose::items())))]
    pub init_containers: Option<Vec<Container>>,
    /// Rules for where the pods run: by node, or near to or far from other pods.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub affinity: Option<Affinity>,
    /// Taints of nodes that the pods may run on all the same.
    pub tolerations: Option<Vec<Toleration>>,
    /// Labels of the nodes that the pods may run on.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// How evenly the pods are spread over zones, nodes or other domains.
    #[schemars(extend("x-changes" = (loose::items())))]
    pub topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,
    /// The scheduler that places the pods.
    pub scheduler_name: Option<String>,
    /// The priority class of the pods.
    pub priority_class_name: Option<String>,
    /// The runtime class of the pods.
    pub runtime_class_name: Option<String>,
    /// The rights of the pod: users, groups, SELinux and seccomp.
    #[schemars(extend("x-changes" = (loose::since(loose::V1))))]
    pub security_context: Option<PodSecurityContext>,
    /// Whether the pods use the network of their node.
    pub host_network: Option<bool>,
    /// Whether names are resolved by the cluster's or the node's DNS.
    pub dns_policy: Option<String>,
    /// DNS servers and options beside those that dnsPolicy gives.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub dns_config: Option<PodDNSConfig>,
    /// When the container is to be restarted. The operator has a default.
    #[schemars(extend("x-changes" = (loose::since(loose::V1))))]
    pub liveness_probe: Option<Probe>,
    /// Conditions that must be true, besides ready containers, before a pod counts as ready.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub readiness_gates: Option<Vec<PodReadinessGate>>,
    /// One more service for the workload, or changes to the operator's own.
    pub service_spec: Option<ServiceTemplate>,
    /// Changes to the VMServiceScrape that the operator makes for the workload's own metrics.
    #[schemars(extend("x-since" = "0.24.0", "x-changes" = (loose::always())))]
    pub service_scrape_spec: Option<EmbeddedServiceScrape>,
}

/// When the pods are ready and how long they may take to stop.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lifecycle {
    /// When the container can serve. The operator has a default.
    #[schemars(extend("x-changes" = (loose::since(loose::V1))))]
    pub readiness_probe: Option<Probe>,
    /// When the container has started; the other probes wait for it.
    #[schemars(extend("x-changes" = (loose::since(loose::V1))))]
    pub startup_probe: Option<Probe>,
    /// Seconds that the pod gets to stop before it is killed.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub termination_grace_period_seconds: Option<i64>,
}

/// The main process of a pod.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// The port for HTTP. Each component has its own default.
    pub port: Option<String>,
    /// The form of log lines.
    pub log_format: Option<LogFormat>,
    /// The least severity that is logged.
    pub log_level: Option<LogLevel>,
    /// More flags of the process, by name without the dashes.
    pub extra_args: Option<BTreeMap<String, String>>,
    /// More environment variables of the main container.
    #[schemars(extend("x-changes" = (open_environment())))]
    pub extra_envs: Option<Vec<EnvVar>>,
}

/// Environment variables without a schema for the sources of their values, as in the releases since 0.24.0.
pub(super) fn open_environment() -> Value {
    let open = json!({"properties": {"valueFrom": null}, "x-kubernetes-preserve-unknown-fields": true});
    json!([{"since": loose::V1, "schema": {"items": open}}])
}

/// Who the pods act as.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodAccess {
    /// The service account of the pods. The operator makes one where it is left out.
    pub service_account_name: Option<String>,
    /// Secrets of the same namespace to pull images with.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// The PodSecurityPolicy of the pods, on clusters that still have these.
    pub pod_security_policy_name: Option<String>,
}

/// How a deployment changes to a new version.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentUpdate {
    /// Whether the deployment replaces its pods in turn or all at once.
    pub update_strategy: Option<UpdateStrategy>,
    /// How many pods may be missing or in excess while they are replaced in turn.
    pub rolling_update: Option<RollingUpdateDeployment>,
}

/// Whether a deployment replaces its pods in turn or all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UpdateStrategy {
    /// All old pods stop before new ones start.
    Recreate,
    /// Some pods at a time are replaced.
    RollingUpdate,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Plain text.
    Default,
    /// One JSON object a line.
    Json,
}

/// The least severity that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// Everything.
    Info,
    /// Warnings and worse.
    Warn,
    /// Errors and worse.
    Error,
    /// What makes the process stop, and panics.
    Fatal,
    /// Only panics.
    Panic,
}

/// An image.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The name of the image, with its registry.
    pub repository: Option<String>,
    /// The tag of the image.
    pub tag: Option<String>,
    /// When to pull it: Always, IfNotPresent or Never.
    pub pull_policy: Option<String>,
}

/// How a deployment's pods are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaStatus {
    /// Pods that have not ended.
    pub replicas: i32,
    /// Pods of the newest version.
    pub updated_replicas: i32,
    /// Pods that are ready.
    pub available_replicas: i32,
    /// Pods that are missing or not ready.
    pub unavailable_replicas: i32,
}
