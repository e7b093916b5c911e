//! What OLM will do, as data. `catalog plan -o json` prints a [`Plan`]. What is not known or empty is left out.

use schemars::JsonSchema;
use serde::Serialize;

use crate::safety::Step;

/// The way of an operator to the head of a channel.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The package.
    pub package: String,
    /// The channel that the Subscription follows.
    pub channel: String,
    /// Whether it is the package's default channel.
    pub default_channel: bool,
    /// What is installed before. None: nothing, this is a new installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Installed>,
    /// The channel's head. None where OLM cannot tell which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The version of Kubernetes that the way is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// What is deprecated of the package, the channel, and the versions on the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deprecations: Vec<Deprecation>,
    /// The InstallPlans in the order in which OLM makes them.
    pub install_plans: Vec<InstallPlan>,
    /// Where the way ends, and why.
    pub end: End,
}

/// A version that is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// The name of its ClusterServiceVersion.
    pub csv: String,
    /// Its version, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether the catalog has its bundle. Otherwise nobody can compare with it.
    pub in_catalog: bool,
}

/// One InstallPlan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstallPlan {
    /// The ClusterServiceVersion that it installs.
    pub csv: String,
    /// Its version, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The ClusterServiceVersion that is on the cluster, and that it replaces there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The field of the channel's entry that allows it: `replaces`, `skips` or `skipRange`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<&'static str>,
    /// Whether its version is lower than the one that it replaces.
    pub is_older: bool,
    /// The Kubernetes that it needs at least (`minKubeVersion`). On an older cluster its ClusterServiceVersion stays pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_kube_version: Option<String>,
    /// What it requires and the version before did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Dependency>,
    /// What it does to users: of a new installation, all that it brings.
    pub step: Step,
}

/// Something that an InstallPlan requires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// The bundle that requires it: that of the InstallPlan, or one that it installs along.
    pub required_by: String,
    /// What is required, in words.
    pub what: String,
    /// What meets it.
    pub met: Met,
}

/// What meets a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Met {
    /// A bundle of the catalog, which OLM installs in the same InstallPlan unless the namespace already has something that
    /// meets it.
    Catalog {
        /// Its package.
        package: String,
        /// The channel that OLM makes a Subscription to.
        channel: String,
        /// Its ClusterServiceVersion.
        csv: String,
    },
    /// Nothing in the catalog: another catalog or the namespace must have it.
    Nothing,
    /// No version of this package meets all that is required of it.
    Conflict {
        /// The package.
        package: String,
    },
}

/// A part of the package that is deprecated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deprecation {
    /// What it is.
    pub part: Deprecated,
    /// Its name.
    pub name: String,
    /// What its users are told.
    pub message: String,
}

impl Plan {
    /// Whether something is required on the way that the catalog does not have. Where nobody else has it either, OLM goes
    /// another way, or nowhere.
    #[must_use]
    pub fn has_open_requirements(&self) -> bool {
        self.install_plans.iter().flat_map(|plan| &plan.requires).any(|required| required.met == Met::Nothing)
    }
}

/// What can be deprecated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Deprecated {
    /// The package.
    Package,
    /// The channel.
    Channel,
    /// A version on the way, or the installed one.
    Bundle,
}

/// Where the way ends, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum End {
    /// At the channel's head.
    Head,
    /// At a version that no entry of the channel upgrades.
    Stuck {
        /// The ClusterServiceVersion.
        csv: String,
        /// The other channels that upgrade it, by name.
        other_channels: Vec<OtherChannel>,
    },
    /// Nowhere: it comes to a version again.
    Circle {
        /// The ClusterServiceVersion that it comes to again.
        csv: String,
    },
    /// At a version that does not start on this cluster.
    Kubernetes {
        /// The ClusterServiceVersion.
        csv: String,
        /// The Kubernetes that it needs.
        needs: String,
    },
    /// Before a version that OLM does not choose, since no version of a package meets all that is required of it beside. OLM
    /// takes the next entry that upgrades what is installed, if there is one.
    Conflict {
        /// The ClusterServiceVersion.
        csv: String,
        /// The package.
        package: String,
    },
    /// OLM takes nothing from the channel, since it cannot put its entries in order.
    Unordered {
        /// Why.
        why: String,
    },
}

/// Another channel that upgrades a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherChannel {
    /// Its name.
    pub channel: String,
    /// The ClusterServiceVersion that it upgrades to.
    pub csv: String,
}
