//! Replica sets: members that hold the same data.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ExecAction, GRPCAction, HTTPGetAction, PodSecurityContext, Probe, SecurityContext, TCPSocketAction,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::mongod::Storage;
use super::volume::VolumeSource;
use crate::apis::percona::{Pod, ports_with_protocol};

/// A replica set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-changes" = (ports_with_protocol("1.13.0"))))]
pub struct ReplicaSet {
    /// Its name.
    pub name: Option<String>,
    /// The number of members with data and a vote.
    pub size: i32,
    /// How the members run.
    #[serde(flatten)]
    pub member: Member,
    /// The volume of each member.
    pub volume_spec: Option<VolumeSource>,
    /// How the members store data, from the time before configuration.
    pub storage: Option<Storage>,
    /// What it is for in a sharded cluster: shardsvr or configsvr. The operator knows by itself.
    pub cluster_role: Option<String>,
    /// A service for each member, so that it can be reached from outside.
    pub expose: Option<Expose>,
    /// Members with a vote and no data, for an odd number of votes at less cost.
    pub arbiter: Option<Arbiter>,
    /// Members with data and no vote, for more reads.
    pub nonvoting: Option<NonVoting>,
    /// Members that run elsewhere.
    pub external_nodes: Option<Vec<ExternalNode>>,
}

/// Members with a vote and no data.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-changes" = (ports_with_protocol("1.13.0"))))]
pub struct Arbiter {
    /// Whether there are any.
    pub enabled: bool,
    /// Their number.
    pub size: i32,
    /// What the settings of a pod have that Percona's operators share.
    #[serde(flatten)]
    pub pod: Pod,
}

/// Members with data and no vote.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-changes" = (ports_with_protocol("1.13.0"))))]
pub struct NonVoting {
    /// Whether there are any.
    pub enabled: bool,
    /// Their number.
    pub size: i32,
    /// How they run.
    #[serde(flatten)]
    pub member: Member,
    /// The volume of each.
    pub volume_spec: Option<VolumeSource>,
}

/// How the processes of MongoDB run, those with data and mongos.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// MongoDB's own configuration, as its configuration file has it.
    pub configuration: Option<String>,
    /// What the settings of a pod have that Percona's operators share.
    #[serde(flatten)]
    pub pod: Pod,
    /// The rights of the pods.
    pub pod_security_context: Option<PodSecurityContext>,
    /// The rights of the main container.
    pub container_security_context: Option<SecurityContext>,
    /// When the main container can serve.
    pub readiness_probe: Option<Probe>,
    /// When the main container is to be restarted.
    pub liveness_probe: Option<LivenessProbe>,
}

/// When a container is to be restarted. Without a check of one's own the operator's is done.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LivenessProbe {
    /// Seconds that MongoDB may take to start before it counts as failed; 7200 for members with data and 10 for mongos
    /// where it is left out.
    pub startup_delay_seconds: Option<isize>,
    /// Seconds after the container's start before the first check.
    pub initial_delay_seconds: Option<i32>,
    /// Seconds between two checks.
    pub period_seconds: Option<i32>,
    /// Seconds after which a check without an answer has failed.
    pub timeout_seconds: Option<i32>,
    /// How many checks in a row must fail for a restart.
    pub failure_threshold: Option<i32>,
    /// How many checks in a row must succeed after one that failed.
    pub success_threshold: Option<i32>,
    /// Seconds that the container gets to stop before it is killed for a restart.
    pub termination_grace_period_seconds: Option<i64>,
    /// A check by a command in the container, which is to end with 0.
    pub exec: Option<ExecAction>,
    /// A check by a call of gRPC's health service.
    pub grpc: Option<GRPCAction>,
    /// A check by an HTTP request.
    pub http_get: Option<HTTPGetAction>,
    /// A check by a connection to a port.
    pub tcp_socket: Option<TCPSocketAction>,
}

/// A service for each member of a replica set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Expose {
    /// Whether there are such services.
    pub enabled: bool,
    /// What they are like.
    #[serde(flatten)]
    pub service: Service,
}

/// What a service is like.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its type: ClusterIP, NodePort or LoadBalancer.
    pub expose_type: Option<String>,
    /// The address ranges that its load balancer lets in.
    pub load_balancer_source_ranges: Option<Vec<String>>,
    /// Its annotations, which cloud providers read.
    pub service_annotations: Option<BTreeMap<String, String>>,
    /// Its labels.
    #[schemars(extend("x-since" = "1.13.0"))]
    pub service_labels: Option<BTreeMap<String, String>>,
}

/// A member that runs elsewhere, such as one of another Kubernetes cluster.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalNode {
    /// Its address.
    pub host: String,
    /// Its port; 27017 where it is left out.
    pub port: Option<isize>,
    /// How it is preferred as the primary; 0 for never.
    pub priority: isize,
    /// Its votes: 0 or 1.
    pub votes: isize,
}
