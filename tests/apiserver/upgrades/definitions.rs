//! Definitions of real operators, and the changes that are made in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use olm_catalog::catalog;
use olm_catalog::yaml;
use serde_json::{Map, Value, json};

use super::{Pair, worst};

/// Larger ones keep the API server busy without showing more.
const LARGEST: usize = 30_000;
/// How deep the changes are made.
const DEEPEST: usize = 4;

/// A definition of a real operator.
pub(crate) struct Source {
    pub(crate) name: String,
    /// Its kind.
    kind: String,
    /// The schema of the storage version.
    schema: Value,
    /// The objects in it that can have one more field.
    objects: Vec<Place>,
}

/// The path to a value in a resource and in a schema: `[]` is the first item of a list.
pub(crate) type Place = Vec<String>;

impl Source {
    /// The definitions of the shared data, once each, sorted by name.
    pub(crate) fn all() -> Vec<Self> {
        let mut found = BTreeMap::new();
        for source in released().iter().filter_map(Self::new) {
            found.entry(source.name.clone()).or_insert(source);
        }
        found.into_values().collect()
    }

    fn new(manifest: &Value) -> Option<Self> {
        let spec = &manifest["spec"];
        let stored = spec["versions"].as_array()?.iter().find(|version| version["storage"] == true)?;
        let schema = stored["schema"]["openAPIV3Schema"].clone();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut objects = Vec::new();
        find_objects(&schema, &mut Vec::new(), &mut objects);
        let is_small = schema.to_string().len() < LARGEST;
        (is_small && !objects.is_empty()).then_some(Self {
            name: text(&manifest["metadata"]["name"])?,
            kind: text(&spec["names"]["kind"])?,
            schema,
            objects,
        })
    }

    /// The two definitions of a case, of a group of its own, and a resource.
    pub(crate) fn pair(&self, case: &Value, group: &str, seed: usize) -> Option<Pair> {
        let mut place = self.objects[seed % self.objects.len()].clone();
        let plain = vec![json!({"name": "v1", "storage": true})];
        let side = |field: &str, around: &str| {
            let versions = case["versions"][field].as_array().unwrap_or(&plain);
            let versions: Vec<Value> =
                versions.iter().map(|it| self.version(case, &place, it, [field, around])).collect();
            definition(&self.kind, group, versions)
        };
        let (old, mut new) = (side("old", "oldAround"), side("new", "newAround"));
        merge(&mut new["spec"], &case["spec"]);
        let mut resource = sample(&self.schema)?;
        merge(
            &mut resource,
            &json!({"apiVersion": format!("{group}/v1"), "kind": self.kind, "metadata": {"name": "one"}}),
        );
        let within = reach(&mut resource, &self.schema, &place)?;
        if let Some(value) = case.get("value") {
            within.as_object_mut()?.insert("probe".into(), value.clone());
        }
        place.push("probe".into());
        let foretold = worst(&old, &new);
        Some(Pair { old, new, resource, place, foretold })
    }

    /// A version of the definition, with the field as one side has it.
    fn version(&self, case: &Value, place: &Place, version: &Value, [field, around]: [&str; 2]) -> Value {
        let mut schema = self.schema.clone();
        let object = descend(&mut schema, place);
        for keywords in [&case["around"], &case[around]] {
            merge(object, keywords);
        }
        if let Some(field) = case.get(field).filter(|_| version["without"] != true) {
            object["properties"]["probe"] = field.clone();
        }
        if field == "new" {
            merge(&mut schema, &case["root"]);
        }
        let storage = version["storage"] == true;
        let served = version["served"] != false;
        json!({"name": version["name"], "served": served, "storage": storage, "schema": {"openAPIV3Schema": schema}})
    }
}

/// The definitions of the shared data, in the order in which they were released.
pub(crate) fn released() -> &'static [Value] {
    static RELEASED: OnceLock<Vec<Value>> = OnceLock::new();
    RELEASED.get_or_init(|| {
        let mut manifests = crate::common::shared().map(|shared| manifests(&shared)).unwrap_or_default();
        manifests.retain(|manifest| manifest["kind"] == "CustomResourceDefinition");
        manifests
    })
}

pub(crate) fn definition(kind: &str, group: &str, versions: Vec<Value>) -> Value {
    let plural = format!("{}s", kind.to_lowercase());
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": format!("{kind}List"), "plural": plural, "singular": kind.to_lowercase()},
            "versions": versions,
        },
    })
}

/// A merge patch.
pub(crate) fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (into, patch) => *into = patch.clone(),
    }
}

/// Whether a schema has conditions that a generated value might not meet.
fn is_plain(schema: &Value) -> bool {
    let keywords = ["x-kubernetes-validations", "anyOf", "oneOf", "allOf", "not", "enum", "default"];
    let kept = ["x-kubernetes-embedded-resource", "x-kubernetes-preserve-unknown-fields"];
    keywords.iter().chain(&kept).all(|keyword| schema.get(keyword).is_none())
}

fn find_objects(schema: &Value, place: &mut Place, found: &mut Vec<Place>) {
    if !is_plain(schema) || place.len() > DEEPEST {
        return;
    }
    let properties = schema["properties"].as_object();
    if properties.is_some() && !place.is_empty() {
        found.push(place.clone());
    }
    for (name, property) in properties.into_iter().flatten() {
        if place.is_empty() && matches!(name.as_str(), "apiVersion" | "kind" | "metadata") {
            continue;
        }
        place.push(name.clone());
        match property["type"].as_str() {
            Some("object") => find_objects(property, place, found),
            Some("array") if is_plain(property) && property.get("x-kubernetes-list-type").is_none() => {
                place.push("[]".into());
                find_objects(&property["items"], place, found);
                place.pop();
            }
            _ => {}
        }
        place.pop();
    }
}

fn descend<'s>(schema: &'s mut Value, place: &Place) -> &'s mut Value {
    place.iter().fold(schema, |schema, step| match step.as_str() {
        "[]" => &mut schema["items"],
        name => &mut schema["properties"][name],
    })
}

/// The value at a place in a resource, created if it does not exist.
pub(crate) fn reach<'r>(resource: &'r mut Value, schema: &Value, place: &Place) -> Option<&'r mut Value> {
    let (mut value, mut schema) = (resource, schema);
    for step in place {
        if step == "[]" {
            schema = &schema["items"];
            let list = value.as_array_mut()?;
            if list.is_empty() {
                list.push(sample(schema)?);
            }
            value = &mut list[0];
        } else {
            schema = &schema["properties"][step];
            let object = value.as_object_mut()?;
            if !object.contains_key(step) {
                object.insert(step.clone(), sample(schema)?);
            }
            value = &mut object[step];
        }
    }
    Some(value)
}

/// A small value that a schema probably accepts: the API server decides.
pub(crate) fn sample(schema: &Value) -> Option<Value> {
    if let Some(default) = schema.get("default") {
        return Some(default.clone());
    }
    if let Some(first) = schema["enum"].as_array().and_then(|list| list.first()) {
        return Some(first.clone());
    }
    if schema["x-kubernetes-int-or-string"] == true {
        return Some(json!(1));
    }
    let least = |key: &str| schema[key].as_u64().unwrap_or(0).min(100);
    match schema["type"].as_str() {
        Some("object") | None => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let field = |name: &str| Some((name.to_owned(), sample(&schema["properties"][name])?));
            Some(Value::Object(required.map(field).collect::<Option<Map<_, _>>>()?))
        }
        Some("array") => {
            Some(Value::Array((0..least("minItems")).map(|_| sample(&schema["items"])).collect::<Option<_>>()?))
        }
        Some("boolean") => Some(json!(true)),
        Some("integer" | "number") => Some(schema.get("minimum").cloned().unwrap_or_else(|| json!(1))),
        Some(_) => Some(match schema["format"].as_str() {
            Some("date-time") => json!("2026-01-01T00:00:00Z"),
            Some("byte") => json!("YQ=="),
            _ => json!("a".repeat(usize::try_from(least("minLength")).ok()?.max(1))),
        }),
    }
}

/// The manifests of the shared data's bundles, catalogs and releases.
fn manifests(shared: &Path) -> Vec<Value> {
    let mut manifests = Vec::new();
    for folder in ["upstream", "corpus/bundles", "manifests"] {
        for file in files(&shared.join(folder)) {
            let text = fs::read_to_string(&file).unwrap_or_default();
            if text.contains("CustomResourceDefinition") && !file.ends_with("catalog.yaml") {
                manifests.extend(yaml::read(&text).unwrap_or_default().into_iter().map(|document| document.value));
            }
        }
    }
    let scan = catalog::scan(&shared.join("corpus/catalogs/community-v4.16"));
    for bundle in scan.map(|scan| scan.catalog.bundles).unwrap_or_default() {
        manifests.extend(bundle.objects().flatten());
    }
    manifests
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
