//! PerconaXtraDBCluster.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::PerconaXtraDBClusterStatus;
use super::agents::{LogCollector, Pmm};
use super::backups::Backups;
use super::component::{Component, HaProxy, Nodes};
use crate::apis::percona::{UpgradeOptions, ports_with_protocol};

/// The cluster that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "pxc.percona.com", version = "v1", kind = "PerconaXtraDBCluster", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "A Percona XtraDB Cluster: MySQL nodes that hold the same data.", status = "PerconaXtraDBClusterStatus")]
#[kube(plural = "perconaxtradbclusters", shortname = "pxc", shortname = "pxcs")]
#[kube(printcolumn(name = "Endpoint", type_ = "string", json_path = ".status.host"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.state"))]
#[kube(printcolumn(name = "PXC", type_ = "string", json_path = ".status.pxc.ready"))]
#[kube(printcolumn(name = "proxysql", type_ = "string", json_path = ".status.proxysql.ready"))]
#[kube(printcolumn(name = "haproxy", type_ = "string", json_path = ".status.haproxy.ready"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct PerconaXtraDBClusterSpec {
    /// The release of the operator whose ways the cluster follows. Raising it is a step of an upgrade.
    pub cr_version: Option<String>,
    /// Whether to stop the cluster and keep its volumes.
    pub pause: Option<bool>,
    /// The database nodes.
    #[schemars(extend("x-changes" = (ports_with_protocol("1.12.0"))))]
    pub pxc: Option<Nodes>,
    /// HAProxy before the nodes. Only one of the proxies may be enabled.
    #[schemars(extend("x-changes" = (ports_with_protocol("1.12.0"))))]
    pub haproxy: Option<HaProxy>,
    /// ProxySQL before the nodes. Only one of the proxies may be enabled.
    #[schemars(extend("x-changes" = (ports_with_protocol("1.12.0"))))]
    pub proxysql: Option<Component>,
    /// Gathering the logs of the database nodes.
    #[serde(rename = "logcollector")]
    pub log_collector: Option<LogCollector>,
    /// Watching the cluster with Percona Monitoring and Management.
    pub pmm: Option<Pmm>,
    /// Taking backups.
    pub backup: Option<Backups>,
    /// Whether sizes are allowed that risk the data: fewer than three nodes, an even number, or a single proxy.
    pub allow_unsafe_configurations: Option<bool>,
    /// Whether the operator checks the resource when it is written, by a webhook.
    #[serde(rename = "enableCRValidationWebhook")]
    pub enable_cr_validation_webhook: Option<bool>,
    /// How pods are replaced: SmartUpdate in the order that is best for the cluster, RollingUpdate in turn, OnDelete
    /// when someone deletes them.
    pub update_strategy: Option<String>,
    /// How the database is kept up to date.
    pub upgrade_options: Option<UpgradeOptions>,
    /// The secret with the passwords of the system users; NAME-secrets where it is left out. The operator makes it
    /// where it is missing.
    pub secrets_name: Option<String>,
    /// The secret with the certificates for connections from outside; NAME-ssl where it is left out.
    pub ssl_secret_name: Option<String>,
    /// The secret with the certificates for connections between the nodes; NAME-ssl-internal where it is left out.
    pub ssl_internal_secret_name: Option<String>,
    /// The secret with the access to Vault, for data that is encrypted at rest; NAME-vault where it is left out.
    pub vault_secret_name: Option<String>,
    /// The secret with environment variables for the log collector; NAME-log-collector where it is left out.
    pub log_collector_secret_name: Option<String>,
    /// The certificates that the operator has made.
    pub tls: Option<Tls>,
    /// The image whose scripts start the database; the operator's own where it is left out.
    pub init_image: Option<String>,
    /// What the cluster runs on: kubernetes or openshift. The operator finds out by itself.
    pub platform: Option<String>,
    /// Annotations of services that the operator leaves as others set them.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub ignore_annotations: Option<Vec<String>>,
    /// Labels of services that the operator leaves as others set them.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub ignore_labels: Option<Vec<String>>,
}

/// The certificates that the operator has made.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// More host names that the certificates are for.
    #[serde(rename = "SANs")]
    pub sans: Option<Vec<String>>,
    /// The issuer of cert-manager that signs them. The operator makes one of its own where it is left out.
    pub issuer_conf: Option<Issuer>,
}

/// An issuer of cert-manager.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Issuer {
    /// The issuer's name.
    pub name: String,
    /// The issuer's kind: Issuer or ClusterIssuer.
    pub kind: Option<String>,
    /// The group of the issuer's kind; cert-manager.io where it is left out.
    pub group: Option<String>,
}
