//! Subscription: an operator to install, and the channel that it follows.

use std::collections::BTreeMap;

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::catalog_source::Toleration;
use super::condition::Condition;

/// The desired state of a Subscription: the operator to install, and its channel.
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
    /// The channel; the package's default one if not set.
    pub channel: Option<String>,
    /// The bundle to install first; the channel's head if not set.
    #[serde(rename = "startingCSV")]
    pub starting_csv: Option<String>,
    /// Who approves installs and upgrades: `Manual` or `Automatic`.
    pub install_plan_approval: Option<String>,
    /// Changes to the operator's pods.
    pub config: Option<SubscriptionConfig>,
}

/// A Subscription's changes to the operator's pods.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionConfig {
    /// Environment variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// The labels that a node must have.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// The node taints that the pods tolerate.
    pub tolerations: Option<Vec<Toleration>>,
    /// The requests and limits of each container.
    pub resources: Option<Resources>,
}

/// A container's requests and limits, by resource.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// The requests.
    pub requests: Option<BTreeMap<String, String>>,
    /// The limits.
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

/// The status of a Subscription.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionStatus {
    /// `UpgradePending`, `AtLatestKnown`, `UpgradeAvailable`, `UpgradeFailed`.
    pub state: Option<String>,
    /// The bundle that is being installed, or is installed.
    #[serde(rename = "currentCSV")]
    pub current_csv: Option<String>,
    /// The bundle that is installed.
    #[serde(rename = "installedCSV")]
    pub installed_csv: Option<String>,
    /// The InstallPlan that it waits for.
    pub install_plan_ref: Option<ObjectReference>,
    /// That plan's generation.
    pub install_plan_generation: Option<i64>,
    /// Its conditions: `ResolutionFailed`, `BundleUnpackFailed`, `CatalogSourcesUnhealthy`…
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
    /// The object's resource version when the reference was written.
    pub resource_version: Option<String>,
}
