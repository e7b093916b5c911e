//! The structural differences between two sets of CustomResourceDefinitions. Texts (descriptions, titles, examples,
//! deprecation warnings) do not count.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::effect::{self, Effect};
use super::{Crd, Version};

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Only the second side has it.
    Added,
    /// Only the first side has it. A removed field is pruned from users' resources.
    Removed,
    /// Both have it, with different values.
    Changed,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// The definition's name.
    pub crd: String,
    /// Its version; `None` if the difference concerns the whole definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What happened.
    pub change: Kind,
    /// The location: a field's path in a resource (`.spec.size`, `[]` into lists, `{}` into maps), followed by `:` and
    /// a schema keyword if the field itself stays (`.spec.size: minimum`), or a key of the definition (`scope`).
    pub path: String,
    /// The value on the first side; the type of a removed field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// The value on the second side; the type of an added field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
    /// How many fields are below an added or removed one.
    #[serde(skip_serializing_if = "is_zero")]
    pub fields: usize,
    /// Its effect on existing resources.
    #[serde(skip)]
    pub effect: Effect,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// All differences from `a` to `b`, sorted by definition, version and path. An added or removed field stands for
/// everything below it.
#[must_use]
pub fn diff(a: &[Crd], b: &[Crd]) -> Vec<Change> {
    let (a, b) = (by_name(a), by_name(b));
    let mut changes = Vec::new();
    for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        let mut differ = Differ { crd: name, version: None, changes: &mut changes };
        match (a.get(name), b.get(name)) {
            (Some(a), Some(b)) => differ.crd(a, b),
            (Some(_), None) => differ.whole(Kind::Removed, effect::of_whole(Kind::Removed)),
            _ => differ.whole(Kind::Added, effect::of_whole(Kind::Added)),
        }
    }
    changes
}

fn by_name(crds: &[Crd]) -> BTreeMap<&str, &Crd> {
    crds.iter().map(|crd| (crd.name.as_str(), crd)).collect()
}

struct Differ<'c> {
    crd: &'c str,
    version: Option<&'c str>,
    changes: &'c mut Vec<Change>,
}

/// The keywords that contain the schemas of nested fields.
const DEEPER: [&str; 4] = ["properties", "items", "additionalProperties", "patternProperties"];
/// The keywords that are text.
pub(super) const TEXT: [&str; 4] = ["description", "title", "example", "externalDocs"];
/// The keys whose lists are sets.
const SETS: [&str; 9] = [
    "allOf",
    "anyOf",
    "categories",
    "enum",
    "oneOf",
    "required",
    "shortNames",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-validations",
];

impl<'c> Differ<'c> {
    fn push(&mut self, change: Kind, path: String, sides: [Option<Value>; 2], fields: usize, effect: Effect) {
        let (crd, version) = (self.crd.to_owned(), self.version.map(str::to_owned));
        let [from, to] = sides;
        self.changes.push(Change { crd, version, change, path, from, to, fields, effect });
    }

    /// A definition or version that was added or removed.
    fn whole(&mut self, change: Kind, effect: Effect) {
        self.push(change, String::new(), [None, None], 0, effect);
    }

    fn crd(&mut self, a: &'c Crd, b: &'c Crd) {
        let names = |crd: &Crd| without(crd.spec.get("names").and_then(Value::as_object), &[]);
        let rest = |crd: &Crd| without(Some(&crd.spec), &["names"]);
        let of_key = |key: &str, [_, to]: [Option<&Value>; 2]| effect::of_key(key, to, false);
        self.maps(&rest(a), &rest(b), "", of_key);
        self.maps(&names(a), &names(b), "names.", |key, [_, to]| effect::of_key(&format!("names.{key}"), to, false));
        let lossy = is_lossy(a, b);
        let versions = |crd: &'c Crd| crd.versions.iter().map(|v| (v.name.as_str(), v)).collect::<BTreeMap<_, _>>();
        let (a, b) = (versions(a), versions(b));
        for name in a.keys().chain(b.keys()).copied().collect::<BTreeSet<_>>() {
            self.version = Some(name);
            match (a.get(name), b.get(name)) {
                (Some(a), Some(b)) => self.versions(a, b, lossy),
                (Some(a), None) => self.whole(Kind::Removed, effect::of_version(Some(a))),
                (None, Some(b)) if is_stored(b) => {
                    self.whole(Kind::Added, effect::of_key("storage", Some(&Value::Bool(true)), lossy));
                }
                _ => self.whole(Kind::Added, effect::of_version(None)),
            }
        }
        self.version = None;
    }

    fn versions(&mut self, a: &Version, b: &Version, lossy: bool) {
        let columns = |version: &Version| {
            let list = version.rest.get("additionalPrinterColumns").and_then(Value::as_array);
            let columns = list.into_iter().flatten().map(|column| {
                let mut fields = without(column.as_object(), &["description"]);
                let name = fields.remove("name").unwrap_or_default();
                (format!("column {}", name.as_str().unwrap_or_default()), Value::Object(fields))
            });
            let rest = without(Some(&version.rest), &["additionalPrinterColumns", "deprecationWarning"]);
            rest.into_iter().chain(columns).collect::<Map<_, _>>()
        };
        self.maps(&columns(a), &columns(b), "", |key, [_, to]| effect::of_key(key, to, lossy));
        self.schemas(&a.schema, &b.schema, "");
    }

    /// Two mappings, key by key.
    fn maps(
        &mut self,
        a: &Map<String, Value>,
        b: &Map<String, Value>,
        prefix: &str,
        effect: impl Fn(&str, [Option<&Value>; 2]) -> Effect,
    ) {
        for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
            let meaning = |side: &Map<String, Value>| {
                side.get(key).filter(|value| says_something(key, value)).map(|value| meaning(key, value))
            };
            let (from, to) = (meaning(a), meaning(b));
            let change = match (&from, &to) {
                (None, None) => continue,
                (Some(from), Some(to)) if from == to => continue,
                (Some(_), Some(_)) => Kind::Changed,
                (Some(_), None) => Kind::Removed,
                (None, Some(_)) => Kind::Added,
            };
            let effect = effect(key, [from.as_ref(), to.as_ref()]);
            self.push(change, format!("{prefix}{key}"), [from, to], 0, effect);
        }
    }

    fn schemas(&mut self, a: &Value, b: &Value, path: &str) {
        let keywords = |schema: &Value| without(schema.as_object(), &[DEEPER, TEXT].concat());
        let at = if path.is_empty() { "." } else { path };
        let of_keyword = |keyword: &str, sides: [Option<&Value>; 2]| effect::of_keyword(keyword, sides, [a, b], path);
        self.maps(&keywords(a), &keywords(b), &format!("{at}: "), of_keyword);
        if is_other_structure(a, b) {
            return;
        }
        let (old, new) = (deeper(a), deeper(b));
        for step in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            let path = format!("{path}{step}");
            match (old.get(step), new.get(step)) {
                (Some(a), Some(b)) => self.schemas(a, b, &path),
                (Some(removed), None) => {
                    let effect =
                        if is_always_kept(&path, a, b) { effect::NO_EFFECT } else { effect::of_removed_field(b) };
                    self.push(Kind::Removed, path, [Some(kind(removed)), None], fields(removed), effect);
                }
                (None, Some(came)) => {
                    self.push(
                        Kind::Added,
                        path,
                        [None, Some(kind(came))],
                        fields(came),
                        effect::of_added_field(a, came),
                    );
                }
                (None, None) => {}
            }
        }
    }
}

/// Whether an object, list or single value became another of these: then no value fits, and nested changes are
/// irrelevant.
fn is_other_structure(a: &Value, b: &Value) -> bool {
    let structure = |schema: &Value| schema["type"].as_str().map(|kind| ["object", "array"].map(|it| it == kind));
    matches!((structure(a), structure(b)), (Some(a), Some(b)) if a != b)
}

/// Whether a field is part of every resource, even if the schema does not name it.
fn is_always_kept(path: &str, old: &Value, new: &Value) -> bool {
    let embedded = |schema: &Value| schema["x-kubernetes-embedded-resource"] == true;
    let (within, name) = path.rsplit_once('.').unwrap_or_default();
    matches!(name, "apiVersion" | "kind" | "metadata") && (within.is_empty() || embedded(old) && embedded(new))
}

fn is_stored(version: &Version) -> bool {
    version.rest.get("storage") == Some(&Value::Bool(true))
}

/// Whether resources will be stored in another version that lacks fields, without a webhook that converts them.
fn is_lossy(a: &Crd, b: &Crd) -> bool {
    let stored = |crd: &'_ Crd| crd.versions.iter().position(is_stored);
    let (Some(old), Some(new)) = (stored(a), stored(b)) else { return false };
    let (old, new) = (&a.versions[old], &b.versions[new]);
    if old.name == new.name || b.spec.contains_key("conversion") {
        return false;
    }
    let mut changes = Vec::new();
    Differ { crd: "", version: None, changes: &mut changes }.schemas(&old.schema, &new.schema, "");
    changes.iter().any(|change| change.effect.outcome == effect::Outcome::Pruned)
}

/// False and absent are the same, and so are an empty set and none, a bound of nothing, and defaults, except where a
/// value or a choice is meant, as in the API server.
fn says_something(key: &str, value: &Value) -> bool {
    let is_nothing = match (key, value) {
        ("default", _) => false,
        ("minItems" | "minLength" | "minProperties", Value::Number(number)) => number.as_u64() == Some(0),
        ("x-kubernetes-list-type", Value::String(kind)) => kind == "atomic",
        ("x-kubernetes-map-type", Value::String(kind)) => kind == "granular",
        (_, Value::Bool(value)) => !value,
        (_, Value::Array(list)) => list.is_empty() && SETS.contains(&key) && key != "enum",
        _ => false,
    };
    !is_nothing
}

/// A value without order if it has none, and without texts.
fn meaning(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("x-kubernetes-validations", Value::Array(rules)) => {
            sorted(rules.iter().map(|rule| rule.get("rule").unwrap_or(rule).clone()).collect())
        }
        (key, Value::Array(list)) if SETS.contains(&key) => sorted(list.clone()),
        _ => value.clone(),
    }
}

/// A mapping without these keys. Their values can be large, so they are not copied.
fn without(map: Option<&Map<String, Value>>, keys: &[&str]) -> Map<String, Value> {
    let kept = map.into_iter().flatten().filter(|(key, _)| !keys.contains(&key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn sorted(mut list: Vec<Value>) -> Value {
    list.sort_by_key(Value::to_string);
    Value::Array(list)
}

/// The schemas below one, by the step that leads to each.
fn deeper(schema: &Value) -> BTreeMap<String, &Value> {
    let mut steps = BTreeMap::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        steps.insert(if plain { format!(".{name}") } else { format!("[{name:?}]") }, property);
    }
    for (keyword, step) in [("items", "[]"), ("additionalProperties", "{}")] {
        if let Some(schema) = schema.get(keyword).filter(|schema| **schema != false) {
            steps.insert(step.to_owned(), schema);
        }
    }
    steps
}

fn kind(schema: &Value) -> Value {
    match &schema["type"] {
        Value::Null if schema["x-kubernetes-int-or-string"] == true => "int-or-string".into(),
        Value::Null => "any".into(),
        kind => kind.clone(),
    }
}

fn fields(schema: &Value) -> usize {
    deeper(schema).values().map(|schema| 1 + fields(schema)).sum()
}

#[cfg(test)]
mod tests;
