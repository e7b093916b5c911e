//! ClusterServiceVersion: an installed operator.

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::package_manifest::InstallMode;

/// What the installer reads of a ClusterServiceVersion's desired state.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "operators.coreos.com",
    version = "v1alpha1",
    kind = "ClusterServiceVersion",
    namespaced,
    derive = "PartialEq",
    schema = "disabled",
    status = "ClusterServiceVersionStatus"
)]
#[serde(rename_all = "camelCase")]
pub struct ClusterServiceVersionSpec {
    /// The operator's display name.
    pub display_name: Option<String>,
    /// The operator's version.
    pub version: Option<String>,
    /// The bundle that this one replaces.
    pub replaces: Option<String>,
    /// The CRDs that it provides and requires.
    #[serde(rename = "customresourcedefinitions")]
    pub definitions: Option<Definitions>,
    /// Which sets of namespaces the operator can watch.
    #[serde(default)]
    pub install_modes: Vec<InstallMode>,
    /// How it is installed.
    #[serde(default)]
    pub install: InstallStrategy,
}

/// The CustomResourceDefinitions of an operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Definitions {
    /// The CRDs that it provides.
    #[serde(default)]
    pub owned: Vec<DefinitionName>,
}

/// Which CustomResourceDefinition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DefinitionName {
    /// `<plural>.<group>`.
    #[serde(default)]
    pub name: String,
}

impl ClusterServiceVersionSpec {
    /// The names of the CRDs that it provides.
    pub fn owned(&self) -> impl Iterator<Item = String> {
        let definitions = self.definitions.iter().flat_map(|definitions| &definitions.owned);
        definitions.map(|definition| definition.name.clone())
    }
}

/// How an operator is installed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InstallStrategy {
    /// The objects to install.
    #[serde(default)]
    pub spec: InstallStrategySpec,
}

/// The objects to install for an operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InstallStrategySpec {
    /// Its Deployments.
    #[serde(default)]
    pub deployments: Vec<StrategyDeployment>,
}

/// A Deployment of an operator. Its contents are not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrategyDeployment {
    /// Its name.
    pub name: String,
}

/// The status of a ClusterServiceVersion.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterServiceVersionStatus {
    /// `Pending`, `InstallReady`, `Installing`, `Succeeded`, `Failed`, `Replacing`…
    #[serde(default)]
    pub phase: String,
    /// The reason, in one word.
    pub reason: Option<String>,
    /// The message.
    pub message: Option<String>,
    /// The operator's requirements, and whether they are met.
    #[serde(default, rename = "requirementStatus")]
    pub requirements: Vec<Requirement>,
}

/// One requirement of an operator.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// Its kind.
    #[serde(default)]
    pub kind: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// `Present`, `NotPresent`, `PresentNotSatisfied`…
    #[serde(default)]
    pub status: String,
    /// The message.
    pub message: Option<String>,
    /// The parts of it that are needed, such as the rules of a ServiceAccount.
    #[serde(default)]
    pub dependents: Vec<Dependent>,
}

/// A part of a [`Requirement`].
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dependent {
    /// `Satisfied` or `NotSatisfied`.
    #[serde(default)]
    pub status: String,
    /// What it is, in words.
    pub message: Option<String>,
}
