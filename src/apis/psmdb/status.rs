//! The status of a PerconaServerMongoDB.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// How the cluster is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PerconaServerMongoDBStatus {
    /// The state of the cluster: initializing, ready, paused, stopping or error.
    pub state: Option<String>,
    /// Why the cluster is in this state.
    pub message: Option<String>,
    /// The changes of state, the newest last.
    pub conditions: Option<Vec<ClusterCondition>>,
    /// The address that applications connect to.
    pub host: Option<String>,
    /// The pods that are ready, of replica sets and mongos.
    pub ready: i32,
    /// The pods that there should be, of replica sets and mongos.
    pub size: i32,
    /// The generation of the resource that this status is about.
    pub observed_generation: Option<i64>,
    /// The replica sets by name.
    pub replsets: Option<BTreeMap<String, ReplicaSetStatus>>,
    /// The routers of a sharded cluster.
    pub mongos: Option<MongosStatus>,
    /// The image of the database that runs.
    pub mongo_image: Option<String>,
    /// The version of the database that runs.
    pub mongo_version: Option<String>,
    /// The state of the backup tool.
    pub backup: Option<String>,
    /// The version of the backup tool.
    pub backup_version: Option<String>,
    /// The state of the monitoring agent.
    pub pmm_status: Option<String>,
    /// The version of the monitoring agent.
    pub pmm_version: Option<String>,
}

/// A change of a cluster's state.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterCondition {
    /// The state that it is about.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether the cluster is in it: True, False or Unknown.
    pub status: String,
    /// When it last changed.
    pub last_transition_time: Option<Time>,
    /// Why, in a word.
    pub reason: Option<String>,
    /// Why, for people.
    pub message: Option<String>,
}

/// How a replica set is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaSetStatus {
    /// Its state: initializing, ready, paused, stopping or error.
    pub status: Option<String>,
    /// Why it is in this state.
    pub message: Option<String>,
    /// The members that are ready.
    pub ready: i32,
    /// The members that there should be.
    pub size: i32,
    /// Whether the members have been made one replica set.
    pub initialized: Option<bool>,
    /// Whether the cluster has it as a shard.
    #[serde(rename = "added_as_shard")]
    pub added_as_shard: Option<bool>,
    /// What it is for in a sharded cluster: shardsvr or configsvr.
    pub cluster_role: Option<String>,
    /// Its members.
    pub members: Option<Vec<MemberStatus>>,
}

/// A member of a replica set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberStatus {
    /// Its name.
    pub name: Option<String>,
    /// The version of the database that it runs.
    pub version: Option<String>,
}

/// How the routers are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MongosStatus {
    /// Their state: initializing, ready, paused, stopping or error.
    pub status: Option<String>,
    /// Why they are in this state.
    pub message: Option<String>,
    /// The routers that are ready.
    pub ready: isize,
    /// The routers that there should be.
    pub size: isize,
}
