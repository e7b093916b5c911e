//! OperatorGroup: which namespaces the operators of a namespace watch.

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::condition::Condition;

/// The desired state of an OperatorGroup: the namespaces that the operators of its namespace watch.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "operators.coreos.com",
    version = "v1",
    kind = "OperatorGroup",
    namespaced,
    derive = "PartialEq",
    schema = "disabled",
    status = "OperatorGroupStatus"
)]
#[serde(rename_all = "camelCase")]
pub struct OperatorGroupSpec {
    /// The namespaces; all of them if there is no list.
    pub target_namespaces: Option<Vec<String>>,
    /// A label selector for the namespaces, instead of a list.
    pub selector: Option<serde_json::Value>,
}

/// The status of an OperatorGroup.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OperatorGroupStatus {
    /// The selected namespaces. One empty name means all.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// The problem.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}
