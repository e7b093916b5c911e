//! VMProbe.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::SecretKeySelector;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;
use super::credentials::{Authorization, BasicAuth, OAuth2, TlsConfig};
use super::scrape::{NamespaceSelector, RelabelConfig, ScrapeParams};

/// The addresses, and what tries them.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMProbe", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "Addresses to try from outside with a prober such as the blackbox exporter.")]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-required" = true))]
pub struct VMProbeSpec {
    /// The prober.
    pub vm_prober_spec: Prober,
    /// The prober's module, which says how to try an address, such as http_2xx.
    pub module: Option<String>,
    /// The addresses.
    pub targets: Option<ProbeTargets>,
    /// The job's name.
    pub job_name: Option<String>,
    /// The time between two tries, such as 30s.
    pub interval: Option<String>,
    /// The same as interval, and stronger.
    #[serde(rename = "scrape_interval")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub scrape_interval: Option<String>,
    /// The time after which a try is given up.
    pub scrape_timeout: Option<String>,
    /// More parameters of the request to the prober.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub params: Option<BTreeMap<String, Vec<String>>>,
    /// Whether redirects of the prober are followed.
    #[serde(rename = "follow_redirects")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub follow_redirects: Option<bool>,
    /// The greatest number of samples that one try may give.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub sample_limit: Option<u64>,
    /// A name and a password for the prober.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub basic_auth: Option<BasicAuth>,
    /// A header Authorization for the prober.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub authorization: Option<Authorization>,
    /// The key of a secret that holds a bearer token for the prober.
    #[schemars(extend("x-since" = "0.24.0", "nullable" = true))]
    pub bearer_token_secret: Option<SecretKeySelector>,
    /// A file of the agent that holds a bearer token for the prober.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub bearer_token_file: Option<String>,
    /// A token of an OAuth 2 server for the prober.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub oauth2: Option<OAuth2>,
    /// How the connection to the prober is encrypted.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub tls_config: Option<TlsConfig>,
    /// Settings that Prometheus does not have.
    #[serde(rename = "vm_scrape_params")]
    #[schemars(extend("x-since" = "0.24.0"))]
    pub vm_scrape_params: Option<ScrapeParams>,
}

/// What tries the addresses.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Prober {
    /// Its address, such as blackbox-exporter:9115.
    pub url: String,
    /// http, which is the default, or https.
    pub scheme: Option<String>,
    /// The path of its results. /probe where it is left out.
    pub path: Option<String>,
}

/// The addresses to try.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProbeTargets {
    /// Fixed ones.
    pub static_config: Option<StaticTargets>,
    /// The hosts of ingresses.
    pub ingress: Option<IngressTargets>,
}

/// Fixed addresses to try.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaticTargets {
    /// The addresses.
    pub targets: Vec<String>,
    /// Labels to put on every result.
    pub labels: Option<BTreeMap<String, String>>,
    /// Changes to an address's labels before it is tried, or its removal.
    pub relabeling_configs: Option<Vec<RelabelConfig>>,
}

/// The hosts of ingresses, to be tried.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IngressTargets {
    /// The ingresses.
    pub selector: Option<LabelSelector>,
    /// The namespaces of the ingresses.
    pub namespace_selector: Option<NamespaceSelector>,
    /// Changes to a host's labels before it is tried, or its removal.
    pub relabeling_configs: Option<Vec<RelabelConfig>>,
}
