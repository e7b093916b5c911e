//! VMPodScrape.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;
use super::scrape::{Endpoint, NamespaceSelector};

/// The pods, and how their metrics are read.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMPodScrape", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "Metrics to collect from pods, found by their labels.")]
#[serde(rename_all = "camelCase")]
pub struct VMPodScrapeSpec {
    /// The pods. All where it is left out.
    #[schemars(extend("x-required" = {"until": "0.24.0"}))]
    pub selector: Option<LabelSelector>,
    /// The namespaces of the pods. Its own where it is left out.
    pub namespace_selector: Option<NamespaceSelector>,
    /// What is read of each pod, and how.
    pub pod_metrics_endpoints: Vec<Endpoint>,
    /// The label of the pod that holds the job's name.
    pub job_label: Option<String>,
    /// Labels of the pod to put on every metric.
    pub pod_target_labels: Option<Vec<String>>,
    /// The greatest number of samples that one read may give.
    pub sample_limit: Option<u64>,
}
