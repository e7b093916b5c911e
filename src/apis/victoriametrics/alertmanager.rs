//! VMAlertmanager.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvVar, PersistentVolumeClaim};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceSubresources,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::pod::{Lifecycle, PodAccess, PodSettings, ReplicaStatus, open_environment};
use super::service::DisruptionBudget;
use super::storage::{Storage, open_claims};

/// The alertmanagers that are wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMAlertmanager", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "VMAlertmanagerStatus", shortname = "vma")]
#[kube(doc = "A cluster of alertmanagers, which group alerts and notify people of them.")]
#[kube(printcolumn(name = "Version", type_ = "string", json_path = ".spec.version"))]
#[kube(printcolumn(name = "ReplicaCount", type_ = "integer", json_path = ".spec.ReplicaCount"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-required" = true))]
pub struct VMAlertmanagerSpec {
    /// The number of alertmanagers. They tell each other what was sent.
    #[schemars(range(min = 1))]
    pub replica_count: Option<i32>,
    /// The secret of the same namespace with the configuration, under the key alertmanager.yaml.
    pub config_secret: Option<String>,
    /// The configuration itself, for when there is no secret.
    pub config_raw_yaml: Option<String>,
    /// Whether all VMAlertmanagerConfigs are taken where both selectors are left out. Otherwise none is.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub select_all_by_default: Option<bool>,
    /// The VMAlertmanagerConfigs to add to the configuration.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub config_selector: Option<LabelSelector>,
    /// The namespaces of the VMAlertmanagerConfigs. Its own where only configSelector is given.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub config_namespace_selector: Option<LabelSelector>,
    /// Lets a VMAlertmanagerConfig handle alerts of other namespaces than its own.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub disable_namespace_matcher: Option<bool>,
    /// The time to keep silences and what was sent, such as 120h, which is the default.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub retention: Option<String>,
    /// Where silences and what was sent are kept. Gone with the pod where it is left out.
    pub storage: Option<Storage>,
    /// More claims for each pod.
    #[schemars(extend("x-since" = "0.27.2", "x-changes" = (open_claims())))]
    pub claim_templates: Option<Vec<PersistentVolumeClaim>>,
    /// The address under which people reach it, for links in notifications.
    #[serde(rename = "externalURL")]
    pub external_url: Option<String>,
    /// The path that all pages are under, for a proxy that rewrites paths.
    pub route_prefix: Option<String>,
    /// Serves its pages to its own pod only, for a proxy beside it.
    pub listen_local: Option<bool>,
    /// The name of the HTTP port. web where it is left out.
    pub port_name: Option<String>,
    /// More alertmanagers to form a cluster with, each as HOST:PORT.
    pub additional_peers: Option<Vec<String>>,
    /// The address that others of the cluster reach it at. It is needed where pods have public addresses.
    pub cluster_advertise_address: Option<String>,
    /// Leaves all that the operator made as it is, until this is false again.
    pub paused: Option<bool>,
    /// The form of log lines, such as logfmt or json.
    pub log_format: Option<String>,
    /// The least severity that is logged, such as debug or info.
    pub log_level: Option<String>,
    /// More flags of the process, by name without the dashes.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub extra_args: Option<BTreeMap<String, String>>,
    /// More environment variables of the main container.
    #[schemars(extend("x-since" = "0.24.0", "x-changes" = (open_environment())))]
    pub extra_envs: Option<Vec<EnvVar>>,
    /// The pods.
    #[serde(flatten)]
    pub pod: PodSettings,
    /// When the pods are ready.
    #[serde(flatten)]
    pub lifecycle: Lifecycle,
    /// Who the pods act as.
    #[serde(flatten)]
    pub access: PodAccess,
    /// How the pods change to a new version: OnDelete, by the operator, which is the default, or RollingUpdate.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub rolling_update_strategy: Option<String>,
    /// How many pods may be taken away at once on purpose.
    pub pod_disruption_budget: Option<DisruptionBudget>,
}

/// How the alertmanagers are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VMAlertmanagerStatus {
    /// Whether the operator leaves them alone.
    pub paused: bool,
    /// The pods.
    #[serde(flatten)]
    pub pods: ReplicaStatus,
}

/// Its status is not a subresource in any release.
pub(super) fn settle(crd: &mut CustomResourceDefinition, _: &Version) {
    for version in &mut crd.spec.versions {
        version.subresources = Some(CustomResourceSubresources::default());
    }
}
