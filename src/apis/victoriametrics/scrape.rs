//! Common settings of all kinds of metrics collection.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::SecretKeySelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::credentials::{Authorization, BasicAuth, OAuth2, TlsConfig};
use super::loose;

/// How the metrics of a target are read.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScrapeSettings {
    /// The name of the port to read from. Static targets: the port where an address has none.
    pub port: Option<String>,
    /// The path of the metrics. /metrics where it is left out.
    pub path: Option<String>,
    /// http or https.
    pub scheme: Option<String>,
    /// Parameters of the request.
    pub params: Option<BTreeMap<String, Vec<String>>>,
    /// The time between two reads, such as 30s.
    pub interval: Option<String>,
    /// The same as interval, and stronger.
    #[serde(rename = "scrape_interval")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub scrape_interval: Option<String>,
    /// The time after which a read is given up.
    pub scrape_timeout: Option<String>,
    /// Keeps the target's own labels where they clash with those of discovery.
    pub honor_labels: Option<bool>,
    /// Keeps the times that the target gives its samples.
    pub honor_timestamps: Option<bool>,
    /// Whether redirects are followed.
    #[serde(rename = "follow_redirects")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub follow_redirects: Option<bool>,
    /// A proxy to read through.
    #[serde(rename = "proxyURL")]
    pub proxy_url: Option<String>,
    /// A name and a password for the target.
    pub basic_auth: Option<BasicAuth>,
    /// A header Authorization for the target.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub authorization: Option<Authorization>,
    /// The key of a secret that holds a bearer token for the target.
    #[schemars(extend("x-changes" = (nullable())))]
    pub bearer_token_secret: Option<SecretKeySelector>,
    /// A file of the agent that holds a bearer token for the target.
    pub bearer_token_file: Option<String>,
    /// A token of an OAuth 2 server for the target.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub oauth2: Option<OAuth2>,
    /// How the connection to the target is encrypted.
    pub tls_config: Option<TlsConfig>,
    /// Changes to a target's labels before it is read, or its removal.
    pub relabel_configs: Option<Vec<RelabelConfig>>,
    /// Changes to the labels of the samples, or their removal.
    pub metric_relabel_configs: Option<Vec<RelabelConfig>>,
    /// Settings that Prometheus does not have.
    #[serde(rename = "vm_scrape_params")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub vm_scrape_params: Option<ScrapeParams>,
}

fn nullable() -> Value {
    json!([{"since": loose::V1, "schema": {"nullable": true}}])
}

/// A port of a pod or service and how its metrics are read.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// How the metrics are read.
    #[serde(flatten)]
    pub settings: ScrapeSettings,
    /// The name or number of the container's port. Use port where the port has a name.
    pub target_port: Option<IntOrString>,
    /// The greatest number of samples that one read may give.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub sample_limit: Option<u64>,
    /// Labels that are made of what Kubernetes says of the target's surroundings.
    #[serde(rename = "attach_metadata")]
    #[schemars(extend("x-since" = "0.29.1"))]
    pub attach_metadata: Option<AttachMetadata>,
}

/// Labels that are made of what Kubernetes says of a target's surroundings.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttachMetadata {
    /// Adds the labels of the node that the pod runs on.
    pub node: Option<bool>,
}

/// Settings of a read that Prometheus does not have.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScrapeParams {
    /// Logs what relabelling does to the target.
    pub relabel_debug: Option<bool>,
    /// Logs what relabelling does to the samples.
    pub metric_relabel_debug: Option<bool>,
    /// Asks the target for an answer that is not compressed.
    pub disable_compression: Option<bool>,
    /// Opens a new connection for every read.
    pub disable_keep_alive: Option<bool>,
    /// Writes no staleness markers for series that end.
    #[schemars(extend("x-since" = "0.29.1"))]
    pub no_stale_markers: Option<bool>,
    /// Reads the answer piece by piece, which saves memory with very large ones.
    pub stream_parse: Option<bool>,
    /// Reads at full multiples of this time, such as 1h.
    pub scrape_align_interval: Option<String>,
    /// When to read within the interval. By chance where it is left out.
    pub scrape_offset: Option<String>,
    /// Login at the proxy that proxyURL names.
    pub proxy_client_config: Option<ProxyAuth>,
    /// More headers of the request, each as NAME: VALUE.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub headers: Option<Vec<String>>,
}

/// Login at a proxy.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyAuth {
    /// A name and a password.
    pub basic_auth: Option<BasicAuth>,
    /// The key of a secret that holds a bearer token.
    pub bearer_token: Option<SecretKeySelector>,
    /// A mounted file that holds a bearer token.
    pub bearer_token_file: Option<String>,
    /// How the connection to the proxy is encrypted.
    pub tls_config: Option<TlsConfig>,
}

/// One step of relabelling: labels are joined, matched, and a label is set or the whole thing dropped.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RelabelConfig {
    /// What to do, such as replace, keep, drop or labelmap. It is replace where it is left out.
    pub action: Option<String>,
    /// The labels whose values are joined.
    pub source_labels: Option<Vec<String>>,
    /// The same as sourceLabels, as Prometheus writes it, and weaker.
    #[serde(rename = "source_labels")]
    pub underscore_source_labels: Option<Vec<String>>,
    /// What stands between the joined values. A semicolon where it is left out.
    pub separator: Option<String>,
    /// What the joined value must match as a whole. Anything where it is left out.
    pub regex: Option<String>,
    /// The number to divide the hash of the joined value by, for hashmod.
    pub modulus: Option<u64>,
    /// The label to set.
    pub target_label: Option<String>,
    /// The same as targetLabel, as Prometheus writes it, and weaker.
    #[serde(rename = "target_label")]
    pub underscore_target_label: Option<String>,
    /// The new value, with $1 for the first group of regex. It is $1 where it is left out.
    pub replacement: Option<String>,
}

/// The namespaces in which to look.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceSelector {
    /// Looks in all of them.
    pub any: Option<bool>,
    /// Their names.
    pub match_names: Option<Vec<String>>,
}

/// The Kubernetes objects that targets are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DiscoveryRole {
    /// The addresses of the pods behind a service.
    Endpoints,
    /// The service itself.
    Service,
    /// The addresses of the pods behind a service, for large services.
    Endpointslices,
}
