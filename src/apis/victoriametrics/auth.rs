//! VMAuth.

mod ingress;

pub use ingress::{
    HttpPaths, Ingress, IngressBackend, IngressPath, IngressRule, IngressService, IngressTls, ResourceReference,
    ServicePort,
};

use k8s_openapi::api::core::v1::HostAlias;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;
use super::pod::{Lifecycle, PodAccess, PodSettings, Process};
use super::service::DisruptionBudget;

/// The proxy that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMAuth", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "A proxy before other components, which lets VMUsers in and sends their requests on.")]
#[serde(rename_all = "camelCase")]
pub struct VMAuthSpec {
    /// The number of proxies.
    pub replica_count: Option<i32>,
    /// Whether all VMUsers are taken where both selectors are left out. Otherwise none is.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub select_all_by_default: Option<bool>,
    /// The VMUsers to let in.
    pub user_selector: Option<LabelSelector>,
    /// The namespaces of the VMUsers. Its own where only userSelector is given.
    pub user_namespace_selector: Option<LabelSelector>,
    /// An ingress that leads to the proxy.
    pub ingress: Option<Ingress>,
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
    /// How many pods may be taken away at once on purpose.
    pub pod_disruption_budget: Option<DisruptionBudget>,
    /// Names of addresses, for the pods' hosts file.
    pub host_aliases: Option<Vec<HostAlias>>,
}
