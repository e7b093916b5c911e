//! Settings around the pods: services, disruption budgets, autoscaling.

use std::collections::BTreeMap;

use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscalerBehavior, MetricSpec};
use k8s_openapi::api::core::v1::ServiceSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::loose;
use super::scrape::{DiscoveryRole, Endpoint, NamespaceSelector};

/// A service for a workload.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceTemplate {
    /// The name, labels and annotations of the service. Under the operator's own name it changes the operator's service.
    pub metadata: Option<EmbeddedMetadata>,
    /// The service, as Kubernetes has it.
    #[schemars(extend("x-changes" = (open_service())))]
    pub spec: ServiceSpec,
}

/// 0.16.0 has no lists in a service, not even its ports; since then it is open.
fn open_service() -> Value {
    let lists = json!({"clusterIPs": null, "ipFamilies": null, "ports": null});
    let mut changes = loose::since(loose::V1);
    if let Some(changes) = changes.as_array_mut() {
        let old = json!({"properties": lists, "x-kubernetes-preserve-unknown-fields": true});
        changes.push(json!({"until": loose::V1, "schema": old}));
    }
    changes
}

/// Name, labels and annotations of an object that the operator makes.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmbeddedMetadata {
    /// Its name, where it can have one of its own.
    pub name: Option<String>,
    /// Its labels.
    pub labels: Option<BTreeMap<String, String>>,
    /// Its annotations.
    pub annotations: Option<BTreeMap<String, String>>,
}

/// How many pods may be taken away at once on purpose, as when a node is drained.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisruptionBudget {
    /// The number or percentage of pods that must stay. Not together with maxUnavailable.
    pub min_available: Option<IntOrString>,
    /// The number or percentage of pods that may be missing. Not together with minAvailable.
    pub max_unavailable: Option<IntOrString>,
    /// Labels of the pods that count, in place of those that the operator chooses by.
    #[schemars(extend("x-since" = "0.29.1"))]
    pub selector_labels: Option<BTreeMap<String, String>>,
}

/// The changing number of pods, by load.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Autoscaling {
    /// The least number of pods.
    pub min_replicas: Option<i32>,
    /// The greatest number of pods.
    pub max_replicas: Option<i32>,
    /// What is measured, and the value to reach.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub metrics: Option<Vec<MetricSpec>>,
    /// How fast the number of pods may change.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub behaviour: Option<HorizontalPodAutoscalerBehavior>,
}

/// How a workload's own metrics are collected. What is left out stays as the operator has it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmbeddedServiceScrape {
    /// What is read of each pod, and how.
    pub endpoints: Vec<Endpoint>,
    /// The objects that the pods are found by.
    pub discovery_role: Option<DiscoveryRole>,
    /// The label of the service that holds the job's name.
    pub job_label: Option<String>,
    /// The namespaces of the services.
    pub namespace_selector: Option<NamespaceSelector>,
    /// Labels of the pods to put on every metric.
    pub pod_target_labels: Option<Vec<String>>,
    /// The greatest number of samples that one read may give.
    pub sample_limit: Option<u64>,
    /// The services.
    pub selector: Option<LabelSelector>,
    /// Labels of the service to put on every metric.
    pub target_labels: Option<Vec<String>>,
}
