//! The differences between two bundles of the same name.
//!
//! OLM installs the content of the bundle's image, or the objects in its properties if there is no image; its resolver
//! reads the properties about package, APIs and requirements. A change of these is an error. A change of anything that
//! only user interfaces and mirrors read is a warning.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::{ContentChange, Harm, Status};
use crate::catalog::{Bundle, MigrateLevel, Property, property};
use crate::reference::Reference;

/// The maximum length of a value that is shown.
const TOLD: usize = 160;

/// The properties that OLM's resolver reads.
const RESOLVED: [&str; 7] = [
    property::PACKAGE,
    property::PACKAGE_REQUIRED,
    property::GVK,
    property::GVK_REQUIRED,
    property::CONSTRAINT,
    "olm.label",
    "olm.label.required",
];

/// All differences, the image first.
pub(super) fn changes(old: &Bundle, new: &Bundle) -> Vec<ContentChange> {
    if old == new {
        return Vec::new();
    }
    let mut changes: Vec<ContentChange> = image(old, new).into_iter().collect();
    // If there is an image, it alone defines what is installed. The objects next to it were copied from it for user
    // interfaces.
    let imaged = !old.image.is_empty() && !new.image.is_empty();
    let harm = if imaged { Harm::Warning } else { Harm::Error };
    changes.extend(properties(old, new, harm));
    changes.extend(related_images(old, new));
    changes
}

fn change(field: &'static str, what: impl Into<String>, harm: Harm) -> ContentChange {
    ContentChange { field, what: what.into(), status: Status::Changed, from: None, to: None, harm }
}

/// A change of a value that can be shown.
fn valued(field: &'static str, what: &str, from: Option<&str>, to: Option<&str>, harm: Harm) -> ContentChange {
    let status = match (from, to) {
        (None, Some(_)) => Status::Added,
        (Some(_), None) => Status::Removed,
        _ => Status::Changed,
    };
    ContentChange { status, from: from.map(shown), to: to.map(shown), ..change(field, what, harm) }
}

fn digest(image: &str) -> Option<&str> {
    image.rsplit_once('@').map(|(_, digest)| digest)
}

fn same_repository(old: &str, new: &str) -> bool {
    let name = |image: &str| image.parse().map(|Reference { registry, repository, .. }| (registry, repository));
    matches!((name(old), name(new)), (Ok(old), Ok(new)) if old == new)
}

fn image(old: &Bundle, new: &Bundle) -> Option<ContentChange> {
    let (from, to) = (&old.image, &new.image);
    if from == to {
        return None;
    }
    let harm = match (digest(from), digest(to)) {
        (Some(old), Some(new)) if old == new => Harm::None,
        // It can be the same, which is unknown here: a tag that became a digest, or objects instead of an image.
        (None, Some(_)) | (Some(_), None) if same_repository(from, to) => Harm::Warning,
        _ if from.is_empty() || to.is_empty() => Harm::Warning,
        _ => Harm::Error,
    };
    let [from, to] = [from, to].map(|image| Some(image.as_str()).filter(|image| !image.is_empty()));
    Some(valued("image", "image", from, to, harm))
}

/// The differences of properties. Objects on one side and their metadata on the other are two forms of the same
/// content, and are compared as metadata.
fn properties(old: &Bundle, new: &Bundle, harm: Harm) -> Vec<ContentChange> {
    let has = |bundle: &Bundle, kind: &str| bundle.properties.iter().any(|property| property.kind == kind);
    let migrated = |bundle: &Bundle, other: &Bundle| {
        let as_metadata = has(bundle, property::BUNDLE_OBJECT) && !has(other, property::BUNDLE_OBJECT);
        (as_metadata && has(other, property::CSV_METADATA)).then(|| metadata_of(bundle))
    };
    let (old, new) = match (migrated(old, new), migrated(new, old)) {
        (Some(Ok(old)), _) => (&old.clone(), new),
        (_, Some(Ok(new))) => (old, &new.clone()),
        (Some(Err(())), _) | (_, Some(Err(()))) => {
            return vec![change("properties", "objects that cannot be read", harm)];
        }
        (None, None) => (old, new),
    };
    let (from, to) = (by_kind(&old.properties), by_kind(&new.properties));
    let kinds: BTreeSet<&str> = from.keys().chain(to.keys()).copied().collect();
    let of = |map: &BTreeMap<&str, Vec<Value>>, kind: &str| map.get(kind).cloned().unwrap_or_default();
    let mut changes = Vec::new();
    for kind in kinds {
        match kind {
            property::BUNDLE_OBJECT => changes.extend(objects(old, new, harm)),
            property::CSV_METADATA => changes.extend(metadata(&of(&from, kind), &of(&to, kind))),
            _ => {
                let harm = if RESOLVED.contains(&kind) { Harm::Error } else { Harm::Warning };
                changes.extend(values(kind, &of(&from, kind), &of(&to, kind), harm));
            }
        }
    }
    changes
}

/// The bundle with its metadata instead of its objects.
fn metadata_of(bundle: &Bundle) -> Result<Bundle, ()> {
    // A bundle without an image is not migrated; here only the metadata is needed.
    let mut bundle = Bundle { image: "image".into(), ..bundle.clone() };
    bundle.migrate(MigrateLevel::All).map(|()| bundle).map_err(|_| ())
}

fn by_kind(properties: &[Property]) -> BTreeMap<&str, Vec<Value>> {
    let mut kinds: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for property in properties {
        // The values of objects are large, and are compared elsewhere.
        let values = kinds.entry(&property.kind).or_default();
        if property.kind != property::BUNDLE_OBJECT {
            values.push(property.value.clone());
        }
    }
    kinds
}

/// Values of one type that were added or removed. One of each is a change.
fn values(kind: &str, old: &[Value], new: &[Value], harm: Harm) -> Vec<ContentChange> {
    let set = |values: &[Value]| -> BTreeSet<String> { values.iter().map(Value::to_string).collect() };
    let (old, new) = (set(old), set(new));
    let removed: Vec<_> = old.difference(&new).collect();
    let came: Vec<_> = new.difference(&old).collect();
    let one = |from: Option<&str>, to: Option<&str>| valued("properties", kind, from, to, harm);
    match (&removed[..], &came[..]) {
        ([from], [to]) => vec![one(Some(from), Some(to))],
        _ => removed.iter().map(|v| one(Some(v), None)).chain(came.iter().map(|v| one(None, Some(v)))).collect(),
    }
}

/// The fields of the metadata shown by user interfaces that differ.
fn metadata(old: &[Value], new: &[Value]) -> Vec<ContentChange> {
    let field = |values: &[Value], key: &str| values.first().and_then(|value| value.get(key)).cloned();
    let keys: BTreeSet<&String> =
        old.first().into_iter().chain(new.first()).filter_map(Value::as_object).flat_map(|map| map.keys()).collect();
    let differs = keys.into_iter().filter(|key| field(old, key) != field(new, key));
    differs.map(|key| change("properties", format!("{} {key}", property::CSV_METADATA), Harm::Warning)).collect()
}

/// The objects that differ, by kind and name.
fn objects(old: &Bundle, new: &Bundle, harm: Harm) -> Vec<ContentChange> {
    let raw = |bundle: &Bundle| -> Vec<Value> {
        let objects = bundle.properties.iter().filter(|property| property.kind == property::BUNDLE_OBJECT);
        objects.map(|property| property.value.clone()).collect()
    };
    if raw(old) == raw(new) {
        return Vec::new();
    }
    let (Some(from), Some(to)) = (named(old), named(new)) else {
        return vec![change("properties", "objects that cannot be read", harm)];
    };
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let differs = names.into_iter().filter(|name| from.get(*name) != to.get(*name));
    differs
        .map(|name| {
            let status = match (from.contains_key(name), to.contains_key(name)) {
                (true, false) => Status::Removed,
                (false, true) => Status::Added,
                _ => Status::Changed,
            };
            ContentChange { status, ..change("properties", format!("object {name}"), harm) }
        })
        .collect()
}

/// The objects of a bundle by kind and name; `None` if one cannot be read.
fn named(bundle: &Bundle) -> Option<BTreeMap<String, Vec<Value>>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for object in bundle.objects() {
        let object = object.ok()?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}", text(&object["kind"]), text(&object["metadata"]["name"]));
        all.entry(name).or_default().push(object);
    }
    Some(all)
}

/// The images that were added or removed. The same digest in another registry is the same image. The bundle's own
/// image, which opm adds to them, is reported separately.
fn related_images(old: &Bundle, new: &Bundle) -> Vec<ContentChange> {
    let images = |bundle: &Bundle| -> BTreeMap<String, String> {
        let key = |image: &str| digest(image).unwrap_or(image).to_owned();
        let images = bundle.related_images.iter();
        let images = images.filter(|related| !related.image.is_empty() && related.image != bundle.image);
        images.map(|related| (key(&related.image), related.image.clone())).collect()
    };
    let (from, to) = (images(old), images(new));
    let removed = from.iter().filter(|(key, _)| !to.contains_key(*key)).map(|(_, image)| (Some(image.as_str()), None));
    let came = to.iter().filter(|(key, _)| !from.contains_key(*key)).map(|(_, image)| (None, Some(image.as_str())));
    removed.chain(came).map(|(from, to)| valued("relatedImages", "related image", from, to, Harm::Warning)).collect()
}

/// A value, shortened if it is too long.
fn shown(value: &str) -> String {
    match value.char_indices().nth(TOLD) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}
