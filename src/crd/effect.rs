//! The effects of a changed definition on existing resources.
//!
//! The classes follow the [API machinery](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
//! (pruning, defaults, validation with ratcheting) and [crdify](https://github.com/kubernetes-sigs/crdify), with which OLM v1
//! checks upgrades. `tests/apiserver` compares them with a real API server, and `tests/crd_diff` with crdify's
//! verdicts.
//!
//! A change that cannot be shown to accept everything that was accepted counts as breaking: a different pattern or
//! rule.

mod keyword;

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Kind, Version};

pub(super) use keyword::of_keyword;

/// Whether a change is safe for existing resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// No existing resource is changed or rejected.
    Safe,
    /// It depends on the resource or on who writes it.
    Risky,
    /// Data is lost, or resources that were accepted are rejected.
    Breaking,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Safe => "safe",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        })
    }
}

/// What happens to the affected resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Nothing: they are accepted and kept unchanged.
    Kept,
    /// They get an additional value.
    Defaulted,
    /// They are stored, converted, merged or written differently.
    Handled,
    /// The value is dropped at the next write.
    Pruned,
    /// A write is rejected if it changes the value to an invalid one, or creates one. Before Kubernetes 1.30, every
    /// update of a resource with an invalid value is rejected.
    RejectedWhenChanged,
    /// Every update of an invalid resource is rejected.
    Rejected,
    /// Requests for this version fail.
    NotServed,
    /// The API server rejects the new definition, so that the upgrade fails.
    Refused,
    /// Nothing serves or manages them any more.
    Lost,
}

/// The effect of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Its class.
    pub class: Class,
    /// What happens to them.
    pub outcome: Outcome,
    /// The same in words.
    pub text: &'static str,
}

const fn breaking(outcome: Outcome, text: &'static str) -> Effect {
    Effect { class: Class::Breaking, outcome, text }
}

const fn risky(outcome: Outcome, text: &'static str) -> Effect {
    Effect { class: Class::Risky, outcome, text }
}

const fn safe(text: &'static str) -> Effect {
    Effect { class: Class::Safe, outcome: Outcome::Kept, text }
}

pub(super) const NO_EFFECT: Effect = safe("no effect on resources");
const PRUNED: Effect = breaking(Outcome::Pruned, "existing values are pruned at the next write");
const KEPT: Effect = safe("existing values are kept, like other unknown fields");
const UNKNOWN_PRUNED: Effect =
    breaking(Outcome::Pruned, "fields that the schema does not name are pruned at the next write");

/// An added field. `old` is the schema of its parent.
pub(super) fn of_added_field(old: &Value, field: &Value) -> Effect {
    match (keeps_unknown(old), field.get("default")) {
        (true, _) => risky(Outcome::RejectedWhenChanged, "existing values are validated now, but were not before"),
        (false, Some(_)) => Effect { outcome: Outcome::Defaulted, ..safe("resources get the default") },
        (false, None) => NO_EFFECT,
    }
}

/// A removed field. `new` is the schema of its former parent.
pub(super) fn of_removed_field(new: &Value) -> Effect {
    match (keeps_unknown(new), new.get("additionalProperties")) {
        (true, _) => KEPT,
        (_, Some(values)) if *values != false => {
            risky(Outcome::RejectedWhenChanged, "existing values must match the schema of the map's values")
        }
        _ => PRUNED,
    }
}

/// A schema can keep fields that it does not name. This does not extend to fields inside those that it names.
fn keeps_unknown(schema: &Value) -> bool {
    schema["x-kubernetes-preserve-unknown-fields"] == true
}

/// An added or removed version.
pub(super) fn of_version(old: Option<&Version>) -> Effect {
    let is = |version: &Version, key: &str| version.rest.get(key) == Some(&Value::Bool(true));
    match old {
        None => NO_EFFECT,
        Some(old) if is(old, "storage") => breaking(
            Outcome::Refused,
            "the API server rejects the definition, because resources are stored in this version",
        ),
        Some(old) if is(old, "served") => breaking(
            Outcome::NotServed,
            "requests for this version fail; if resources were ever stored in it, the definition is rejected",
        ),
        Some(_) => risky(Outcome::Refused, "if resources were ever stored in this version, the definition is rejected"),
    }
}

/// An added or removed definition.
pub(super) fn of_whole(change: Kind) -> Effect {
    match change {
        Kind::Removed => breaking(Outcome::Lost, "all its resources are lost"),
        _ => NO_EFFECT,
    }
}

/// A key of the definition or of one of its versions. `lossy`: the new storage version lacks fields of the old one.
pub(super) fn of_key(key: &str, to: Option<&Value>, lossy: bool) -> Effect {
    match key {
        "scope" | "group" | "names.kind" | "names.plural" => {
            breaking(Outcome::Refused, "the API server rejects the definition: this field is immutable")
        }
        "preserveUnknownFields" if to.is_none() => UNKNOWN_PRUNED,
        "served" if to != Some(&Value::Bool(true)) => breaking(Outcome::NotServed, "requests for this version fail"),
        "storage" if to.is_none() => safe("from the next write on, resources are stored in another version"),
        "storage" if lossy => breaking(
            Outcome::Pruned,
            "from the next write on, resources are stored in this version, without the fields that it lacks",
        ),
        "storage" => risky(Outcome::Handled, "from the next write on, resources are stored in this version"),
        "conversion" if to.is_none() => {
            risky(Outcome::Handled, "resources are no longer converted: fields that a version lacks are pruned")
        }
        "conversion" => {
            risky(Outcome::Handled, "resources are converted differently; requests fail while the webhook fails")
        }
        "subresources" => risky(Outcome::Handled, "status or scale are written differently"),
        "selectableFields" => risky(Outcome::Handled, "requests that select by a field that is no longer listed fail"),
        _ => NO_EFFECT,
    }
}

#[cfg(test)]
mod tests;
