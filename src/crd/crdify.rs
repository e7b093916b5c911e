//! What OLM v1 says of a definition that replaces another: its check of upgrade safety, which is
//! [crdify](https://github.com/kubernetes-sigs/crdify) 0.6 as operator-controller 1.11 sets it up
//! (`internal/operator-controller/rukpak/preflights/crdupgradesafety`): every difference that it has no opinion on blocks the
//! upgrade, but descriptions do not, and values may be added to an enum.
//!
//! It is stricter than what happens to resources ([`super::effects`]): a changed title blocks too, and in a schema under
//! `additionalProperties` every difference does. So it needs definitions with their texts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Crd, Version};

/// Something for which OLM v1 does not upgrade a definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// The version, or two served ones that differ (`v1beta1 -> v1`). Empty: the whole definition.
    pub version: String,
    /// The field, as `.spec.size`, with `items` and `additionalProperties` as fields. Empty: the whole version.
    pub field: String,
    /// crdify's name of the check that fails, such as `required`, or `unhandled`.
    pub check: &'static str,
    /// What differs, in words.
    pub what: String,
}

/// What blocks the upgrade of a definition, sorted. Which versions resources are stored in, only the cluster knows: here it
/// is the storage version of the old definition.
#[must_use]
pub fn blocks(old: &Crd, new: &Crd) -> Vec<Block> {
    let mut all = BTreeSet::new();
    let whole = |check, what: String| Block { version: String::new(), field: String::new(), check, what };
    let text = |crd: &Crd, key: &str| crd.spec.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (from, to) = (text(old, "scope"), text(new, "scope"));
    if from != to {
        all.insert(whole("scope", format!("the scope changes from {from} to {to}")));
    }
    for version in &old.versions {
        match new.versions.iter().find(|other| other.name == version.name) {
            Some(other) => all.extend(same_version(version, other)),
            None if is_true(version, "storage") => {
                all.insert(whole("storedVersionRemoval", format!("the stored version {} is removed", version.name)));
            }
            None => {}
        }
    }
    all.extend(served_versions(old, new));
    all.into_iter().collect()
}

fn is_true(version: &Version, key: &str) -> bool {
    version.rest.get(key) == Some(&Value::Bool(true))
}

/// A version that stays: fields that are removed, and all that differs in those that stay.
fn same_version(old: &Version, new: &Version) -> Vec<Block> {
    let (old_fields, new_fields) = (fields(&old.schema), fields(&new.schema));
    let mut blocks = compare(&old.name, &old_fields, &new_fields);
    // What is gone differs in everything that it said: that it is gone is enough.
    blocks.retain(|block| new_fields.contains_key(&block.field));
    for field in old_fields.into_keys().filter(|field| !new_fields.contains_key(field)) {
        let what = "the field is removed".to_owned();
        blocks.push(Block { version: old.name.clone(), field, check: "existingFieldRemoval", what });
    }
    blocks
}

/// Versions that are served beside each other must be alike, as far as they were in the old definition, unless a webhook
/// converts between them.
fn served_versions(old: &Crd, new: &Crd) -> Vec<Block> {
    let converted = new.spec.get("conversion").is_some_and(|conversion| conversion["strategy"] == "Webhook");
    if converted {
        return Vec::new();
    }
    let known: BTreeSet<Block> = version_pairs(old).into_iter().collect();
    version_pairs(new).into_iter().filter(|block| !known.contains(block)).collect()
}

/// How many pairs of served versions are compared at most: more than any definition has.
const PAIRS: usize = 100;

fn version_pairs(crd: &Crd) -> Vec<Block> {
    let mut served: Vec<&Version> = crd.versions.iter().filter(|version| is_true(version, "served")).collect();
    served.sort_by_cached_key(|version| age(&version.name));
    let served: Vec<(&str, BTreeMap<String, &Value>)> =
        served.into_iter().map(|version| (version.name.as_str(), fields(&version.schema))).collect();
    let pairs = served.iter().enumerate().flat_map(|(i, old)| served[i + 1..].iter().map(move |new| (old, new)));
    pairs
        .take(PAIRS)
        .flat_map(|((old, old_fields), (new, new_fields))| compare(&format!("{old} -> {new}"), old_fields, new_fields))
        .collect()
}

/// The order of versions in Kubernetes (`CompareKubeAwareVersionStrings` of apimachinery), the oldest first: names that are
/// not versions, of which the last in the alphabet is the oldest, then alpha, beta and stable ones.
fn age(name: &str) -> (bool, std::cmp::Reverse<String>, u8, u64, u64) {
    let parse = || {
        let rest = name.strip_prefix('v')?;
        let number = |text: &str| text.parse::<u64>().ok().filter(|_| !text.starts_with(['0', '+']));
        for (word, rank) in [("alpha", 0), ("beta", 1)] {
            if let Some((major, minor)) = rest.split_once(word) {
                return Some((rank, number(major)?, number(minor)?));
            }
        }
        Some((2, number(rest)?, 0))
    };
    match parse() {
        Some((rank, major, minor)) => (true, std::cmp::Reverse(String::new()), rank, major, minor),
        None => (false, std::cmp::Reverse(name.to_owned()), 0, 0, 0),
    }
}

/// Every schema in a schema, by its path. Schemas may nest deeply; the thread's stack is made for that.
fn fields(schema: &Value) -> BTreeMap<String, &Value> {
    let mut all = BTreeMap::new();
    add_fields(schema, String::new(), &mut all);
    all
}

fn add_fields<'s>(schema: &'s Value, path: String, all: &mut BTreeMap<String, &'s Value>) {
    let Some(map) = schema.as_object() else { return };
    let list = |key: &str| map.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
    let named = |key: &str| map.get(key).and_then(Value::as_object).into_iter().flatten();
    // In crdify's order: of two with the same path, the last counts.
    all.insert(path.clone(), schema);
    match map.get("items") {
        Some(Value::Array(items)) => {
            items.iter().enumerate().for_each(|(i, item)| add_fields(item, format!("{path}.items[{i}]"), all));
        }
        Some(item) => add_fields(item, format!("{path}.items"), all),
        None => {}
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        list(key).for_each(|(i, item)| add_fields(item, format!("{path}.{key}[{i}]"), all));
    }
    map.get("not").into_iter().for_each(|schema| add_fields(schema, format!("{path}.not"), all));
    named("properties").for_each(|(name, schema)| add_fields(schema, format!("{path}.{name}"), all));
    map.get("additionalProperties")
        .into_iter()
        .for_each(|schema| add_fields(schema, format!("{path}.additionalProperties"), all));
    for key in ["patternProperties", "definitions", "dependencies"] {
        named(key).for_each(|(name, schema)| add_fields(schema, format!("{path}.{key}[{name}]"), all));
    }
}

/// What differs in the fields of an old schema. Fields that only the new one has are no difference.
fn compare(version: &str, old: &BTreeMap<String, &Value>, new: &BTreeMap<String, &Value>) -> Vec<Block> {
    let nothing = Value::Object(Map::new());
    let mut blocks = Vec::new();
    for (field, old) in old {
        let new = new.get(field).copied().unwrap_or(&nothing);
        for (check, what) in differences(old, new) {
            blocks.push(Block { version: version.to_owned(), field: field.clone(), check, what });
        }
    }
    blocks
}

/// What of a schema crdify has a check for. It compares everything else as a whole.
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

/// What differs between two schemas, without the fields in them.
fn differences(old: &Value, new: &Value) -> Vec<(&'static str, String)> {
    let (a, b) = (|key: &str| told(old, key), |key: &str| told(new, key));
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

/// The value of a key, where it says something: Go leaves out what is empty.
fn told<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    schema.get(key).filter(|value| says_something(key, value))
}

/// Pointers in Go, for which `false` is not nothing.
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

/// The keys of a schema that crdify has no check for, of those that Kubernetes knows.
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
            super::diff::TEXT.iter().for_each(|text| drop(map.remove(*text)));
        }
        alternative.to_string()
    };
    told(schema, "oneOf").and_then(Value::as_array).into_iter().flatten().map(without_texts).collect()
}

/// A value without what says nothing, at any depth.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_the_order_of_kubernetes() {
        let mut names = ["v1", "v1-1-0", "v10beta3", "v2alpha1", "v1-2-0", "v2", "v11alpha2", "v1beta1", "foo"];
        names.sort_by_cached_key(|name| age(name));
        assert_eq!(names, ["v1-2-0", "v1-1-0", "foo", "v2alpha1", "v11alpha2", "v1beta1", "v10beta3", "v1", "v2"]);
    }
}
