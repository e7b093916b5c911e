//! The selection of rules, and their options.

use std::collections::BTreeSet;
use std::str::FromStr;

use semver::Version;

use super::Rule;
use crate::validate::Target;

/// Rules that are selected together. The names are those of operator-sdk's `bundle validate --select-optional name=…`
/// and of opm's `--optional-validators`, if these have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// The requirements of operatorhub.io.
    OperatorHub,
    /// The capability level is one of the five.
    Capabilities,
    /// The categories are those of operatorhub.io, or the given ones.
    Categories,
    /// Good practices.
    GoodPractices,
    /// APIs that Kubernetes has removed. Always on.
    DeprecatedApis,
    /// Objects that can hurt a cluster: disruption budgets, priority classes, permissions on both.
    BundleObjects,
    /// The requirements of OpenShift's community catalog for bundles with removed APIs.
    Community,
    /// Labels and node affinity for several architectures.
    MultiArch,
    /// Images for clusters that can only reach their own mirror registry.
    Disconnected,
    /// Permissions that are wider than an operator needs.
    Security,
}

/// An unknown set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a set of rules; use {known} or all", known = Set::ALL.map(Set::as_str).join(", "))]
pub struct UnknownSet(pub String);

impl Set {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::DeprecatedApis,
        Self::BundleObjects,
        Self::Capabilities,
        Self::Categories,
        Self::Community,
        Self::Disconnected,
        Self::GoodPractices,
        Self::MultiArch,
        Self::OperatorHub,
        Self::Security,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OperatorHub => "operatorhub",
            Self::Capabilities => "capabilities",
            Self::Categories => "categories",
            Self::GoodPractices => "good-practices",
            Self::DeprecatedApis => "alpha-deprecated-apis",
            Self::BundleObjects => "bundle-objects",
            Self::Community => "community",
            Self::MultiArch => "multiarch",
            Self::Disconnected => "disconnected",
            Self::Security => "security",
        }
    }

    /// A one-line description.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::OperatorHub => "the requirements of operatorhub.io",
            Self::Capabilities => "the capability level is one of the five",
            Self::Categories => "the categories are those of operatorhub.io, or those of --categories",
            Self::GoodPractices => "names, descriptions and resource requests that save trouble",
            Self::DeprecatedApis => "APIs that Kubernetes has removed (always on)",
            Self::BundleObjects => {
                "objects that can hurt a cluster: disruption budgets, priority classes, permissions on them"
            }
            Self::Community => "the requirements of OpenShift's community catalog for bundles with removed APIs",
            Self::MultiArch => "labels and node affinity for several architectures",
            Self::Disconnected => "images that a mirror can hold: digests, relatedImages",
            Self::Security => "permissions with `*`",
        }
    }

    /// Whether its rules always run.
    #[must_use]
    pub fn is_always_on(self) -> bool {
        self == Self::DeprecatedApis
    }

    /// The sets with a name. The names and selectors of operator-sdk are accepted too: `name=operatorhub`,
    /// `suite=operatorframework`.
    ///
    /// # Errors
    /// An unknown name.
    pub fn select(name: &str) -> Result<Vec<Self>, UnknownSet> {
        match name {
            "all" => Ok(Self::ALL.to_vec()),
            "suite=operatorframework" => Ok(vec![
                Self::OperatorHub,
                Self::Capabilities,
                Self::Categories,
                Self::GoodPractices,
                Self::DeprecatedApis,
                Self::MultiArch,
            ]),
            // The first version of operator-framework/api's validator, which combined all three.
            "name=operatorhub" => Ok(vec![Self::OperatorHub, Self::Capabilities, Self::Categories]),
            _ => name.strip_prefix("name=").unwrap_or(name).parse().map(|set| vec![set]),
        }
    }
}

impl FromStr for Set {
    type Err = UnknownSet;

    fn from_str(name: &str) -> Result<Self, UnknownSet> {
        match name {
            "operatorhub/v2" | "operatorhubv2" => Ok(Self::OperatorHub),
            "deprecated-apis" => Ok(Self::DeprecatedApis),
            "objects" => Ok(Self::BundleObjects),
            _ => Self::ALL.into_iter().find(|set| set.as_str() == name).ok_or_else(|| UnknownSet(name.to_owned())),
        }
    }
}

/// The selection of rules, and their options.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The selected sets.
    pub sets: BTreeSet<Set>,
    /// The version of Kubernetes on which the bundle must run.
    pub kubernetes: Option<Version>,
    /// The allowed categories, instead of those of operatorhub.io.
    pub categories: Option<BTreeSet<String>>,
    /// The targets in addition to OLM.
    pub targets: BTreeSet<Target>,
}

impl Options {
    /// Whether a rule runs.
    #[must_use]
    pub fn runs(&self, rule: &Rule) -> bool {
        let selected =
            rule.sets.is_empty() || rule.sets.iter().any(|set| set.is_always_on() || self.sets.contains(set));
        selected && Target::of(rule.id).is_none_or(|target| self.targets.contains(&target))
    }

    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self { sets: Set::ALL.into_iter().collect(), targets: Target::ALL.into_iter().collect(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_the_names_of_operator_sdk() {
        for set in Set::ALL {
            assert_eq!(Set::select(set.as_str()), Ok(vec![set]));
        }
        assert_eq!(Set::select("name=good-practices"), Ok(vec![Set::GoodPractices]));
        assert_eq!(Set::select("operatorhub/v2"), Ok(vec![Set::OperatorHub]));
        assert_eq!(Set::select("name=operatorhub").map(|sets| sets.len()), Ok(3));
        assert_eq!(Set::select("suite=operatorframework").map(|sets| sets.len()), Ok(6));
        let error = Set::select("hub").expect_err("not a set").to_string();
        assert!(error.starts_with("\"hub\" is not a set of rules; use alpha-deprecated-apis, "), "{error}");
        assert!(Set::ALL.is_sorted_by_key(|set| set.as_str()));
    }
}
