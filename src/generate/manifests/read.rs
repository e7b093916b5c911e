//! The objects of a file of manifests.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Entry, SourceText};
use crate::generate::misfit;
use crate::operator::{Misfit, Object};
use crate::yaml::{self, Document, Route};

/// The objects of a file. Lists are split into their items.
pub(in crate::generate) fn objects(text: &str, file: &str, route: &Route) -> Result<Vec<Entry>, Misfit> {
    let documents = yaml::read(text).map_err(|error| misfit(route.clone(), format!("{file}:{error}")))?;
    let source = Arc::new(SourceText { file: file.to_owned(), text: text.to_owned() });
    let mut entries = Vec::new();
    for Document { index, line, value } in documents {
        let place = format!("{file}:{line}");
        for (at, item) in items(value) {
            let Value::Object(map) = item else {
                return Err(misfit(route.clone(), format!("{place} does not contain a Kubernetes object")));
            };
            let entry =
                Entry { object: Object(map), route: route.clone(), source: source.clone(), document: index, at, line };
            let object = &entry.object;
            let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
            // The API server generates the name of such an object.
            let named = if object.name().is_empty() { entry.text("metadata/generateName") } else { object.name() };
            if !plain(object.kind()) || !plain(named) || object.group_version().1.contains('/') {
                let message = format!("the object at {place} has no valid apiVersion, kind or metadata.name");
                return Err(misfit(route.clone(), message));
            }
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// The items of a list, or the value itself. Items of a typed list, such as a ConfigMapList, need no kind, as in
/// kubectl.
fn items(mut value: Value) -> Vec<(Route, Value)> {
    let kind = value["kind"].as_str().and_then(|kind| kind.strip_suffix("List")).map(str::to_owned);
    let version = value["apiVersion"].clone();
    let (Some(kind), Some(Value::Array(items))) = (kind, value.get_mut("items").map(Value::take)) else {
        return vec![(Route::root(), value)];
    };
    let typed = |mut item: Value| {
        if let Some(map) = item.as_object_mut().filter(|_| !kind.is_empty()) {
            complete(map, &kind, &version);
        }
        item
    };
    let items = items.into_iter().map(typed).enumerate();
    items.map(|(i, item)| (Route::root().key("items").index(i), item)).collect()
}

fn complete(item: &mut Map<String, Value>, kind: &str, version: &Value) {
    item.entry("kind").or_insert_with(|| kind.into());
    item.entry("apiVersion").or_insert_with(|| version.clone());
}
