//! VMServiceScrape.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;
use super::scrape::{DiscoveryRole, Endpoint, NamespaceSelector};

/// The services, and how their metrics are read.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMServiceScrape", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "Metrics to collect from the pods behind services, found by the services' labels.")]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-required" = true))]
pub struct VMServiceScrapeSpec {
    /// The services. All where it is left out.
    #[schemars(extend("x-required" = {"until": "0.24.0"}))]
    pub selector: Option<LabelSelector>,
    /// The namespaces of the services. Its own where it is left out.
    pub namespace_selector: Option<NamespaceSelector>,
    /// What is read behind each service, and how.
    pub endpoints: Vec<Endpoint>,
    /// The objects that targets are found by. Endpoints where it is left out.
    pub discovery_role: Option<DiscoveryRole>,
    /// The label of the service that holds the job's name.
    pub job_label: Option<String>,
    /// Labels of the service to put on every metric.
    pub target_labels: Option<Vec<String>>,
    /// Labels of the pod to put on every metric.
    pub pod_target_labels: Option<Vec<String>>,
    /// The greatest number of samples that one read may give.
    pub sample_limit: Option<u64>,
}
