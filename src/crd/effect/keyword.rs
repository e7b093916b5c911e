//! The effects of a keyword that is added, removed or changed in the schema of a field that stays.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Effect, NO_EFFECT, Outcome, UNKNOWN_PRUNED, breaking, risky, safe};

/// A constraint that was removed or is weaker.
pub(in crate::crd) const WIDER: Effect = safe("accepts everything it accepted before");
const REJECTED: Effect = breaking(Outcome::RejectedWhenChanged, "values that do not match are rejected");

/// The string formats that the API server checks, without those that accept every string: `supportedVersionedFormats`
/// in apiextensions-apiserver's `pkg/apiserver/validation/formats.go`. `-` is ignored in them, except in the last two.
const FORMATS: [&str; 25] = [
    "bsonobjectid",
    "uri",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "cidr",
    "mac",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
    "isbn",
    "isbn10",
    "isbn13",
    "creditcard",
    "ssn",
    "hexcolor",
    "rgbcolor",
    "byte",
    "date",
    "duration",
    "datetime",
    "k8sshortname",
    "k8slongname",
];

/// The effect of a changed keyword. `old` and `new` are the schemas, and `path` is that of the field.
pub(in crate::crd) fn of_keyword(
    keyword: &str,
    [from, to]: [Option<&Value>; 2],
    [old, new]: [&Value; 2],
    path: &str,
) -> Effect {
    let is_true = to == Some(&Value::Bool(true));
    match keyword {
        "type" => of_type(from, to),
        "required" => of_required(from, to, new, path),
        "enum" => match (from, to) {
            (_, None) => WIDER,
            (None, Some(_)) => REJECTED,
            _ if grows(to, from) => REJECTED,
            _ => WIDER,
        },
        "minimum" | "minLength" | "minItems" | "minProperties" => bound(from, to, |from, to| to > from),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => bound(from, to, |from, to| to < from),
        "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" if is_true => REJECTED,
        "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" => WIDER,
        "multipleOf" => bound(from, to, |from, to| (from / to).fract() != 0.0),
        "pattern" | "not" => if_there(to),
        "format" => of_format(to, new),
        "nullable" if is_true => WIDER,
        "nullable" if path.ends_with("[]") => REJECTED,
        "nullable" => risky(Outcome::Pruned, "a null is dropped at the next write, or replaced by the default"),
        "x-kubernetes-int-or-string" if is_true && is_int_or_string(old) => WIDER,
        "x-kubernetes-int-or-string" => REJECTED,
        "x-kubernetes-preserve-unknown-fields" if is_true => WIDER,
        "x-kubernetes-preserve-unknown-fields" => UNKNOWN_PRUNED,
        "x-kubernetes-embedded-resource" if is_true => breaking(
            Outcome::Rejected,
            "every update of resources without apiVersion, kind and metadata there is rejected",
        ),
        "x-kubernetes-embedded-resource" => {
            risky(Outcome::Pruned, "apiVersion, kind and metadata are pruned there unless the schema names them")
        }
        "x-kubernetes-validations" => of_rules(from, to),
        "default" => of_default(from, to),
        "x-kubernetes-list-type" => of_list_type(from, to),
        "x-kubernetes-list-map-keys" if grows(to, from) => DUPLICATES,
        "x-kubernetes-list-map-keys" | "x-kubernetes-map-type" => MERGED,
        "allOf" if grows(from, to) => REJECTED,
        "allOf" => WIDER,
        "anyOf" if to.is_some() && (from.is_none() || grows(to, from)) && !says_int_or_string(old, to) => REJECTED,
        "anyOf" => WIDER,
        "oneOf" => if_there(to),
        _ => risky(Outcome::RejectedWhenChanged, "values that do not match can be rejected"),
    }
}

const DUPLICATES: Effect = breaking(Outcome::RejectedWhenChanged, "lists with duplicate items are rejected");
const MERGED: Effect = risky(Outcome::Handled, "server-side apply merges it differently");

/// A constraint that cannot be compared with another one.
fn if_there(to: Option<&Value>) -> Effect {
    if to.is_some() { REJECTED } else { WIDER }
}

/// Every integer is a number. A field without a type accepts everything that its other keywords accept.
fn of_type(from: Option<&Value>, to: Option<&Value>) -> Effect {
    match (from.and_then(Value::as_str), to.and_then(Value::as_str)) {
        (_, None) | (Some("integer"), Some("number")) => WIDER,
        _ => REJECTED,
    }
}

/// New required fields. A default fills them in.
fn of_required(from: Option<&Value>, to: Option<&Value>, new: &Value, path: &str) -> Effect {
    let fields = difference(to, from);
    let has_default = |name: &&Value| name.as_str().is_some_and(|name| !new["properties"][name]["default"].is_null());
    match fields.iter().all(has_default) {
        true if fields.is_empty() => WIDER,
        true => safe("the default is filled in where it is missing"),
        // The top level changes with every update: its labels, its generation.
        false if path.is_empty() => breaking(Outcome::Rejected, "every update of resources without it is rejected"),
        false => breaking(Outcome::RejectedWhenChanged, "values without it are rejected"),
    }
}

/// A bound: breaking if it is added or tighter.
fn bound(from: Option<&Value>, to: Option<&Value>, tighter: impl Fn(f64, f64) -> bool) -> Effect {
    match (from.and_then(Value::as_f64), to.and_then(Value::as_f64)) {
        (_, None) => WIDER,
        (None, Some(_)) => REJECTED,
        (Some(from), Some(to)) if tighter(from, to) => REJECTED,
        _ => WIDER,
    }
}

/// The API server checks some string formats and the ranges of small numbers, and nothing else.
fn of_format(to: Option<&Value>, new: &Value) -> Effect {
    let format = to.and_then(Value::as_str).unwrap_or_default();
    let is_checked = match new["type"].as_str() {
        Some("string") => FORMATS.contains(&&*format.replace('-', "")),
        Some("integer") => matches!(format, "int32" | "uint32" | "uint64"),
        Some("number") => matches!(format, "float" | "float32"),
        _ => false,
    };
    match is_checked {
        true => REJECTED,
        false if to.is_none() => WIDER,
        false => NO_EFFECT,
    }
}

/// CEL rules. A rule that uses the old value rejects changes, but no existing value.
fn of_rules(from: Option<&Value>, to: Option<&Value>) -> Effect {
    let new = difference(to, from);
    let is_transition = |rule: &&Value| rule.as_str().is_some_and(|rule| rule.contains("oldSelf"));
    match new.iter().all(is_transition) {
        true if new.is_empty() => WIDER,
        true => risky(Outcome::Handled, "changes that the rule forbids are rejected"),
        false => breaking(Outcome::RejectedWhenChanged, "values that break a rule are rejected"),
    }
}

/// Defaults are stored when a resource is written.
fn of_default(from: Option<&Value>, to: Option<&Value>) -> Effect {
    let text = match (from, to) {
        (None, _) => "resources without the field get this value",
        (_, None) => "new resources without the field get no value; existing ones keep theirs",
        _ => "new resources without the field get another value; existing ones keep theirs",
    };
    risky(Outcome::Defaulted, text)
}

/// Items of sets and maps are unique. Every set and every map is also a list that is replaced as a whole.
fn of_list_type(from: Option<&Value>, to: Option<&Value>) -> Effect {
    match to.is_some() && from != to {
        true => DUPLICATES,
        false => MERGED,
    }
}

/// Whether alternatives only say that integers and strings are accepted.
fn says_int_or_string(old: &Value, any: Option<&Value>) -> bool {
    let types: Option<BTreeSet<&str>> =
        any.and_then(Value::as_array).map(|any| any.iter().filter_map(type_alone).collect());
    is_int_or_string(old) && types == Some(BTreeSet::from(["integer", "string"]))
}

/// Whether a schema accepts only integers or strings.
fn is_int_or_string(schema: &Value) -> bool {
    schema["x-kubernetes-int-or-string"] == true || matches!(schema["type"].as_str(), Some("integer" | "string"))
}

/// The type of a schema without other keywords.
fn type_alone(schema: &Value) -> Option<&str> {
    schema.as_object().filter(|schema| schema.len() == 1)?.get("type")?.as_str()
}

/// Whether the second list has items that the first one lacks.
fn grows(from: Option<&Value>, to: Option<&Value>) -> bool {
    !difference(to, from).is_empty()
}

/// The items that only the first of two lists has.
fn difference<'v>(list: Option<&'v Value>, other: Option<&Value>) -> Vec<&'v Value> {
    let items = |value: Option<&Value>| -> BTreeSet<String> {
        value.and_then(Value::as_array).into_iter().flatten().map(Value::to_string).collect()
    };
    let other = items(other);
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter(|item| !other.contains(&item.to_string())).collect()
}
