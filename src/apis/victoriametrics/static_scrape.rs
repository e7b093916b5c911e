//! VMStaticScrape.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;
use super::scrape::ScrapeSettings;

/// The addresses, and how their metrics are read.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMStaticScrape", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "Metrics to collect from fixed addresses, such as those of hosts outside of the cluster.")]
#[serde(rename_all = "camelCase")]
pub struct VMStaticScrapeSpec {
    /// The job's name.
    pub job_name: Option<String>,
    /// The addresses, in groups that are read alike.
    pub target_endpoints: Vec<TargetEndpoint>,
    /// The greatest number of samples that one read may give.
    pub sample_limit: Option<u64>,
}

/// Addresses that are read alike.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetEndpoint {
    /// The addresses, each as HOST:PORT or HOST.
    pub targets: Vec<String>,
    /// Labels to put on every metric.
    pub labels: Option<BTreeMap<String, String>>,
    /// How the metrics are read.
    #[serde(flatten)]
    pub settings: ScrapeSettings,
    /// The greatest number of samples that one read may give.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub sample_limit: Option<u64>,
}
