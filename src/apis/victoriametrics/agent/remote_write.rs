//! Where an agent sends its samples.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMapKeySelector, SecretKeySelector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::apis::victoriametrics::credentials::{BasicAuth, OAuth2, TlsConfig};
use crate::apis::victoriametrics::scrape::RelabelConfig;

/// A storage that samples are sent to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoteWrite {
    /// The address that takes them, such as http://vmsingle-main:8429/api/v1/write.
    pub url: String,
    /// A name and a password.
    pub basic_auth: Option<BasicAuth>,
    /// The key of a secret that holds a bearer token.
    pub bearer_token_secret: Option<SecretKeySelector>,
    /// A token of an OAuth 2 server.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub oauth2: Option<OAuth2>,
    /// How the connection is encrypted.
    pub tls_config: Option<TlsConfig>,
    /// More headers, each as NAME: VALUE.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub headers: Option<Vec<String>>,
    /// Changes to the labels of the samples for this storage.
    pub inline_url_relabel_config: Option<Vec<RelabelConfig>>,
    /// The key of a ConfigMap with such changes.
    pub url_relabel_config: Option<ConfigMapKeySelector>,
    /// The time after which sending a block is given up. One minute where it is left out.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub send_timeout: Option<String>,
}

/// Settings for sending, the same for all storages.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoteWriteSettings {
    /// The time between two sendings. One second where it is left out.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub flush_interval: Option<String>,
    /// Labels to put on every sample that is sent.
    pub label: Option<BTreeMap<String, String>>,
    /// The greatest size of a block in bytes, before compression.
    pub max_block_size: Option<i32>,
    /// The greatest size in bytes of the samples on disk that wait for one storage.
    #[serde(rename = "maxDiskUsagePerURL")]
    #[schemars(extend("x-changes" = [{"until": "0.29.1", "schema": {"format": "int32"}}]))]
    pub max_disk_usage_per_url: Option<i64>,
    /// The number of sendings at the same time for each storage.
    pub queues: Option<i32>,
    /// Shows the storages' addresses in the agent's metrics. They may hold passwords.
    #[serde(rename = "showURL")]
    pub show_url: Option<bool>,
    /// The folder for samples that wait.
    pub tmp_data_path: Option<String>,
    /// Takes samples of many tenants of a cluster and sends each to the same tenant.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub use_multi_tenant_mode: Option<bool>,
}
