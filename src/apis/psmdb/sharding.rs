//! The distribution of data over several replica sets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::mongod::AuditLog;
use super::replset::{Member, ReplicaSet, Service};
use crate::apis::percona::ports_with_protocol;

/// Spreading the data over the replica sets, which are shards then.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sharding {
    /// Whether the cluster is sharded.
    pub enabled: bool,
    /// The replica set that knows which data is where.
    pub configsvr_repl_set: Option<ReplicaSet>,
    /// The routers that applications connect to.
    pub mongos: Option<Mongos>,
}

/// The routers of a sharded cluster.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-changes" = (ports_with_protocol("1.13.0"))))]
pub struct Mongos {
    /// The number of routers.
    pub size: Option<i32>,
    /// How they run.
    #[serde(flatten)]
    pub member: Member,
    /// The port that they listen on; 27017 where it is left out.
    pub port: Option<i32>,
    /// The port of the node that leads to a router on it.
    pub host_port: Option<i32>,
    /// Parameters of mongos, from the time before configuration.
    pub set_parameter: Option<MongosParameters>,
    /// Writing down what users do, from the time before configuration.
    pub audit_log: Option<AuditLog>,
    /// The service of the routers.
    pub expose: Option<MongosExpose>,
}

/// Parameters of mongos.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MongosParameters {
    /// Milliseconds after which a cursor that nobody reads is closed.
    pub cursor_timeout_millis: Option<isize>,
}

/// The service of the routers.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MongosExpose {
    /// Whether each router has a service of its own, in place of one for all.
    pub service_per_pod: Option<bool>,
    /// What it is like.
    #[serde(flatten)]
    pub service: Service,
}
