//! What a change of a definition does to the resources that exist.
//!
//! The classes follow the [API machinery](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
//! (pruning, validation with ratcheting, defaults) and [crdify](https://github.com/kubernetes-sigs/crdify), with which OLM v1
//! checks upgrades.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Change, Kind};

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

/// A class, and what the change does.
pub type Effect = (Class, &'static str);

const PRUNED: Effect = (Class::Breaking, "what resources have there is pruned at the next write");
const REJECTED: Effect = (Class::Breaking, "resources that do not fit are rejected at the next update");
const WIDER: Effect = (Class::Safe, "accepts all that it accepted");
const NO_EFFECT: Effect = (Class::Safe, "no effect on resources");
const KEPT: Effect = (Class::Safe, "what resources have there is kept, as unknown fields are");

/// What each of the changes does to existing resources, where these are all changes of the definitions.
#[must_use]
pub fn effects(changes: &[Change]) -> Vec<Effect> {
    // Where fields that the schema does not name are kept from now on.
    let mut keeping: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.to == Some(true.into())) {
        if let Some(field) = change.path.strip_suffix(": x-kubernetes-preserve-unknown-fields") {
            keeping.entry((&change.crd, change.version.as_deref())).or_default().push(field);
        }
    }
    let kept = |change: &Change| {
        let fields = keeping.get(&(change.crd.as_str(), change.version.as_deref()));
        let below =
            |field: &&str| change.path.strip_prefix(*field).is_some_and(|below| below.starts_with(['.', '[', '{']));
        fields.is_some_and(|fields| fields.iter().any(below))
    };
    let told = |change: &Change| match effect(change, changes) {
        PRUNED if kept(change) => KEPT,
        other => other,
    };
    changes.iter().map(told).collect()
}

fn effect(change: &Change, all: &[Change]) -> Effect {
    let path = change.path.as_str();
    if is_int_or_string_now(change, all) {
        return WIDER;
    }
    if path.is_empty() {
        return match (change.change, &change.version) {
            (Kind::Removed, None) => (Class::Breaking, "all its resources are lost"),
            (Kind::Removed, Some(_)) => (Class::Breaking, "requests for this version fail"),
            _ => NO_EFFECT,
        };
    }
    let is_field = path.starts_with(['.', '[', '{']) || path.starts_with(": ");
    match path.rsplit_once(": ") {
        Some((_, keyword)) if is_field => of_keyword(keyword, change.from.as_ref(), change.to.as_ref()),
        None if is_field && change.change == Kind::Removed => PRUNED,
        None if is_field => NO_EFFECT,
        _ => of_definition(path, change),
    }
}

/// Whether a field that was a string or an integer may be either now: `anyOf` says that in other words than `type`.
fn is_int_or_string_now(change: &Change, all: &[Change]) -> bool {
    let Some(field) = change.path.strip_suffix(": anyOf") else { return false };
    let other = |keyword: &str| {
        all.iter().find(|other| {
            (&other.crd, &other.version) == (&change.crd, &change.version)
                && other.path.strip_prefix(field).and_then(|rest| rest.strip_prefix(": ")) == Some(keyword)
        })
    };
    let types: BTreeSet<&str> = change.to.iter().filter_map(Value::as_array).flatten().filter_map(type_alone).collect();
    let was = other("type").and_then(|other| other.from.as_ref()).and_then(Value::as_str);
    let is = other("x-kubernetes-int-or-string").and_then(|other| other.to.as_ref());
    change.from.is_none()
        && types == BTreeSet::from(["integer", "string"])
        && was.is_some_and(|was| types.contains(was))
        && is == Some(&Value::Bool(true))
}

/// The type of a schema that says nothing else.
fn type_alone(schema: &Value) -> Option<&str> {
    schema.as_object().filter(|schema| schema.len() == 1)?.get("type")?.as_str()
}

/// A schema keyword of a field that stays.
fn of_keyword(keyword: &str, from: Option<&Value>, to: Option<&Value>) -> Effect {
    let is_true = |value: Option<&Value>| value == Some(&Value::Bool(true));
    match keyword {
        "required" if grows(from, to) => {
            (Class::Breaking, "resources without the field are rejected at the next update")
        }
        "required" => WIDER,
        "enum" => match (from, to) {
            (_, None) => WIDER,
            (None, Some(_)) => REJECTED,
            (Some(_), Some(_)) if grows(to, from) => REJECTED,
            _ => WIDER,
        },
        "minimum" | "minLength" | "minItems" | "minProperties" => bound(from, to, |from, to| to > from),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => bound(from, to, |from, to| to < from),
        "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" => {
            if is_true(to) {
                REJECTED
            } else {
                WIDER
            }
        }
        "nullable" | "x-kubernetes-int-or-string" => {
            if is_true(to) {
                WIDER
            } else {
                REJECTED
            }
        }
        "x-kubernetes-preserve-unknown-fields" if is_true(to) => WIDER,
        "x-kubernetes-preserve-unknown-fields" => {
            (Class::Breaking, "fields that the schema does not name are pruned at the next write")
        }
        "type" | "multipleOf" | "pattern" if to.is_some() => REJECTED,
        "type" | "multipleOf" | "pattern" | "format" if to.is_none() => WIDER,
        "x-kubernetes-validations" => match (from, to) {
            (_, None) => WIDER,
            (None, Some(_)) => REJECTED,
            _ => (Class::Risky, "resources that break a rule are rejected at the next update"),
        },
        "default" => (Class::Risky, "resources without the field get another value"),
        "x-kubernetes-list-type" | "x-kubernetes-list-map-keys" | "x-kubernetes-map-type" => {
            (Class::Risky, "changes how server-side apply merges it, and duplicates may be rejected")
        }
        _ => (Class::Risky, "resources that do not fit are rejected at the next update"),
    }
}

/// A bound: breaking where it comes or gets tighter.
fn bound(from: Option<&Value>, to: Option<&Value>, tighter: impl Fn(f64, f64) -> bool) -> Effect {
    match (from.and_then(Value::as_f64), to.and_then(Value::as_f64)) {
        (_, None) => WIDER,
        (None, Some(_)) => REJECTED,
        (Some(from), Some(to)) if tighter(from, to) => REJECTED,
        _ => WIDER,
    }
}

/// Whether the second list has what the first one lacks.
fn grows(from: Option<&Value>, to: Option<&Value>) -> bool {
    let set = |value: Option<&Value>| -> BTreeSet<String> {
        value.and_then(Value::as_array).into_iter().flatten().map(Value::to_string).collect()
    };
    !set(to).is_subset(&set(from))
}

/// A key of the definition or of one of its versions.
fn of_definition(path: &str, change: &Change) -> Effect {
    match path {
        "scope" | "group" | "names.kind" | "names.plural" => {
            (Class::Breaking, "existing resources are not served any more")
        }
        "preserveUnknownFields" if change.to.is_none() => {
            (Class::Breaking, "fields that the schema does not name are pruned at the next write")
        }
        "served" if change.to != Some(true.into()) => (Class::Breaking, "requests for this version fail"),
        "storage" => (Class::Risky, "resources are stored in another version from the next write on"),
        "conversion" => (Class::Risky, "resources are converted in another way"),
        "subresources" => (Class::Risky, "status or scale are written in another way"),
        _ => NO_EFFECT,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class(kind: Kind, path: &str, from: Value, to: Value) -> Class {
        let some = |value: Value| (!value.is_null()).then_some(value);
        let (version, change) = (Some("v1".to_owned()), kind);
        let path = path.to_owned();
        effect(&Change { crd: "c".into(), version, change, path, from: some(from), to: some(to), fields: 0 }, &[]).0
    }

    #[test]
    fn a_string_may_become_an_int_or_string() {
        let change = |path: &str, from: Value, to: Value| Change {
            crd: "c".into(),
            version: Some("v1".into()),
            change: Kind::Changed,
            path: path.into(),
            from: (!from.is_null()).then_some(from),
            to: (!to.is_null()).then_some(to),
            fields: 0,
        };
        let any = || json!([{"type": "integer"}, {"type": "string"}]);
        let wider = |was: Value, any: Value| {
            let all = [
                change(".a: anyOf", Value::Null, any),
                change(".a: type", was, Value::Null),
                change(".a: x-kubernetes-int-or-string", Value::Null, json!(true)),
            ];
            all.iter().map(|one| effect(one, &all).0).max().unwrap()
        };
        assert_eq!(wider(json!("string"), any()), Class::Safe);
        assert_eq!(wider(json!("boolean"), any()), Class::Risky);
        assert_eq!(
            wider(json!("string"), json!([{"type": "integer"}, {"type": "string", "pattern": "a"}])),
            Class::Risky
        );
        let narrower = [change(".a: anyOf", any(), Value::Null), change(".a: type", Value::Null, json!("string"))];
        assert_eq!(narrower.iter().map(|one| effect(one, &narrower).0).max(), Some(Class::Breaking));
    }

    #[test]
    fn a_field_is_kept_where_unknown_fields_are() {
        let change = |version: &str, change: Kind, path: &str, to: Option<Value>| Change {
            crd: "c".into(),
            version: Some(version.into()),
            change,
            path: path.into(),
            from: None,
            to,
            fields: 0,
        };
        let all = [
            change("v1", Kind::Added, ".spec: x-kubernetes-preserve-unknown-fields", Some(json!(true))),
            change("v1", Kind::Removed, ".spec.a", None),
            change("v1", Kind::Removed, ".spec.a[].b", None),
            change("v1", Kind::Removed, ".special", None),
            change("v2", Kind::Removed, ".spec.a", None),
        ];
        assert_eq!(effects(&all), [WIDER, KEPT, KEPT, PRUNED, PRUNED]);
    }

    #[test]
    fn each_change_has_its_class() {
        use Class::{Breaking, Risky, Safe};
        let none = Value::Null;
        for (kind, path, from, to, expected) in [
            (Kind::Added, ".spec.a", none.clone(), json!("string"), Safe),
            (Kind::Removed, ".spec.a", json!("string"), none.clone(), Breaking),
            (Kind::Removed, ".spec.list[].a", json!("string"), none.clone(), Breaking),
            (Kind::Changed, ".spec: required", json!(["a"]), json!(["a", "b"]), Breaking),
            (Kind::Changed, ".spec: required", json!(["a", "b"]), json!(["a"]), Safe),
            (Kind::Changed, ".spec.a: enum", json!(["x", "y"]), json!(["x"]), Breaking),
            (Kind::Changed, ".spec.a: enum", json!(["x"]), json!(["x", "y"]), Safe),
            (Kind::Added, ".spec.a: enum", none.clone(), json!(["x"]), Breaking),
            (Kind::Removed, ".spec.a: enum", json!(["x"]), none.clone(), Safe),
            (Kind::Changed, ".spec.a: minimum", json!(1), json!(2), Breaking),
            (Kind::Changed, ".spec.a: minimum", json!(2), json!(1), Safe),
            (Kind::Added, ".spec.a: maxLength", none.clone(), json!(9), Breaking),
            (Kind::Changed, ".spec.a: maxLength", json!(9), json!(10), Safe),
            (Kind::Changed, ".spec.a: type", json!("string"), json!("integer"), Breaking),
            (Kind::Changed, ".spec.a: pattern", json!("a"), json!("b"), Breaking),
            (Kind::Removed, ".spec.a: pattern", json!("a"), none.clone(), Safe),
            (Kind::Removed, ".spec.a: nullable", json!(true), none.clone(), Breaking),
            (Kind::Removed, ".spec: x-kubernetes-preserve-unknown-fields", json!(true), none.clone(), Breaking),
            (Kind::Added, ".spec: x-kubernetes-preserve-unknown-fields", none.clone(), json!(true), Safe),
            (Kind::Changed, ".spec.a: default", json!(1), json!(2), Risky),
            (Kind::Added, ".spec: x-kubernetes-validations", none.clone(), json!([{"rule": "true"}]), Breaking),
            (Kind::Removed, "", none.clone(), none.clone(), Breaking),
            (Kind::Changed, "served", json!(true), json!(false), Breaking),
            (Kind::Added, "column Age", none.clone(), json!({}), Safe),
            (Kind::Changed, "scope", json!("Namespaced"), json!("Cluster"), Breaking),
        ] {
            assert_eq!(class(kind, path, from, to), expected, "{kind:?} {path}");
        }
    }
}
