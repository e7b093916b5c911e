//! VMAgent.

mod remote_write;
mod selection;

pub use remote_write::{RemoteWrite, RemoteWriteSettings};
pub use selection::{FileAccess, ScrapeSelection};

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMapKeySelector, HostAlias, PersistentVolumeClaim, SecretKeySelector};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::credentials::{Authorization, BasicAuth, TlsConfig};
use super::pod::{DeploymentUpdate, Lifecycle, PodAccess, PodSettings, Process, ReplicaStatus};
use super::scrape::RelabelConfig;
use super::service::DisruptionBudget;
use super::storage::{Storage, open_claims};

/// The agent that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMAgent", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "ReplicaStatus")]
#[kube(doc = "Agents that collect metrics from targets, or take those that are sent, and pass them on to storages.")]
#[serde(rename_all = "camelCase")]
pub struct VMAgentSpec {
    /// The storages that samples are sent to. Each gets all of them.
    pub remote_write: Option<Vec<RemoteWrite>>,
    /// Settings for sending, the same for all storages.
    pub remote_write_settings: Option<RemoteWriteSettings>,
    /// The number of agents, or of agents a shard. More than one send everything as often: use deduplication.
    pub replica_count: Option<i32>,
    /// The number of parts that the targets are divided into, each read by agents of its own.
    pub shard_count: Option<isize>,
    /// The agent's process.
    #[serde(flatten)]
    pub process: Process,
    /// Ports that take samples in other protocols.
    pub insert_ports: Option<InsertPorts>,
    /// What is collected.
    #[serde(flatten)]
    pub selection: ScrapeSelection,
    /// The time between two reads of a target, where the target does not say.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub scrape_interval: Option<String>,
    /// The least time between two reads. A target that says less gets this.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub min_scrape_interval: Option<String>,
    /// The greatest time between two reads. A target that says more gets this.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub max_scrape_interval: Option<String>,
    /// The key of a secret with more scrape configurations, as Prometheus has them.
    pub additional_scrape_configs: Option<SecretKeySelector>,
    /// More scrape configurations, as Prometheus has them. Nothing checks them.
    pub inline_scrape_config: Option<String>,
    /// Labels to put on every sample that is collected, not on those that are sent to the agent.
    pub external_labels: Option<BTreeMap<String, String>>,
    /// The label that holds the agent's name. prometheus where it is left out; none where it is empty.
    pub vm_agent_external_label_name: Option<String>,
    /// Changes to the labels of all samples before they are sent.
    pub inline_relabel_config: Option<Vec<RelabelConfig>>,
    /// The key of a ConfigMap with such changes.
    pub relabel_config: Option<ConfigMapKeySelector>,
    /// How to reach the Kubernetes API where targets are looked for. The pod's own access where it is left out.
    #[serde(rename = "aPIServerConfig")]
    pub api_server_config: Option<ApiServer>,
    /// Makes it a stateful set, so that samples that wait to be sent outlive their pod.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub stateful_mode: Option<bool>,
    /// Where a stateful agent keeps the samples that wait.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub stateful_storage: Option<Storage>,
    /// How a stateful agent changes to a new version: OnDelete, by the operator, or RollingUpdate, by Kubernetes.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub stateful_rolling_update_strategy: Option<String>,
    /// More claims for each pod of a stateful agent.
    #[schemars(extend("x-since" = "0.27.2", "x-changes" = (open_claims())))]
    pub claim_templates: Option<Vec<PersistentVolumeClaim>>,
    /// The pods.
    #[serde(flatten)]
    pub pod: PodSettings,
    /// When the pods are ready.
    #[serde(flatten)]
    pub lifecycle: Lifecycle,
    /// Who the pods act as.
    #[serde(flatten)]
    pub access: PodAccess,
    /// How a deployment changes to a new version.
    #[serde(flatten)]
    pub update: DeploymentUpdate,
    /// How many pods may be taken away at once on purpose.
    pub pod_disruption_budget: Option<DisruptionBudget>,
    /// Names of addresses, for the pods' hosts file.
    #[serde(rename = "host_aliases")]
    pub host_aliases: Option<Vec<HostAlias>>,
}

/// Ports that take samples in other protocols. One that is left out is closed.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InsertPorts {
    /// Graphite, over TCP and UDP.
    pub graphite_port: Option<String>,
    /// InfluxDB's line protocol, over TCP and UDP.
    pub influx_port: Option<String>,
    /// OpenTSDB over HTTP.
    #[serde(rename = "openTSDBHTTPPort")]
    pub open_tsdb_http_port: Option<String>,
    /// OpenTSDB over TCP and UDP.
    #[serde(rename = "openTSDBPort")]
    pub open_tsdb_port: Option<String>,
}

/// How to reach the Kubernetes API where targets are looked for.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiServer {
    /// Its name or address, with a port where it is not the usual one.
    pub host: String,
    /// A name and a password.
    pub basic_auth: Option<BasicAuth>,
    /// A header Authorization.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub authorization: Option<Authorization>,
    /// A bearer token, for all to read. bearerTokenFile is safer.
    pub bearer_token: Option<String>,
    /// A mounted file that holds a bearer token.
    pub bearer_token_file: Option<String>,
    /// How the connection is encrypted.
    pub tls_config: Option<TlsConfig>,
}
