//! The places of objects that are not deployments, permissions or webhooks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::notes::{self, Notes, namespaces};
use super::unique::differ;
use super::{Entry, clean, deployments, differs};
use crate::bundle::INSTALLED;
use crate::bundle::csv::Webhook;
use crate::generate::crds::is_crd;
use crate::generate::{Misfits, file_name};
use crate::operator::{Defined, Object};
use crate::yaml::Route;

/// The namespace of the manifests: that of the deployments, or else of the service accounts.
pub(super) fn home(entries: &[Entry]) -> Option<String> {
    let of = |wanted: fn(&Entry) -> bool| {
        let mut named = entries.iter().filter(|entry| wanted(entry)).map(Entry::namespace);
        named.find(|name| !name.is_empty()).map(str::to_owned)
    };
    of(deployments::is).or_else(|| of(|entry| entry.is("", "ServiceAccount")))
}

/// Adds the objects to the definition as examples or objects, or reports why they are left out.
pub(super) fn objects(
    defined: &mut Defined,
    entries: Vec<Entry>,
    home: Option<&str>,
    notes: &mut Notes,
    warnings: &mut Misfits,
) {
    let kinds: BTreeSet<(String, String)> = entries
        .iter()
        .filter(|entry| is_crd(&entry.object))
        .map(|entry| (entry.text("spec/group").to_owned(), entry.text("spec/names/kind").to_owned()))
        .collect();
    let own: BTreeMap<String, usize> =
        defined.definition.objects.iter().enumerate().map(|(i, object)| (file_name(object), i)).collect();
    let mut taken: BTreeMap<String, Entry> = BTreeMap::new();
    let converted: Vec<String> = converted(&defined.definition.webhooks);
    for entry in entries {
        let mut object = entry.object.clone();
        clean(&mut object.0);
        let (kind, name, file) = (object.kind().to_owned(), object.name().to_owned(), file_name(&object));
        let group = object.group_version().0.to_owned();
        if kinds.contains(&(group, kind.clone())) {
            let same = |(_, own): &(usize, &Object)| own.kind() == kind && own.name() == name;
            match defined.definition.examples.iter().enumerate().find(same) {
                Some((i, own)) => differ_from(own, &object, ("examples", i), &entry, warnings),
                None => {
                    defined.adopt("examples", |definition| &mut definition.examples, object, &entry.route);
                }
            }
        } else if is_crd(&object) || INSTALLED.contains(&kind.as_str()) {
            if let Some(i) = own.get(&file) {
                differ_from(&defined.definition.objects[*i], &object, ("objects", *i), &entry, warnings);
                continue;
            }
            if let Some(first) = taken.get(&file) {
                let message = format!(
                    "left out, because OLM installs everything in one namespace, and {}",
                    differ(first, &entry)
                );
                notes.fields(&entry, vec![Route::root().key("metadata").key("namespace")], message);
                continue;
            }
            told(&entry, &object, home, &converted, notes);
            taken.insert(file, entry.clone());
            defined.adopt("objects", |definition| &mut definition.objects, object, &entry.route);
        } else if entry.is("", "Namespace") {
            let metadata = |key: &str| Route::root().key("metadata").key(key);
            let said = ["labels", "annotations"].into_iter().filter(|key| {
                entry.value(&format!("metadata/{key}")).and_then(Value::as_object).is_some_and(|map| !map.is_empty())
            });
            let message =
                "left out, because OLM installs into an existing namespace; that namespace must already have these";
            notes.fields(&entry, said.map(metadata).collect(), message);
        } else {
            notes.object(&entry, format!("left out, because OLM does not install objects of the kind {kind}"));
        }
    }
}

fn differ_from(own: &Object, found: &Object, (key, i): (&str, usize), entry: &Entry, warnings: &mut Misfits) {
    let value = |object: &Object| Value::Object(object.0.clone());
    let what = format!("{} {}", own.kind(), own.name());
    let differences = differs::between(&value(own), &value(found));
    notes::differs(Route::root().key(key).index(i), &what, &entry.place(), &differences, warnings);
}

/// The CRDs whose conversion OLM sets up.
fn converted(webhooks: &[Webhook]) -> Vec<String> {
    webhooks.iter().flat_map(|webhook| webhook.conversion_crds.iter().flatten().cloned()).collect()
}

/// Reports the namespaces that an object keeps or loses.
fn told(entry: &Entry, object: &Object, home: Option<&str>, converted: &[String], notes: &mut Notes) {
    let elsewhere = home.filter(|home| !entry.namespace().is_empty() && entry.namespace() != *home);
    if elsewhere.is_some() {
        let message = format!("OLM installs it in the operator's namespace, not in {}", entry.namespace());
        notes.fields(entry, vec![Route::root().key("metadata").key("namespace")], message);
    }
    let mut value = Value::Object(object.0.clone());
    if is_crd(object)
        && let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut)
    {
        spec.remove("versions");
        if converted.iter().any(|name| name == object.name()) {
            spec.remove("conversion");
        }
    }
    let known: Vec<String> = home.map(str::to_owned).into_iter().collect();
    let fixed = namespaces(&value, &known);
    notes.fields(entry, fixed, "keeps a fixed namespace, which OLM does not change");
}
