//! PerconaServerMongoDB.

use k8s_openapi::api::core::v1::{LocalObjectReference, ResourceRequirements, SecurityContext};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::PerconaServerMongoDBStatus;
use super::backups::Backups;
use super::mongod::Mongod;
use super::replset::ReplicaSet;
use super::sharding::Sharding;
use crate::apis::percona;

/// The cluster that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "psmdb.percona.com", version = "v1", kind = "PerconaServerMongoDB", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "A cluster of Percona Server for MongoDB.", status = "PerconaServerMongoDBStatus")]
#[kube(plural = "perconaservermongodbs", shortname = "psmdb")]
#[kube(printcolumn(name = "ENDPOINT", type_ = "string", json_path = ".status.host"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct PerconaServerMongoDBSpec {
    /// The release of the operator whose ways the cluster follows. Raising it is a step of an upgrade.
    pub cr_version: Option<String>,
    /// Whether to stop the cluster and keep its volumes.
    pub pause: Option<bool>,
    /// Whether the cluster is the part of another one at a further site: its members run here, and the operator of the
    /// main site has them in its replica sets. Such a cluster takes no backups and no SmartUpdate.
    pub unmanaged: Option<bool>,
    /// The image of the database.
    #[schemars(extend("x-required" = {"since": "1.14.0"}))]
    pub image: String,
    /// When to pull images: Always, IfNotPresent or Never.
    pub image_pull_policy: Option<String>,
    /// Secrets to pull images with.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// The image whose scripts start the database; the operator's own where it is left out.
    pub init_image: Option<String>,
    /// The rights of the container that prepares the start of the database.
    #[schemars(extend("x-since" = "1.14.0"))]
    pub init_container_security_context: Option<SecurityContext>,
    /// The replica sets. Without sharding there is one, with it each is a shard.
    pub replsets: Option<Vec<ReplicaSet>>,
    /// Spreading the data over the replica sets.
    pub sharding: Option<Sharding>,
    /// Settings of all mongod, for clusters with a crVersion below 1.12.0. Later ones have them in each replica set's
    /// configuration.
    pub mongod: Option<Mongod>,
    /// Taking backups.
    pub backup: Option<Backups>,
    /// Watching the cluster with Percona Monitoring and Management.
    pub pmm: Option<Pmm>,
    /// Whether settings are allowed that risk the data: too few members, an even number of them, or no TLS.
    pub allow_unsafe_configurations: Option<bool>,
    /// How pods are replaced: SmartUpdate in the order that is best for the cluster, RollingUpdate in turn, OnDelete
    /// when someone deletes them.
    pub update_strategy: Option<String>,
    /// How the database is kept up to date.
    pub upgrade_options: Option<UpgradeOptions>,
    /// The secrets that the cluster uses.
    pub secrets: Option<Secrets>,
    /// The certificates that the operator has made.
    pub tls: Option<Tls>,
    /// Services that reach over several Kubernetes clusters.
    pub multi_cluster: Option<MultiCluster>,
    /// How members of a replica set reach each other: Internal by names that only this Kubernetes cluster knows,
    /// External by the addresses of exposed ones, ServiceMesh by the names of a service for each; Internal where it is
    /// left out. Before 1.14.0, Internal is External for a replica set that is exposed.
    #[serde(rename = "clusterServiceDNSMode")]
    pub cluster_service_dns_mode: Option<String>,
    /// What the names of services end in; svc.cluster.local where it is left out.
    #[serde(rename = "clusterServiceDNSSuffix")]
    pub cluster_service_dns_suffix: Option<String>,
    /// The scheduler that places the pods.
    pub scheduler_name: Option<String>,
    /// What the cluster runs on: kubernetes or openshift. The operator finds out by itself.
    pub platform: Option<String>,
    /// The user id that containers run as, where no rights of their own say another; 1001 where it is left out, but for
    /// OpenShift, which chooses one.
    #[schemars(extend("x-until" = "1.13.0"))]
    pub run_uid: Option<i64>,
    /// Annotations of services that the operator leaves as others set them.
    #[schemars(extend("x-since" = "1.14.0"))]
    pub ignore_annotations: Option<Vec<String>>,
    /// Labels of services that the operator leaves as others set them.
    #[schemars(extend("x-since" = "1.14.0"))]
    pub ignore_labels: Option<Vec<String>>,
}

/// How the database is kept up to date.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeOptions {
    /// What Percona's operators share.
    #[serde(flatten)]
    pub shared: percona::UpgradeOptions,
    /// Whether to raise the feature compatibility version after a change to a new major version. There is no way back
    /// from it.
    #[serde(rename = "setFCV")]
    pub set_fcv: Option<bool>,
}

/// The names of the secrets that a cluster uses. The operator makes those that are missing, but for Vault's.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Secrets {
    /// The names and passwords of the system users; percona-server-mongodb-users where it is left out.
    pub users: Option<String>,
    /// The key by which the data is encrypted at rest; NAME-mongodb-encryption-key where it is left out.
    pub encryption_key: Option<String>,
    /// The certificates for connections from outside; NAME-ssl where it is left out.
    pub ssl: Option<String>,
    /// The certificates for connections between the members; NAME-ssl-internal where it is left out.
    pub ssl_internal: Option<String>,
    /// The access to Vault, where that keeps the key by which the data is encrypted at rest.
    #[schemars(extend("x-since" = "1.13.0"))]
    pub vault: Option<String>,
}

/// The certificates that the operator has made.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// How long they are valid; 2160h, which is 90 days, where it is left out.
    pub cert_validity_duration: Option<String>,
}

/// Services that reach over several Kubernetes clusters, by Kubernetes' multi-cluster services API.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MultiCluster {
    /// Whether there are such services.
    pub enabled: bool,
    /// What the names of such services end in; svc.clusterset.local where it is left out.
    #[serde(rename = "DNSSuffix")]
    pub dns_suffix: Option<String>,
}

/// The container that reports to a server of Percona Monitoring and Management (PMM).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pmm {
    /// Whether it runs.
    pub enabled: Option<bool>,
    /// Its image.
    #[schemars(extend("x-required" = {"since": "1.14.0"}))]
    pub image: String,
    /// The address of the PMM server.
    pub server_host: Option<String>,
    /// More arguments for adding a member of a replica set: those of pmm-admin add mongodb.
    pub mongod_params: Option<String>,
    /// More arguments for adding a mongos: those of pmm-admin add mongodb.
    pub mongos_params: Option<String>,
    /// What it may use.
    pub resources: Option<ResourceRequirements>,
}
