//! VMNodeScrape.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;
use super::scrape::ScrapeSettings;

/// The nodes, and how their metrics are read.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMNodeScrape", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "Metrics to collect from the nodes of the cluster, such as those of the kubelet.")]
#[serde(rename_all = "camelCase")]
pub struct VMNodeScrapeSpec {
    /// The nodes. All where it is left out.
    pub selector: Option<LabelSelector>,
    /// How the metrics are read.
    #[serde(flatten)]
    pub settings: ScrapeSettings,
    /// The label of the node that holds the job's name.
    pub job_label: Option<String>,
    /// Labels of the node to put on every metric.
    pub target_labels: Option<Vec<String>>,
    /// The greatest number of samples that one read may give.
    pub sample_limit: Option<u64>,
}
