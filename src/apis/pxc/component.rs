//! The parts of a cluster with their own pods: the database nodes, HAProxy and ProxySQL.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    LocalObjectReference, PodSecurityContext, Probe, ResourceRequirements, SecurityContext,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::replication::ReplicationChannel;
use crate::apis::percona::{Pod, VolumeSource};

/// The database nodes.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Nodes {
    /// What all components have.
    #[serde(flatten)]
    pub component: Component,
    /// Whether the operator brings the cluster back by itself when all nodes went down at once.
    pub auto_recovery: Option<bool>,
    /// A service for each node, so that it can be reached by itself.
    pub expose: Option<Expose>,
    /// Replication to or from other clusters.
    pub replication_channels: Option<Vec<ReplicationChannel>>,
}

/// HAProxy, which sends writes to one database node and reads to all.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HaProxy {
    /// What all components have.
    #[serde(flatten)]
    pub component: Component,
    /// Whether there is a second service, for reads only.
    pub replicas_service_enabled: Option<bool>,
    /// The address that a load balancer for reads is to have.
    #[serde(rename = "replicasLoadBalancerIP")]
    #[schemars(extend("x-since" = "1.12.0"))]
    pub replicas_load_balancer_ip: Option<String>,
    /// The address ranges that a load balancer for reads lets in.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub replicas_load_balancer_source_ranges: Option<Vec<String>>,
}

/// A part of a cluster that has pods of its own.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Whether it runs. The database nodes always do.
    pub enabled: Option<bool>,
    /// The number of pods.
    pub size: Option<i32>,
    /// The image of the main container.
    pub image: Option<String>,
    /// When to pull images: Always, IfNotPresent or Never.
    pub image_pull_policy: Option<String>,
    /// Secrets to pull images with.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// Its own configuration, in its own language: a my.cnf, haproxy.cfg or proxysql.cnf.
    pub configuration: Option<String>,
    /// A secret whose keys become environment variables of the main container.
    pub env_vars_secret: Option<String>,
    /// A script to run before the main container's own program.
    pub hook_script: Option<String>,
    /// The volume of each pod.
    pub volume_spec: Option<VolumeSource>,
    /// The secret with the certificates for connections from outside.
    pub ssl_secret_name: Option<String>,
    /// The secret with the certificates for connections between the pods.
    pub ssl_internal_secret_name: Option<String>,
    /// The secret with the access to Vault, for data that is encrypted at rest.
    pub vault_secret_name: Option<String>,
    /// Whether to start the cluster anew from its first node although others may have newer data.
    pub force_unsafe_bootstrap: Option<bool>,
    /// What the settings of a pod have that Percona's operators share.
    #[serde(flatten)]
    pub pod: Pod,
    /// The rights of the pods.
    pub pod_security_context: Option<PodSecurityContext>,
    /// The rights of the main container.
    pub container_security_context: Option<SecurityContext>,
    /// What each container that the operator puts beside the main one may use.
    pub sidecar_resources: Option<ResourceRequirements>,
    /// The scheduler that places the pods.
    pub scheduler_name: Option<String>,
    /// Seconds that a pod gets to stop before it is killed.
    pub grace_period: Option<i64>,
    /// When the main container can serve.
    pub readiness_probes: Option<Probe>,
    /// When the main container is to be restarted.
    pub liveness_probes: Option<Probe>,
    /// Seconds before the first check of readiness. Older than readinessProbes, which says more.
    pub readiness_delay_sec: Option<i32>,
    /// Seconds before the first check of liveness. Older than livenessProbes, which says more.
    pub liveness_delay_sec: Option<i32>,
    /// How it is reached.
    #[serde(flatten)]
    pub service: Service,
}

/// How a component is reached: its service, and a second one for reads where it has that.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The type of the service: ClusterIP, NodePort or LoadBalancer.
    pub service_type: Option<String>,
    /// Annotations of the service, which cloud providers read.
    pub service_annotations: Option<BTreeMap<String, String>>,
    /// Labels of the service.
    pub service_labels: Option<BTreeMap<String, String>>,
    /// Whether traffic from outside goes to any node (Cluster) or stays on the one it came to (Local).
    pub external_traffic_policy: Option<String>,
    /// The address that a load balancer is to have.
    #[serde(rename = "loadBalancerIP")]
    #[schemars(extend("x-since" = "1.12.0"))]
    pub load_balancer_ip: Option<String>,
    /// The address ranges that a load balancer lets in.
    pub load_balancer_source_ranges: Option<Vec<String>>,
    /// The type of the service for reads: ClusterIP, NodePort or LoadBalancer.
    pub replicas_service_type: Option<String>,
    /// Annotations of the service for reads.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub replicas_service_annotations: Option<BTreeMap<String, String>>,
    /// Labels of the service for reads.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub replicas_service_labels: Option<BTreeMap<String, String>>,
    /// Whether traffic from outside for reads goes to any node (Cluster) or stays on the one it came to (Local).
    pub replicas_external_traffic_policy: Option<String>,
}

/// A service for each database node.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Expose {
    /// Whether there are such services.
    pub enabled: Option<bool>,
    /// Their type: ClusterIP, NodePort or LoadBalancer.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Their annotations, which cloud providers read.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Whether traffic from outside goes to any node (Cluster) or stays on the one it came to (Local).
    pub traffic_policy: Option<String>,
    /// The address ranges that their load balancers let in.
    pub load_balancer_source_ranges: Option<Vec<String>>,
}
