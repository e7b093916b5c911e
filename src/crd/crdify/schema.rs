//! The differences between two schemas, without their fields, as in crdify's `pkg/validations/property`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::crd::diff::TEXT;

/// The parts of a schema for which crdify has a check. It compares everything else as a whole.
const CHECKED: [&str; 18] = [
    "properties",
    "items",
    "description",
    "default",
    "enum",
    "maximum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minimum",
    "minItems",
    "minLength",
    "minProperties",
    "nullable",
    "oneOf",
    "pattern",
    "required",
    "type",
];

/// The differences between two schemas, without their fields.
pub(super) fn differences(old: &Value, new: &Value) -> Vec<(&'static str, String)> {
    let (a, b) = (|key: &str| effective(old, key), |key: &str| effective(new, key));
    let mut all = Vec::new();
    let mut differs = |check: &'static str, blocked: bool| {
        if blocked {
            all.push((check, change(check, a(check), b(check))));
        }
    };
    for check in ["default", "nullable", "pattern", "type"] {
        differs(check, a(check) != b(check));
    }
    for (check, is_max) in [
        ("maximum", true),
        ("maxItems", true),
        ("maxLength", true),
        ("maxProperties", true),
        ("minimum", false),
        ("minItems", false),
        ("minLength", false),
        ("minProperties", false),
    ] {
        let number = |value: Option<&Value>| value.and_then(Value::as_f64);
        differs(
            check,
            match (number(a(check)), number(b(check))) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(old), Some(new)) => {
                    if is_max {
                        new < old
                    } else {
                        new > old
                    }
                }
            },
        );
    }
    let set = |value: Option<&Value>| -> BTreeSet<String> {
        value.and_then(Value::as_array).into_iter().flatten().map(Value::to_string).collect()
    };
    let (old_enum, new_enum) = (set(a("enum")), set(b("enum")));
    differs("enum", !old_enum.is_subset(&new_enum) || old_enum.is_empty() && !new_enum.is_empty());
    differs("required", !set(b("required")).is_subset(&set(a("required"))));
    differs("oneOf", alternatives(old) != alternatives(new));
    let unhandled = rest(old).into_iter().chain(rest(new)).filter(|key| a(key) != b(key));
    let unhandled: BTreeSet<&str> = unhandled.filter(|key| normal(a(key)) != normal(b(key))).collect();
    if !unhandled.is_empty() {
        let changes: Vec<String> = unhandled.into_iter().map(|key| change(key, a(key), b(key))).collect();
        all.push(("unhandled", changes.join(", ")));
    }
    all
}

/// The value of a key, if it has an effect: Go omits empty values.
fn effective<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    schema.get(key).filter(|value| says_something(key, value))
}

/// Pointers in Go, for which `false` is a value.
const POINTERS: [&str; 2] = ["x-kubernetes-preserve-unknown-fields", "optionalOldSelf"];

fn says_something(key: &str, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(false) => POINTERS.contains(&key) || matches!(key, "default" | "example" | "additionalProperties"),
        Value::Array(list) => !list.is_empty() || matches!(key, "default" | "example"),
        Value::String(text) => !text.is_empty() || matches!(key, "default" | "example"),
        _ => true,
    }
}

/// The keys of a schema for which crdify has no check, among those that Kubernetes knows.
fn rest(schema: &Value) -> Vec<&str> {
    const KNOWN: [&str; 26] = [
        "$ref",
        "$schema",
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "definitions",
        "dependencies",
        "example",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "externalDocs",
        "format",
        "id",
        "multipleOf",
        "not",
        "patternProperties",
        "title",
        "uniqueItems",
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    ];
    let keys = schema.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    keys.filter(|key| !CHECKED.contains(key) && KNOWN.contains(key)).collect()
}

/// The alternatives of `oneOf`, without their own texts.
fn alternatives(schema: &Value) -> BTreeSet<String> {
    let without_texts = |alternative: &Value| {
        let mut alternative = normal(Some(alternative)).unwrap_or_default();
        if let Some(map) = alternative.as_object_mut() {
            TEXT.iter().for_each(|text| drop(map.remove(*text)));
        }
        alternative.to_string()
    };
    effective(schema, "oneOf").and_then(Value::as_array).into_iter().flatten().map(without_texts).collect()
}

/// A value without parts that have no effect, at any depth.
fn normal(value: Option<&Value>) -> Option<Value> {
    Some(match value? {
        Value::Object(map) => {
            let entries = map.iter().filter(|(key, value)| says_something(key, value));
            Value::Object(entries.filter_map(|(key, value)| Some((key.clone(), normal(Some(value))?))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().filter_map(|item| normal(Some(item))).collect()),
        other => other.clone(),
    })
}

/// `maximum 5 -> 3`, and `required ["a"] is added`
fn change(check: &str, old: Option<&Value>, new: Option<&Value>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => format!("{check} changes from {old} to {new}"),
        (None, Some(new)) => format!("{check} {new} is added"),
        (Some(old), None) => format!("{check} {old} is removed"),
        (None, None) => format!("{check} changes"),
    }
}
