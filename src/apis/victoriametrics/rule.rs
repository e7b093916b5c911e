//! VMRule.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;

/// The rules.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMRule", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "Alerting and recording rules, which a VMAlert evaluates.")]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-required" = true))]
pub struct VMRuleSpec {
    /// Rules, in groups that are evaluated together.
    pub groups: Vec<RuleGroup>,
}

/// Rules that are evaluated together, one after another.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleGroup {
    /// The name of the group. There is one of a name in each VMRule.
    pub name: String,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The time between two evaluations. That of the VMAlert where it is left out.
    pub interval: Option<String>,
    /// The number of rules to evaluate at the same time. 1 where it is left out.
    pub concurrency: Option<isize>,
    /// Labels to put on every alert and recorded series of the group.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub labels: Option<BTreeMap<String, String>>,
    /// Labels that the series must have that rules ask for. Deprecated: use params with extra_label.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub extra_filter_labels: Option<BTreeMap<String, String>>,
    /// More parameters of the queries.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub params: Option<BTreeMap<String, Vec<String>>>,
    /// The tenant of a cluster that the rules are for. It needs VictoriaMetrics Enterprise.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub tenant: Option<String>,
    /// The language of the queries: prometheus or graphite.
    #[serde(rename = "type")]
    #[schemars(extend("x-since" = "0.27.2"))]
    pub kind: Option<String>,
}

/// An alert or a recorded series, and the query that it is made of.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// The name of the alert.
    pub alert: Option<String>,
    /// The name of the series that the query's result is recorded as.
    pub record: Option<String>,
    /// The query. An alert fires for each series that it gives.
    #[schemars(extend("x-changes" = [{"until": "0.27.2", "schema": {
        "type": null,
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "x-kubernetes-int-or-string": true,
    }}]))]
    pub expr: Option<String>,
    /// How long the query must give the series before the alert fires.
    #[serde(rename = "for")]
    pub duration: Option<String>,
    /// Labels to put on the alert or the recorded series.
    pub labels: Option<BTreeMap<String, String>>,
    /// What people are told of the alert, such as a summary. Templates are allowed.
    pub annotations: Option<BTreeMap<String, String>>,
}
