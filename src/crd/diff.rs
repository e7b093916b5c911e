//! Structure against structure of two sets of CustomResourceDefinitions. Texts (descriptions, titles, examples, warnings
//! of deprecation) are no structure.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Crd, Version};

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Only the second side has it.
    Added,
    /// Only the first side has it. A field that is gone is pruned from users' resources.
    Removed,
    /// Both have it, and it says something else.
    Changed,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// The definition's name.
    pub crd: String,
    /// Its version; none where the difference is of the whole definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What happened.
    pub change: Kind,
    /// Where: a field's path in a resource (`.spec.size`, `[]` into lists, `{}` into maps), with `:` and a schema
    /// keyword where the field itself stays (`.spec.size: minimum`), or a key of the definition (`scope`).
    pub path: String,
    /// What the first side says. A field's type where a field was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What the second side says. A field's type where a field was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
    /// How many fields are below an added or removed one.
    #[serde(skip_serializing_if = "is_zero")]
    pub fields: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Every difference from `a` to `b`, sorted by definition, version and path. An added or removed field stands for
/// all that is below it.
#[must_use]
pub fn diff(a: &[Crd], b: &[Crd]) -> Vec<Change> {
    let (a, b) = (by_name(a), by_name(b));
    let mut changes = Vec::new();
    for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        let mut differ = Differ { crd: name, version: None, changes: &mut changes };
        match (a.get(name), b.get(name)) {
            (Some(a), Some(b)) => differ.crd(a, b),
            (Some(_), None) => differ.push(Kind::Removed, String::new(), None, None, 0),
            _ => differ.push(Kind::Added, String::new(), None, None, 0),
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

/// The keywords whose values are schemas of deeper fields.
const DEEPER: [&str; 4] = ["properties", "items", "additionalProperties", "patternProperties"];
/// The keywords that are text.
const TEXT: [&str; 4] = ["description", "title", "example", "externalDocs"];
/// The keys whose lists are sets.
const SETS: [&str; 5] = ["categories", "enum", "required", "shortNames", "x-kubernetes-list-map-keys"];

impl<'c> Differ<'c> {
    fn push(&mut self, change: Kind, path: String, from: Option<Value>, to: Option<Value>, fields: usize) {
        let (crd, version) = (self.crd.to_owned(), self.version.map(str::to_owned));
        self.changes.push(Change { crd, version, change, path, from, to, fields });
    }

    fn crd(&mut self, a: &'c Crd, b: &'c Crd) {
        let names = |crd: &Crd| without(crd.spec.get("names").and_then(Value::as_object), &[]);
        let rest = |crd: &Crd| without(Some(&crd.spec), &["names"]);
        self.maps(&rest(a), &rest(b), "");
        self.maps(&names(a), &names(b), "names.");
        let versions = |crd: &'c Crd| crd.versions.iter().map(|v| (v.name.as_str(), v)).collect::<BTreeMap<_, _>>();
        let (a, b) = (versions(a), versions(b));
        for name in a.keys().chain(b.keys()).copied().collect::<BTreeSet<_>>() {
            self.version = Some(name);
            match (a.get(name), b.get(name)) {
                (Some(a), Some(b)) => self.versions(a, b),
                (Some(_), None) => self.push(Kind::Removed, String::new(), None, None, 0),
                _ => self.push(Kind::Added, String::new(), None, None, 0),
            }
        }
        self.version = None;
    }

    fn versions(&mut self, a: &Version, b: &Version) {
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
        self.maps(&columns(a), &columns(b), "");
        self.schemas(&a.schema, &b.schema, "");
    }

    /// Two mappings, key by key.
    fn maps(&mut self, a: &Map<String, Value>, b: &Map<String, Value>, prefix: &str) {
        for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
            let meaning = |side: &Map<String, Value>| side.get(key).filter(|value| says_something(key, value)).cloned();
            let (from, to) = (meaning(a), meaning(b));
            let set = |value: Option<Value>| if SETS.contains(&key.as_str()) { value.map(sorted) } else { value };
            let (from, to) = (set(from), set(to));
            let change = match (&from, &to) {
                (None, None) => continue,
                (Some(from), Some(to)) if from == to => continue,
                (Some(_), Some(_)) => Kind::Changed,
                (Some(_), None) => Kind::Removed,
                (None, Some(_)) => Kind::Added,
            };
            self.push(change, format!("{prefix}{key}"), from, to, 0);
        }
    }

    fn schemas(&mut self, a: &Value, b: &Value, path: &str) {
        let keywords = |schema: &Value| without(schema.as_object(), &[DEEPER, TEXT].concat());
        let at = if path.is_empty() { "." } else { path };
        self.maps(&keywords(a), &keywords(b), &format!("{at}: "));
        let (a, b) = (deeper(a), deeper(b));
        for step in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
            let path = format!("{path}{step}");
            match (a.get(step), b.get(step)) {
                (Some(a), Some(b)) => self.schemas(a, b, &path),
                (Some(a), None) => self.push(Kind::Removed, path, Some(kind(a)), None, fields(a)),
                (None, Some(b)) => self.push(Kind::Added, path, None, Some(kind(b)), fields(b)),
                (None, None) => {}
            }
        }
    }
}

/// False and absent are the same, and so are an empty set and none, save where a value or a choice is meant: the API
/// server says so.
fn says_something(key: &str, value: &Value) -> bool {
    let is_nothing = match value {
        Value::Bool(value) => !value && key != "default",
        Value::Array(list) => list.is_empty() && SETS.contains(&key) && key != "enum",
        _ => false,
    };
    !is_nothing
}

/// What a mapping has but for these keys, whose values may be large: they are not copied.
fn without(map: Option<&Map<String, Value>>, keys: &[&str]) -> Map<String, Value> {
    let kept = map.into_iter().flatten().filter(|(key, _)| !keys.contains(&key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(mut list) => {
            list.sort_by_key(Value::to_string);
            Value::Array(list)
        }
        other => other,
    }
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
mod tests {
    use serde_json::json;

    use super::*;

    fn crd(schema: Value, more: Value) -> Vec<Crd> {
        let mut spec = json!({
            "group": "g.io", "scope": "Namespaced", "names": {"kind": "K"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
        });
        if let (Value::Object(spec), Value::Object(more)) = (&mut spec, more) {
            spec.extend(more);
        }
        vec![Crd::from_manifest(json!({"metadata": {"name": "ks.g.io"}, "spec": spec})).expect("a definition")]
    }

    fn paths(a: &[Crd], b: &[Crd]) -> Vec<(Kind, String)> {
        diff(a, b).into_iter().map(|change| (change.change, change.path)).collect()
    }

    #[test]
    fn fields_are_compared_by_path() {
        let a = crd(
            json!({"properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "string", "description": "x"}}}}}}),
            json!({}),
        );
        let b = crd(
            json!({"properties": {"b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "integer", "description": "y"}}}}, "d": {"type": "object", "properties": {"e": {}}}}}),
            json!({}),
        );
        let expected = [(Kind::Removed, ".a"), (Kind::Changed, ".b[].c: type"), (Kind::Added, ".d")];
        assert_eq!(paths(&a, &b), expected.map(|(kind, path)| (kind, path.to_owned())));
        assert_eq!(diff(&a, &b)[2].fields, 1);
        assert!(diff(&a, &a).is_empty());
    }

    #[test]
    fn v1beta1_is_read_in_its_v1_form() {
        let new = crd(json!({"type": "object"}), json!({}));
        let old = json!({"metadata": {"name": "ks.g.io"}, "spec": {
            "group": "g.io", "scope": "Namespaced", "names": {"kind": "K"}, "version": "v1",
            "validation": {"openAPIV3Schema": {"type": "object"}}, "preserveUnknownFields": false,
        }});
        assert_eq!(paths(&[Crd::from_manifest(old).expect("a definition")], &new), []);
    }

    #[test]
    fn sets_have_no_order() {
        let side = |required: Value| crd(json!({"required": required}), json!({}));
        assert_eq!(paths(&side(json!(["a", "b"])), &side(json!(["b", "a"]))), []);
        assert_eq!(paths(&side(json!(["a"])), &side(json!(["b"]))), [(Kind::Changed, ".: required".to_owned())]);
    }

    #[test]
    fn what_says_nothing_is_no_difference() {
        let none = crd(json!({}), json!({}));
        let names = |short: Value| crd(json!({}), json!({"names": {"kind": "K", "shortNames": short}}));
        assert_eq!(paths(&none, &names(json!([]))), []);
        assert_eq!(paths(&names(json!(["a", "b"])), &names(json!(["b", "a"]))), []);
        assert_eq!(paths(&none, &names(json!(["k"]))), [(Kind::Added, "names.shortNames".to_owned())]);
        let schema = |schema: Value| paths(&none, &crd(schema, json!({})));
        assert_eq!(schema(json!({"required": [], "nullable": false})), []);
        assert_eq!(schema(json!({"default": false})), [(Kind::Added, ".: default".to_owned())]);
        assert_eq!(schema(json!({"enum": []})), [(Kind::Added, ".: enum".to_owned())]);
    }

    #[test]
    fn a_definition_may_have_no_names() {
        let mut nameless = crd(json!({}), json!({}));
        nameless[0].spec.remove("names");
        assert_eq!(paths(&nameless, &crd(json!({}), json!({}))), [(Kind::Added, "names.kind".to_owned())]);
    }

    #[test]
    fn a_warning_is_text() {
        let deprecated = |warning: &str| {
            let version = json!({"name": "v1", "deprecated": true, "deprecationWarning": warning});
            crd(json!({}), json!({"versions": [version]}))
        };
        assert_eq!(paths(&deprecated("a"), &deprecated("b")), []);
        let (_, changed) = &paths(&deprecated("a"), &crd(json!({}), json!({"versions": [{"name": "v1"}]})))[0];
        assert_eq!(changed, "deprecated");
    }
}
