//! The marks that say in which releases a part of the types exists, and how it differed.

use semver::Version;
use serde_json::{Map, Value};

use super::{Error, PRESERVE};
use crate::release::{Range, SINCE, UNTIL};
use crate::route::Route;

/// The marks of one schema.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The releases that have it.
    pub(super) range: Range,
    opaque: Option<Range>,
    changes: Vec<(Range, Value)>,
}

impl Marks {
    /// Removes the marks from a schema.
    pub(super) fn take(schema: &mut Map<String, Value>, route: &Route) -> Result<Self, Error> {
        let failed = |message: String| Error::Mark { route: route.clone(), message };
        let range = Range::read(schema, "x-since", "x-until").map_err(|bad| failed(bad.message))?;
        schema.remove("x-since");
        schema.remove("x-until");
        let mut changes = Vec::new();
        match schema.remove("x-changes") {
            None => {}
            Some(Value::Array(list)) => {
                for change in list {
                    let patch = change.get("schema").filter(|patch| patch.is_object()).cloned();
                    let patch = patch.ok_or_else(|| failed(format!("x-changes has no schema in {change}")))?;
                    changes.push((ends(&change, &["schema"]).map_err(failed)?, patch));
                }
            }
            Some(other) => return Err(failed(format!("x-changes must be a list, not {other}"))),
        }
        let opaque = range_of(schema, "x-opaque", route)?;
        schema.remove("x-opaque");
        schema.remove("x-required");
        Ok(Self { range, opaque, changes })
    }

    /// Changes a finished schema to that of a release.
    pub(super) fn apply(&self, schema: &mut Value, release: &Version) {
        if let (Some(map), true) = (schema.as_object_mut(), self.opaque.as_ref().is_some_and(|r| r.holds(release))) {
            map.retain(|keyword, _| matches!(keyword.as_str(), "type" | "description" | "nullable"));
            map.insert(PRESERVE.into(), true.into());
        }
        for (_, patch) in self.changes.iter().filter(|(range, _)| range.holds(release)) {
            merge(schema, patch);
        }
    }
}

/// The releases that require a field; none if neither it nor its type has a mark.
pub(super) fn required(schema: &Map<String, Value>, route: &Route) -> Result<Option<Range>, Error> {
    range_of(schema, "x-required", route)
}

/// The releases to which a mark applies: `true` or a range.
fn range_of(schema: &Map<String, Value>, mark: &str, route: &Route) -> Result<Option<Range>, Error> {
    match schema.get(mark) {
        None => Ok(None),
        Some(Value::Bool(true)) => Ok(Some(Range::default())),
        Some(value) => ends(value, &[])
            .map(Some)
            .map_err(|message| Error::Mark { route: route.clone(), message: format!("{mark}: {message}") }),
    }
}

/// A mapping with `since`, `until` or both, and no other keys except the named ones.
fn ends(value: &Value, others: &[&str]) -> Result<Range, String> {
    let Value::Object(map) = value else {
        return Err(format!("true or a range with since or until is expected, not {value}"));
    };
    if let Some(key) = map.keys().find(|key| ![SINCE, UNTIL].contains(&key.as_str()) && !others.contains(&key.as_str()))
    {
        return Err(format!("{key} is not expected in {value}"));
    }
    let range = Range::read(map, SINCE, UNTIL).map_err(|bad| bad.message)?;
    if range == Range::default() { Err(format!("{value} has no since and no until")) } else { Ok(range) }
}

/// A JSON merge patch: <https://www.rfc-editor.org/rfc/rfc7386>.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(target) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}
