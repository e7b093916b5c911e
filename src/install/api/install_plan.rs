//! InstallPlan: bundles that are installed together.

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::condition::Condition;

/// The desired state of an InstallPlan: a set of bundles that are installed together once it is approved.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "operators.coreos.com",
    version = "v1alpha1",
    kind = "InstallPlan",
    namespaced,
    derive = "PartialEq",
    schema = "disabled",
    status = "InstallPlanStatus"
)]
#[serde(rename_all = "camelCase")]
pub struct InstallPlanSpec {
    /// `Manual` or `Automatic`.
    #[serde(default)]
    pub approval: String,
    /// Whether it is approved.
    #[serde(default)]
    pub approved: bool,
    /// Every bundle that it installs.
    #[serde(default)]
    pub cluster_service_version_names: Vec<String>,
    /// The resolution of the namespace that it comes from. Newer ones have higher numbers.
    #[serde(default)]
    pub generation: i64,
}

/// The status of an InstallPlan.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstallPlanStatus {
    /// `Planning`, `RequiresApproval`, `Installing`, `Complete` or `Failed`.
    #[serde(default)]
    pub phase: String,
    /// Every object that it creates.
    #[serde(default)]
    pub plan: Vec<Step>,
    /// Its conditions.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// The bundles that are being unpacked.
    #[serde(default)]
    pub bundle_lookups: Vec<BundleLookup>,
    /// Why it failed.
    pub message: Option<String>,
}

/// One object that an InstallPlan creates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The bundle that it belongs to.
    #[serde(default)]
    pub resolving: String,
    /// The object.
    #[serde(default)]
    pub resource: StepResource,
    /// `Unknown`, `NotPresent`, `Present`, `Created`…
    #[serde(default)]
    pub status: String,
}

/// The object of a [`Step`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepResource {
    /// Its API group.
    #[serde(default)]
    pub group: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Its kind.
    #[serde(default)]
    pub kind: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The object as JSON, or a reference to where it was unpacked.
    #[serde(default)]
    pub manifest: String,
}

/// A bundle that is being unpacked.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BundleLookup {
    /// The bundle's image.
    #[serde(default)]
    pub path: String,
    /// The bundle's name.
    #[serde(default)]
    pub identifier: String,
    /// `BundleLookupPending`, `BundleLookupFailed`…
    #[serde(default)]
    pub conditions: Vec<Condition>,
}
