//! What a document says after a change.

use serde_json::{Map, Value};

use super::Edit;
use crate::yaml::{Route, Step};

/// Changes a value. None where the place does not exist.
pub(super) fn apply(edit: &Edit, document: &mut Value) -> Option<()> {
    match edit {
        Edit::Set(at, value) => {
            let old = exact(document, at)?;
            if old.is_array() || old.is_object() {
                return None;
            }
            *old = value.clone();
        }
        Edit::Put { map, key, value, .. } => {
            let map = exact(document, map)?.as_object_mut()?;
            if map.insert(key.clone(), value.value()).is_some() {
                return None;
            }
        }
        Edit::Insert { list, index, value } => {
            let list = exact(document, list)?;
            if list.is_null() {
                *list = Value::Array(Vec::new());
            }
            let list = list.as_array_mut()?;
            if *index > list.len() {
                return None;
            }
            list.insert(*index, value.value());
        }
        Edit::Remove(at) => {
            let (last, above) = at.0.split_last()?;
            let above = exact(document, &Route(above.to_vec()))?;
            match (last, above) {
                (Step::Key(key) | Step::Name(key), Value::Object(map)) => drop(map.remove(key)?),
                (Step::Index(index), Value::Array(items)) if *index < items.len() => drop(items.remove(*index)),
                _ => return None,
            }
        }
        Edit::Wrap { map, key, value } => {
            let map = exact(document, map)?;
            let mut first = Map::new();
            first.insert(key.clone(), value.clone());
            let entries = map.as_object_mut()?;
            if entries.contains_key(key) {
                return None;
            }
            first.append(entries);
            *map = Value::Array(vec![first.into()]);
        }
    }
    Some(())
}

/// The value at a route, whose keys must be written exactly so.
fn exact<'v>(document: &'v mut Value, route: &Route) -> Option<&'v mut Value> {
    route.0.iter().try_fold(document, |value, step| match step {
        Step::Key(key) | Step::Name(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(*index),
    })
}
