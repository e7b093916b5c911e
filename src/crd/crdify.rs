//! OLM v1's verdict about a definition that replaces another: its check of upgrade safety, which is
//! [crdify](https://github.com/kubernetes-sigs/crdify) 0.6 as configured in operator-controller 1.11
//! (`internal/operator-controller/rukpak/preflights/crdupgradesafety`). Every difference that it cannot judge blocks
//! the upgrade, except descriptions and values added to an enum.
//!
//! It is stricter than the effect on resources ([`super::Class`]): a changed title blocks too, and in a schema under
//! `additionalProperties` every difference does. So it needs definitions with their texts.

mod schema;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Crd, Version};
use schema::differences;

/// A reason why OLM v1 does not upgrade a definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// The version, or two served ones that differ (`v1beta1 -> v1`). Empty: the whole definition.
    pub version: String,
    /// The field, as `.spec.size`, with `items` and `additionalProperties` as fields. Empty: the whole version.
    pub field: String,
    /// crdify's name of the check that fails, such as `required`, or `unhandled`.
    pub check: &'static str,
    /// The difference, in words.
    pub what: String,
}

/// The reasons that block the upgrade of a definition, sorted. Only the cluster knows in which versions resources are
/// stored; here it is assumed to be the storage version of the old definition.
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

/// A version that stays: removed fields, and all differences in the remaining fields.
fn same_version(old: &Version, new: &Version) -> Vec<Block> {
    let (old_fields, new_fields) = (fields(&old.schema), fields(&new.schema));
    let mut blocks = compare(&old.name, &old_fields, &new_fields);
    // A removed field differs in everything it had: its removal is enough.
    blocks.retain(|block| new_fields.contains_key(&block.field));
    for field in old_fields.into_keys().filter(|field| !new_fields.contains_key(field)) {
        let what = "the field is removed".to_owned();
        blocks.push(Block { version: old.name.clone(), field, check: "existingFieldRemoval", what });
    }
    blocks
}

/// Versions that are served together must match as far as they did in the old definition, unless a webhook converts
/// between them.
fn served_versions(old: &Crd, new: &Crd) -> Vec<Block> {
    let converted = new.spec.get("conversion").is_some_and(|conversion| conversion["strategy"] == "Webhook");
    if converted {
        return Vec::new();
    }
    let known: BTreeSet<Block> = version_pairs(old).into_iter().collect();
    version_pairs(new).into_iter().filter(|block| !known.contains(block)).collect()
}

/// The maximum number of pairs of served versions that are compared: more than any definition has.
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

/// The order of versions in Kubernetes (`CompareKubeAwareVersionStrings` of apimachinery), oldest first: first names
/// that are not versions, in reverse alphabetical order, then alpha, beta and stable versions.
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

/// All schemas within a schema, by path. Schemas can be nested deeply; the thread's stack is large enough for that.
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

/// The differences in the fields of an old schema. Fields that only the new one has do not count.
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
