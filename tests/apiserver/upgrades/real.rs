//! Definitions of real operators and their next releases.

use std::collections::{BTreeMap, BTreeSet};

use olm_catalog::crd::{Change, Kind, Outcome, diff};
use serde_json::{Value, json};

use super::definitions::{Place, definition, merge, reach, released, sample};
use super::{Pair, crd};

/// How many changes of each outcome are tried.
const EACH: usize = 18;
/// Larger definitions keep the API server busy without showing more.
const LARGEST: usize = 40_000;

/// Each pair of definitions with one of its changes, and a resource that the change concerns.
pub(crate) fn pairs() -> Vec<(String, Pair)> {
    let mut versions: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for manifest in released() {
        let Some(name) = manifest["metadata"]["name"].as_str().map(str::to_owned) else { continue };
        let known = versions.entry(name).or_default();
        let Some(small) = stored(manifest) else { continue };
        if known.last() != Some(&small) {
            known.push(small);
        }
    }
    // One change of each outcome per pair of definitions, and a sample of these.
    let mut found: BTreeMap<Outcome, Vec<(String, Pair)>> = BTreeMap::new();
    for (name, known) in &versions {
        for both in known.windows(2) {
            let changes = diff(&[crd(&both[0])], &[crd(&both[1])]);
            let mut told = BTreeSet::new();
            for change in &changes {
                if told.contains(&change.effect.outcome) {
                    continue;
                }
                let all = found.entry(change.effect.outcome).or_default();
                let group = format!("r{:?}{}.example.com", change.effect.outcome, all.len()).to_lowercase();
                if let Some(pair) = pair(both, change, &changes, &group).filter(|_| told.insert(change.effect.outcome))
                {
                    all.push((format!("{name} {}", change.path), pair));
                }
            }
        }
    }
    let some = |all: Vec<(String, Pair)>| {
        let stride = all.len().div_ceil(EACH).max(1);
        all.into_iter().step_by(stride)
    };
    found.into_values().flat_map(some).collect()
}

/// A definition with only its storage version, under another name.
fn stored(manifest: &Value) -> Option<Value> {
    let spec = &manifest["spec"];
    let stored = spec["versions"].as_array()?.iter().find(|version| version["storage"] == true)?;
    let schema = &stored["schema"]["openAPIV3Schema"];
    let version = json!({"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}});
    let small = schema.is_object() && schema.to_string().len() < LARGEST;
    small.then(|| definition(spec["names"]["kind"].as_str().unwrap_or_default(), "group", vec![version]))
}

fn pair(both: &[Value], change: &Change, others: &[Change], group: &str) -> Option<Pair> {
    let named = |definition: &Value| {
        let mut definition = definition.clone();
        let plural = definition["spec"]["names"]["plural"].as_str()?.to_owned();
        merge(&mut definition, &json!({"metadata": {"name": format!("{plural}.{group}")}, "spec": {"group": group}}));
        Some(definition)
    };
    let (old, new) = (named(&both[0])?, named(&both[1])?);
    let schema = &old["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let kind = old["spec"]["names"]["kind"].clone();
    let mut resource = sample(schema)?;
    merge(&mut resource, &json!({"apiVersion": format!("{group}/v1"), "kind": kind, "metadata": {"name": "one"}}));
    let new_schema = &new["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let place = concern(&mut resource, [schema, new_schema], change)?;
    // Other effects in the resource would hide this one: rejection anywhere, other values in the same place.
    let interferes = |other: &Change| match other.effect.outcome {
        Outcome::Rejected | Outcome::RejectedWhenChanged | Outcome::Refused => {
            path_of(&other.path).is_none_or(|path| path.iter().try_fold(&resource, step).is_some())
        }
        Outcome::Pruned | Outcome::Defaulted => path_of(&other.path).is_none_or(|path| path.starts_with(&place)),
        _ => false,
    };
    if others.iter().any(|other| other.path != change.path && interferes(other)) {
        return None;
    }
    Some(Pair { old, new, resource, place, foretold: change.effect.outcome })
}

fn step<'v>(value: &'v Value, step: &String) -> Option<&'v Value> {
    if step == "[]" { value.get(0) } else { value.get(step) }
}

/// Adds the value that a change concerns to a resource, and returns its place.
fn concern(resource: &mut Value, [schema, new]: [&Value; 2], change: &Change) -> Option<Place> {
    let place = path_of(&change.path)?;
    let node = |schema| {
        place.iter().try_fold(schema, |schema: &Value, step| match step.as_str() {
            "[]" => schema.get("items"),
            name => schema["properties"].get(name),
        })
    };
    let old = || node(schema).and_then(sample);
    match change.path.rsplit_once(": ").map(|(_, keyword)| keyword) {
        None if change.change == Kind::Removed => set(resource, schema, &place, old()?)?,
        None if change.effect.outcome == Outcome::RejectedWhenChanged => {
            // A value that the field does not accept, in an object that kept everything.
            let value = if node(new)?["type"] == "string" { json!(7) } else { json!("text") };
            set(resource, schema, &place, value)?;
        }
        None => {
            // The object to which the field is added.
            reach(resource, schema, &place[..place.len() - 1].to_vec())?;
        }
        Some("type" | "nullable" | "description") => set(resource, schema, &place, old()?)?,
        Some("required") => {
            reach(resource, schema, &place)?;
        }
        Some("enum") => {
            let gone =
                change.from.as_ref()?.as_array()?.iter().find(|value| {
                    change.to.as_ref().and_then(Value::as_array).is_some_and(|list| !list.contains(value))
                });
            set(resource, schema, &place, gone.cloned().or_else(old)?)?;
        }
        Some("default") => {
            reach(resource, schema, &place[..place.len() - 1].to_vec())?;
        }
        Some("x-kubernetes-preserve-unknown-fields") if change.to.is_none() => {
            reach(resource, schema, &place)?.as_object_mut()?.insert("olmProbe".into(), json!("text"));
        }
        Some("x-kubernetes-map-type" | "x-kubernetes-preserve-unknown-fields") => {
            reach(resource, schema, &place)?;
        }
        Some(_) => return None,
    }
    Some(place)
}

fn set(resource: &mut Value, schema: &Value, place: &Place, value: Value) -> Option<()> {
    let (last, object) = place.split_last()?;
    let within = reach(resource, schema, &object.to_vec())?;
    match last.as_str() {
        "[]" => *within = json!([value]),
        name => {
            within.as_object_mut()?.insert(name.to_owned(), value);
        }
    }
    Some(())
}

/// The path to a field. `None` if it does not only consist of names and lists, or is a part of every resource.
fn path_of(path: &str) -> Option<Place> {
    let field = path.split_once(": ").map_or(path, |(field, _)| field);
    let mut place = Place::new();
    for part in field.split('.').skip(1).filter(|part| !part.is_empty()) {
        let name = part.trim_end_matches("[]");
        if name.contains(['[', '{', '"']) {
            return None;
        }
        place.push(name.to_owned());
        place.extend((0..(part.len() - name.len()) / 2).map(|_| "[]".to_owned()));
    }
    (!matches!(place.first().map(String::as_str), None | Some("apiVersion" | "kind" | "metadata"))).then_some(place)
}
