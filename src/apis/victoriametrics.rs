//! The custom resources of the VictoriaMetrics operator: time series databases, agents that collect metrics, alerting,
//! and their rules and targets. Group `operator.victoriametrics.com`, version v1beta1, releases 0.16.0 to 0.29.1.
//!
//! Workloads: [`VMSingle`], [`VMCluster`], [`VMAgent`], [`VMAlert`], [`VMAlertmanager`], [`VMAuth`]; they share
//! [`pod`], [`service`] and [`storage`]. Targets: [`VMServiceScrape`], [`VMPodScrape`], [`VMNodeScrape`],
//! [`VMStaticScrape`], [`VMProbe`]; they share [`scrape`] and [`credentials`]. Others: [`VMRule`],
//! [`VMAlertmanagerConfig`], [`VMUser`].

pub mod agent;
pub mod alert;
pub mod alertmanager;
pub mod alertmanager_config;
pub mod auth;
pub mod backup;
pub mod cluster;
pub mod credentials;
mod loose;
mod node_scrape;
pub mod pod;
mod pod_scrape;
pub mod probe;
pub mod rule;
pub mod scrape;
pub mod service;
mod service_scrape;
mod single;
pub mod static_scrape;
pub mod storage;
pub mod user;

pub use agent::{VMAgent, VMAgentSpec};
pub use alert::{VMAlert, VMAlertSpec};
pub use alertmanager::{VMAlertmanager, VMAlertmanagerSpec, VMAlertmanagerStatus};
pub use alertmanager_config::{VMAlertmanagerConfig, VMAlertmanagerConfigSpec, VMAlertmanagerConfigStatus};
pub use auth::{VMAuth, VMAuthSpec};
pub use cluster::{VMCluster, VMClusterSpec, VMClusterStatus};
pub use node_scrape::{VMNodeScrape, VMNodeScrapeSpec};
pub use pod_scrape::{VMPodScrape, VMPodScrapeSpec};
pub use probe::{VMProbe, VMProbeSpec};
pub use rule::{VMRule, VMRuleSpec};
pub use service_scrape::{VMServiceScrape, VMServiceScrapeSpec};
pub use single::{VMSingle, VMSingleSpec};
pub use static_scrape::{VMStaticScrape, VMStaticScrapeSpec};
pub use user::{VMUser, VMUserSpec};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;

/// The kinds of the group.
pub const KINDS: &[Kind] = &[
    Kind::of::<VMAgent>(),
    Kind::of::<VMAlert>(),
    Kind::of::<VMAlertmanagerConfig>().since("0.24.0"),
    Kind::of::<VMAlertmanager>().settled_by(alertmanager::settle),
    Kind::of::<VMAuth>(),
    Kind::of::<VMCluster>(),
    Kind::of::<VMNodeScrape>(),
    Kind::of::<VMPodScrape>(),
    Kind::of::<VMProbe>(),
    Kind::of::<VMRule>(),
    Kind::of::<VMServiceScrape>(),
    Kind::of::<VMSingle>(),
    Kind::of::<VMStaticScrape>(),
    Kind::of::<VMUser>(),
];

/// The operator says nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoStatus {}

#[cfg(test)]
mod tests;
