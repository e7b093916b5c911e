//! What a change of a definition does to the resources that exist.
//!
//! The classes follow the [API machinery](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
//! (pruning, defaults, validation with ratcheting) and [crdify](https://github.com/kubernetes-sigs/crdify), with which OLM v1
//! checks upgrades. `tests/apiserver` holds them against a real API server, and `tests/crd_diff` against crdify's verdicts.
//!
//! What cannot be shown to accept all that was accepted counts as breaking: another pattern, another rule.

mod keyword;

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Kind, Version};

pub(super) use keyword::of_keyword;

/// Whether a change is safe for the resources that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// No resource that exists is changed or rejected.
    Safe,
    /// It depends on the resource or on who writes it.
    Risky,
    /// Data is lost, or resources are rejected that were accepted.
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

/// What happens to resources that the change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Nothing: they are accepted and kept as they are.
    Kept,
    /// They get a value that they did not have.
    Defaulted,
    /// They are stored, converted, merged or written in another way.
    Handled,
    /// The value is dropped at the next write.
    Pruned,
    /// A write is refused if it changes the value to one that does not fit, or creates one. Before Kubernetes 1.30, every
    /// update of a resource is refused whose value does not fit.
    RejectedWhenChanged,
    /// Every update of a resource that does not fit is refused.
    Rejected,
    /// Requests for this version fail.
    NotServed,
    /// The API server refuses the new definition, so that the upgrade fails.
    Refused,
    /// Nothing serves or manages them any more.
    Lost,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Whether existing resources take it.
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

/// A field that came. `old` is the schema of what it is in.
pub(super) fn of_added_field(old: &Value, field: &Value) -> Effect {
    match (keeps_unknown(old), field.get("default")) {
        (true, _) => {
            risky(Outcome::RejectedWhenChanged, "existing values are validated now, and were not validated before")
        }
        (false, Some(_)) => Effect { outcome: Outcome::Defaulted, ..safe("resources get the default") },
        (false, None) => NO_EFFECT,
    }
}

/// A field that is gone. `new` is the schema of what it was in.
pub(super) fn of_removed_field(new: &Value) -> Effect {
    match (keeps_unknown(new), new.get("additionalProperties")) {
        (true, _) => KEPT,
        (_, Some(values)) if *values != false => {
            risky(Outcome::RejectedWhenChanged, "existing values must match the schema of the map's values")
        }
        _ => PRUNED,
    }
}

/// Fields that a schema does not name are kept where it says so. That does not hold for what is in fields that it names.
fn keeps_unknown(schema: &Value) -> bool {
    schema["x-kubernetes-preserve-unknown-fields"] == true
}

/// A version that came or went.
pub(super) fn of_version(old: Option<&Version>) -> Effect {
    let is = |version: &Version, key: &str| version.rest.get(key) == Some(&Value::Bool(true));
    match old {
        None => NO_EFFECT,
        Some(old) if is(old, "storage") => {
            breaking(Outcome::Refused, "the API server refuses the definition, as resources are stored in this version")
        }
        Some(old) if is(old, "served") => breaking(
            Outcome::NotServed,
            "requests for this version fail; where resources were ever stored in it, the definition is refused",
        ),
        Some(_) => {
            risky(Outcome::Refused, "where resources were ever stored in this version, the definition is refused")
        }
    }
}

/// A definition that came or went.
pub(super) fn of_whole(change: Kind) -> Effect {
    match change {
        Kind::Removed => breaking(Outcome::Lost, "all its resources are lost"),
        _ => NO_EFFECT,
    }
}

/// A key of the definition or of one of its versions. `lossy`: the version that resources are stored in from now on lacks
/// fields of the one that they were stored in.
pub(super) fn of_key(key: &str, to: Option<&Value>, lossy: bool) -> Effect {
    match key {
        "scope" | "group" | "names.kind" | "names.plural" => {
            breaking(Outcome::Refused, "the API server refuses the definition: this never changes")
        }
        "preserveUnknownFields" if to.is_none() => UNKNOWN_PRUNED,
        "served" if to != Some(&Value::Bool(true)) => breaking(Outcome::NotServed, "requests for this version fail"),
        "storage" if to.is_none() => safe("resources are stored in another version from the next write on"),
        "storage" if lossy => breaking(
            Outcome::Pruned,
            "resources are stored in this version from the next write on, without the fields that it lacks",
        ),
        "storage" => risky(Outcome::Handled, "resources are stored in this version from the next write on"),
        "conversion" if to.is_none() => {
            risky(Outcome::Handled, "resources are not converted any more: fields that a version lacks are pruned")
        }
        "conversion" => {
            risky(Outcome::Handled, "resources are converted in another way; requests fail while the webhook does")
        }
        "subresources" => risky(Outcome::Handled, "status or scale are written in another way"),
        "selectableFields" => {
            risky(Outcome::Handled, "requests that select by a field that is not listed any more fail")
        }
        _ => NO_EFFECT,
    }
}

#[cfg(test)]
mod tests;
