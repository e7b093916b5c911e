//! Subscription: an operator that is to be there, and the channel that it follows.

use std::collections::BTreeMap;

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::catalog_source::Toleration;
use super::condition::Condition;

/// The desired state of a Subscription: which operator is to be there, from which channel.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "operators.coreos.com",
    version = "v1alpha1",
    kind = "Subscription",
    namespaced,
    derive = "PartialEq",
    schema = "disabled",
    status = "SubscriptionStatus"
)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionSpec {
    /// The package.
    pub name: String,
    /// The CatalogSource.
    pub source: String,
    /// The CatalogSource's namespace.
    pub source_namespace: String,
    /// The channel; the package's default one where it is not said.
    pub channel: Option<String>,
    /// The bundle to begin with; the channel's head where it is not said.
    #[serde(rename = "startingCSV")]
    pub starting_csv: Option<String>,
    /// Who approves installs and upgrades: `Manual` or `Automatic`.
    pub install_plan_approval: Option<String>,
    /// What is changed in the operator's pods.
    pub config: Option<SubscriptionConfig>,
}

/// What a Subscription changes in the operator's pods.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionConfig {
    /// Environment variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// The labels that a node must have.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// The taints of nodes that do not keep the pods off.
    pub tolerations: Option<Vec<Toleration>>,
    /// What each container asks for and may use.
    pub resources: Option<Resources>,
}

/// What a container asks for and may use at most, by resource.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// What it asks for.
    pub requests: Option<BTreeMap<String, String>>,
    /// What it may use at most.
    pub limits: Option<BTreeMap<String, String>>,
}

/// An environment variable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
}

/// What OLM knows of a Subscription.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionStatus {
    /// `UpgradePending`, `AtLatestKnown`, `UpgradeAvailable`, `UpgradeFailed`.
    pub state: Option<String>,
    /// The bundle that is being installed, or is.
    #[serde(rename = "currentCSV")]
    pub current_csv: Option<String>,
    /// The bundle that is installed.
    #[serde(rename = "installedCSV")]
    pub installed_csv: Option<String>,
    /// The InstallPlan that it waits for.
    pub install_plan_ref: Option<ObjectReference>,
    /// That plan's generation.
    pub install_plan_generation: Option<i64>,
    /// What stands in the way: `ResolutionFailed`, `BundleUnpackFailed`, `CatalogSourcesUnhealthy`…
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// A reference to an object.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReference {
    /// Its name.
    pub name: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its state when the reference was written.
    pub resource_version: Option<String>,
}
