//! Systems other than OLM v0 that catalogs and bundles can be for.

use std::str::FromStr;

/// A system other than OLM v0 that catalogs and bundles can be for. Its rules, whose ids begin with its name, run only
/// if it is a target: most catalogs are not for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// OLM v1: catalogd and operator-controller 1.11.
    OlmV1,
}

/// An unknown target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a known target; use {known}", known = Target::ALL.map(Target::as_str).join(", "))]
pub struct UnknownTarget(pub String);

impl Target {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::OlmV1];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OlmV1 => "olm-v1",
        }
    }

    /// The target of a rule, if it is for one target only.
    #[must_use]
    pub fn of(rule: &str) -> Option<Self> {
        let is_of = |target: &Self| rule.strip_prefix(target.as_str()).is_some_and(|rest| rest.starts_with('-'));
        Self::ALL.into_iter().find(is_of)
    }
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(name: &str) -> Result<Self, UnknownTarget> {
        Self::ALL.into_iter().find(|target| target.as_str() == name).ok_or_else(|| UnknownTarget(name.to_owned()))
    }
}
