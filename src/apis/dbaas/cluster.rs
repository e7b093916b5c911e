//! DatabaseCluster.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ResourceRequirements, SecurityContext};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Backup, BackupSource};

/// The database cluster that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "dbaas.percona.com", version = "v1", kind = "DatabaseCluster", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "A database cluster of any supported engine.", status = "DatabaseClusterStatus")]
#[kube(shortname = "db", shortname = "dbc")]
#[kube(printcolumn(name = "Size", type_ = "string", json_path = ".status.size"))]
#[kube(printcolumn(name = "Ready", type_ = "string", json_path = ".status.ready"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.status"))]
#[kube(printcolumn(name = "ENDPOINT", type_ = "string", json_path = ".status.host"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseClusterSpec {
    /// The engine: pxc for Percona XtraDB Cluster, psmdb for Percona Server for MongoDB.
    pub database_type: String,
    /// The image of the database, with its version.
    pub database_image: String,
    /// The engine's own configuration, in the engine's language: a my.cnf or a mongod.conf.
    pub database_config: String,
    /// The secret with the passwords of the system users. The engine's operator makes it where it is missing.
    pub secrets_name: Option<String>,
    /// Whether to stop the cluster and keep its volumes.
    pub pause: Option<bool>,
    /// The number of database nodes.
    pub cluster_size: i32,
    /// What each database node gets.
    pub db_instance: DbInstance,
    /// Watching the cluster with Percona Monitoring and Management.
    pub monitoring: Option<Monitoring>,
    /// The proxy or router before the database nodes.
    pub load_balancer: Option<LoadBalancer>,
    /// Taking backups, by schedule or on demand.
    pub backup: Option<Backup>,
    /// A backup to start the cluster from.
    #[schemars(extend("x-since" = "0.1.15"))]
    pub data_source: Option<BackupSource>,
}

/// What each database node gets.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DbInstance {
    /// Processors, such as 600m or 2.
    pub cpu: Option<Quantity>,
    /// Memory, such as 4Gi.
    pub memory: Option<Quantity>,
    /// The size of the data volume.
    pub disk_size: Option<Quantity>,
    /// The storage class of the data volume; the default class where it is left out.
    pub storage_class_name: Option<String>,
}

/// The monitoring agent beside each database node.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Monitoring {
    /// The connection to a server of Percona Monitoring and Management (PMM).
    pub pmm: Option<Pmm>,
    /// When to pull the agent's image: Always, IfNotPresent or Never.
    pub image_pull_policy: Option<String>,
    /// What the agent's container may use.
    pub resources: Option<ResourceRequirements>,
    /// The rights of the agent's container.
    pub container_security_context: Option<SecurityContext>,
    /// The runtime class of the agent's pod.
    pub runtime_class_name: Option<String>,
}

/// The connection to a server of Percona Monitoring and Management (PMM).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pmm {
    /// The image of the PMM client.
    pub image: Option<String>,
    /// The address of the PMM server.
    pub server_host: Option<String>,
    /// The user to report to the server as.
    pub server_user: Option<String>,
    /// The address under which users reach the PMM server.
    pub public_address: Option<String>,
    /// The login at the PMM server.
    pub login: Option<String>,
    /// The password of the login.
    pub password: Option<String>,
}

/// The proxy or router before the database nodes.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancer {
    /// Which one: haproxy or proxysql for pxc, mongos for psmdb.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// How the proxy's service is reached: ClusterIP, NodePort or LoadBalancer.
    pub expose_type: Option<String>,
    /// The proxy's image.
    pub image: Option<String>,
    /// The number of proxies.
    pub size: Option<i32>,
    /// The proxy's own configuration.
    pub configuration: Option<String>,
    /// Annotations of the proxy's service, which cloud providers read.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Whether traffic from outside goes to any node (Cluster) or stays on the one it came to (Local).
    pub traffic_policy: Option<String>,
    /// What each proxy may use.
    pub resources: Option<ResourceRequirements>,
    /// The address ranges that a load balancer lets in.
    pub load_balancer_source_ranges: Option<Vec<String>>,
}

/// How the cluster is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseClusterStatus {
    /// The state of the cluster, such as initializing, ready, paused or error.
    pub status: Option<String>,
    /// The address that applications connect to.
    pub host: Option<String>,
    /// The nodes and proxies that are ready.
    pub ready: Option<i32>,
    /// The nodes and proxies that there are.
    pub size: Option<i32>,
    /// Why the cluster is in this state.
    pub message: Option<String>,
}
