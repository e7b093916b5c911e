//! The selection of objects that define what an agent collects.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::apis::victoriametrics::scrape::RelabelConfig;

/// Which objects tell an agent what to collect, and limits on what they may say.
///
/// Each kind of object has a selector and one for its namespaces. With the first alone the agent's own namespace is
/// searched.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScrapeSelection {
    /// Whether a kind whose two selectors are both left out is taken whole. Otherwise none of it is.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub select_all_by_default: Option<bool>,
    /// The VMServiceScrapes to follow.
    pub service_scrape_selector: Option<LabelSelector>,
    /// The namespaces of the VMServiceScrapes.
    pub service_scrape_namespace_selector: Option<LabelSelector>,
    /// Changes to the labels of every target of a VMServiceScrape.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub service_scrape_relabel_template: Option<Vec<RelabelConfig>>,
    /// The VMPodScrapes to follow.
    pub pod_scrape_selector: Option<LabelSelector>,
    /// The namespaces of the VMPodScrapes.
    pub pod_scrape_namespace_selector: Option<LabelSelector>,
    /// Changes to the labels of every target of a VMPodScrape.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub pod_scrape_relabel_template: Option<Vec<RelabelConfig>>,
    /// The VMProbes to follow.
    pub probe_selector: Option<LabelSelector>,
    /// The namespaces of the VMProbes.
    pub probe_namespace_selector: Option<LabelSelector>,
    /// Changes to the labels of every target of a VMProbe.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub probe_scrape_relabel_template: Option<Vec<RelabelConfig>>,
    /// The VMNodeScrapes to follow.
    pub node_scrape_selector: Option<LabelSelector>,
    /// The namespaces of the VMNodeScrapes.
    pub node_scrape_namespace_selector: Option<LabelSelector>,
    /// Changes to the labels of every target of a VMNodeScrape.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub node_scrape_relabel_template: Option<Vec<RelabelConfig>>,
    /// The VMStaticScrapes to follow.
    pub static_scrape_selector: Option<LabelSelector>,
    /// The namespaces of the VMStaticScrapes.
    pub static_scrape_namespace_selector: Option<LabelSelector>,
    /// Changes to the labels of every target of a VMStaticScrape.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub static_scrape_relabel_template: Option<Vec<RelabelConfig>>,
    /// Lets VMServiceScrapes and VMPodScrapes find targets in their own namespace only.
    pub ignore_namespace_selectors: Option<bool>,
    /// The label that is always set to the namespace of the object that a sample was collected by.
    pub enforced_namespace_label: Option<String>,
    /// Never keeps a target's own labels on a clash, whatever the objects say.
    pub override_honor_labels: Option<bool>,
    /// Never keeps a target's own times, whatever the objects say.
    pub override_honor_timestamps: Option<bool>,
    /// Whether the objects may name files of the agent's container.
    #[serde(rename = "arbitraryFSAccessThroughSMs")]
    pub file_access: Option<FileAccess>,
}

/// Whether objects that say what to collect may name files of the agent's container, such as tokens.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileAccess {
    /// They may not.
    pub deny: Option<bool>,
}
