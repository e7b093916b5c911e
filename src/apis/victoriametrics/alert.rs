//! VMAlert.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::SecretKeySelector;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::credentials::{BasicAuth, OAuth2, TlsConfig};
use super::loose;
use super::pod::{DeploymentUpdate, Lifecycle, PodAccess, PodSettings, Process, ReplicaStatus};
use super::scrape::NamespaceSelector;
use super::service::DisruptionBudget;

/// The evaluation that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMAlert", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "ReplicaStatus")]
#[kube(doc = "Evaluates alerting and recording rules on a storage and sends alerts to alertmanagers.")]
#[serde(rename_all = "camelCase")]
pub struct VMAlertSpec {
    /// The storage that rules ask.
    pub datasource: Datasource,
    /// An alertmanager to send alerts to. It goes to the end of notifiers.
    pub notifier: Option<Notifier>,
    /// The alertmanagers to send alerts to. One at least is needed here, in notifier or in notifierConfigRef.
    pub notifiers: Option<Vec<Notifier>>,
    /// The key of a secret with a configuration of alertmanagers, in place of notifier and notifiers.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub notifier_config_ref: Option<SecretKeySelector>,
    /// Where the state of alerts and the results of recording rules are written to.
    pub remote_write: Option<ResultWrite>,
    /// Where the state of alerts is read from after a restart. It is of use with remoteWrite only.
    pub remote_read: Option<StateRead>,
    /// The time between two evaluations, where a group does not say.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub evaluation_interval: Option<String>,
    /// Whether all VMRules are taken where both selectors are left out. Otherwise none is.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub select_all_by_default: Option<bool>,
    /// The VMRules to evaluate.
    pub rule_selector: Option<LabelSelector>,
    /// The namespaces of the VMRules. Its own where only ruleSelector is given.
    pub rule_namespace_selector: Option<LabelSelector>,
    /// More files with rules in the container; patterns with * are allowed.
    pub rule_path: Option<Vec<String>>,
    /// The label that is always set to the namespace of the VMRule, on alerts and recorded series.
    pub enforced_namespace_label: Option<String>,
    /// Labels to put on every alert and recorded series.
    pub external_labels: Option<BTreeMap<String, String>>,
    /// The number of pods. All evaluate everything; alertmanagers and storages have to deduplicate.
    pub replica_count: Option<i32>,
    /// The process.
    #[serde(flatten)]
    pub process: Process,
    /// The pods.
    #[serde(flatten)]
    pub pod: PodSettings,
    /// When the pods are ready.
    #[serde(flatten)]
    pub lifecycle: Lifecycle,
    /// Who the pods act as.
    #[serde(flatten)]
    pub access: PodAccess,
    /// How the deployment changes to a new version.
    #[serde(flatten)]
    pub update: DeploymentUpdate,
    /// How many pods may be taken away at once on purpose.
    pub pod_disruption_budget: Option<DisruptionBudget>,
}

/// The storage that rules ask.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Datasource {
    /// Its address, such as http://vmsingle-main:8429.
    pub url: String,
    /// More headers, each as NAME: VALUE.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub headers: Option<Vec<String>>,
    /// Login and encryption.
    #[serde(flatten)]
    pub auth: HttpAuth,
}

/// An alertmanager, by its address, or all that a selector finds.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notifier {
    /// Its address, such as http://alertmanager:9093.
    #[schemars(extend("x-required" = {"until": "0.24.0"}))]
    pub url: Option<String>,
    /// The VMAlertmanagers to send to, each of their pods.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub selector: Option<AlertmanagerSelector>,
    /// More headers, each as NAME: VALUE.
    #[schemars(extend("x-since" = "0.29.1"))]
    pub headers: Option<Vec<String>>,
    /// Login and encryption.
    #[serde(flatten)]
    pub auth: HttpAuth,
}

/// Chooses VMAlertmanagers.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerSelector {
    /// Their labels.
    pub label_selector: Option<LabelSelector>,
    /// Their namespaces.
    pub namespace_selector: Option<NamespaceSelector>,
}

/// Where the state of alerts and the results of recording rules are written to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResultWrite {
    /// The storage's address, such as http://vmsingle-main:8429.
    pub url: String,
    /// The number of writers at the same time. 1 where it is left out.
    pub concurrency: Option<i32>,
    /// The time between two writes. Five seconds where it is left out.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub flush_interval: Option<String>,
    /// The greatest number of series in one write. 1000 where it is left out.
    pub max_batch_size: Option<i32>,
    /// The greatest number of samples that wait. 100000 where it is left out.
    pub max_queue_size: Option<i32>,
    /// More headers, each as NAME: VALUE.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub headers: Option<Vec<String>>,
    /// Login and encryption.
    #[serde(flatten)]
    pub auth: HttpAuth,
}

/// Where the state of alerts is read from after a restart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateRead {
    /// The storage's address, such as http://vmsingle-main:8429.
    pub url: String,
    /// How far back to look for the state. One hour where it is left out.
    pub lookback: Option<String>,
    /// More headers, each as NAME: VALUE.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub headers: Option<Vec<String>>,
    /// Login and encryption.
    #[serde(flatten)]
    pub auth: HttpAuth,
}

/// Login at another server, and encryption.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HttpAuth {
    /// A name and a password.
    pub basic_auth: Option<BasicAuth>,
    /// The key of a secret that holds a bearer token.
    #[schemars(extend("x-since" = "0.29.1"))]
    pub bearer_token_secret: Option<SecretKeySelector>,
    /// A mounted file that holds a bearer token.
    #[schemars(extend("x-since" = "0.29.1"))]
    pub bearer_token_file_path: Option<String>,
    /// A token of an OAuth 2 server.
    #[serde(rename = "OAuth2")]
    #[schemars(extend("x-since" = "0.29.1", "x-changes" = (loose::always())))]
    pub oauth2: Option<OAuth2>,
    /// How the connection is encrypted.
    #[schemars(extend("x-changes" = (loose::since("0.29.1"))))]
    pub tls_config: Option<TlsConfig>,
}
