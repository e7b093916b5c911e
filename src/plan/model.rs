//! The plan of OLM, as data. `catalog plan -o json` prints a [`Plan`]. Unknown and empty values are omitted.

use schemars::JsonSchema;
use serde::Serialize;

use crate::safety::Step;

/// The upgrade path of an operator to the head of a channel.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The package.
    pub package: String,
    /// The channel that the Subscription follows.
    pub channel: String,
    /// Whether it is the package's default channel.
    pub default_channel: bool,
    /// The installed version. `None` for a new installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Installed>,
    /// The channel's head. `None` if OLM cannot determine it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The version of Kubernetes for which the plan is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// The deprecated package, channel, and versions on the path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deprecations: Vec<Deprecation>,
    /// The InstallPlans in the order in which OLM creates them.
    pub install_plans: Vec<InstallPlan>,
    /// Where the path ends, and why.
    pub end: End,
}

/// An installed version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// The name of its ClusterServiceVersion.
    pub csv: String,
    /// Its version, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether the catalog has its bundle. Otherwise it cannot be compared.
    pub in_catalog: bool,
}

/// One InstallPlan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstallPlan {
    /// The ClusterServiceVersion that it installs.
    pub csv: String,
    /// Its version, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The ClusterServiceVersion on the cluster that it replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The field of the channel entry that allows it: `replaces`, `skips` or `skipRange`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<&'static str>,
    /// Whether its version is lower than the one that it replaces.
    pub is_older: bool,
    /// The oldest Kubernetes that it supports (`minKubeVersion`). On an older cluster its ClusterServiceVersion stays
    /// pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_kube_version: Option<String>,
    /// The requirements that the version before did not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Dependency>,
    /// Its effects on users; for a new installation, everything that it adds.
    pub step: Step,
}

/// A requirement of an InstallPlan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// The bundle that requires it: that of the InstallPlan, or one of its dependencies.
    pub required_by: String,
    /// The requirement, in words.
    pub what: String,
    /// What meets it.
    pub met: Met,
}

/// What meets a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Met {
    /// A bundle of the catalog, which OLM installs in the same InstallPlan unless the namespace already has something
    /// that meets the requirement.
    Catalog {
        /// Its package.
        package: String,
        /// The channel for which OLM creates a Subscription.
        channel: String,
        /// Its ClusterServiceVersion.
        csv: String,
    },
    /// Nothing in the catalog: another catalog or the namespace must have it.
    Nothing,
    /// No version of this package meets all of its requirements.
    Conflict {
        /// The package.
        package: String,
    },
}

/// A deprecated part of the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deprecation {
    /// Its kind.
    pub part: Deprecated,
    /// Its name.
    pub name: String,
    /// The message for its users.
    pub message: String,
}

impl Plan {
    /// Whether a requirement on the path is not met by the catalog. If no other catalog meets it either, OLM chooses a
    /// different path, or none.
    #[must_use]
    pub fn has_open_requirements(&self) -> bool {
        self.install_plans.iter().flat_map(|plan| &plan.requires).any(|required| required.met == Met::Nothing)
    }
}

/// The kinds of deprecated parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Deprecated {
    /// The package.
    Package,
    /// The channel.
    Channel,
    /// A version on the path, or the installed one.
    Bundle,
}

/// Where the path ends, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum End {
    /// At the channel's head.
    Head,
    /// At a version for which no entry of the channel is an upgrade.
    Stuck {
        /// The ClusterServiceVersion.
        csv: String,
        /// The other channels that have an upgrade, by name.
        other_channels: Vec<OtherChannel>,
    },
    /// Nowhere: the path returns to a version.
    Circle {
        /// The ClusterServiceVersion to which it returns.
        csv: String,
    },
    /// At a version that does not start on this cluster.
    Kubernetes {
        /// The ClusterServiceVersion.
        csv: String,
        /// The Kubernetes version that it needs.
        needs: String,
    },
    /// Before a version that OLM does not choose, because no version of a package meets all of its requirements. OLM
    /// chooses the next entry that is an upgrade, if there is one.
    Conflict {
        /// The ClusterServiceVersion.
        csv: String,
        /// The package.
        package: String,
    },
    /// OLM installs nothing from the channel, because it cannot sort its entries.
    Unordered {
        /// The reason.
        why: String,
    },
}

/// Another channel with an upgrade for a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherChannel {
    /// Its name.
    pub channel: String,
    /// The ClusterServiceVersion of that upgrade.
    pub csv: String,
}
