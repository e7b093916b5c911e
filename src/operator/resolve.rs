//! Applies the ranges of an `operator.yaml` for one release, before anything is deserialized.
//!
//! - A mapping with `since` or `until` exists only in these releases. The two keys are removed.
//! - If only `value` is left then, the mapping stands for that value, which may have any type.
//! - A mapping with the one key `byRelease` stands for the one value in its list that applies to the release. A null
//!   value is the same as no value.
//! - A list without any remaining item is removed too.
//! - A literal key with one of these names is written with a `$` before it: `$since`.

use std::collections::BTreeMap;

use semver::Version;
use serde_json::{Map, Value};

use crate::release::{Range, SINCE, UNTIL};
use crate::yaml::{Route, Step};

/// The key of a value that has a range.
pub(super) const VALUE: &str = "value";
/// The key of a list of values with ranges.
pub(super) const BY_RELEASE: &str = "byRelease";

/// A problem at a place in the file.
pub(super) type Problem = (Route, String);

/// Maps places in a release's value to places in the file, if they differ.
#[derive(Debug, Default)]
pub(super) struct Origins(BTreeMap<Route, Route>);

impl Origins {
    /// The place in the file for a place in the value.
    pub(super) fn of(&self, place: &Route) -> Route {
        for length in (0..=place.0.len()).rev() {
            let (start, rest) = place.0.split_at(length);
            if let Some(written) = self.0.get(&Route(start.to_vec())) {
                return Route(written.0.iter().chain(rest).cloned().collect());
            }
        }
        place.clone()
    }

    /// Maps a place that is not in the file, and everything inside it, to one that is.
    pub(super) fn adopt(&mut self, place: Route, written: &Route) {
        let written = self.of(written);
        self.0.insert(place, written);
    }

    fn add(&mut self, place: &Route, written: &Route) {
        if place != written {
            self.0.insert(place.clone(), written.clone());
        }
    }
}

/// Applies the ranges.
pub(super) struct Resolver<'r> {
    pub(super) release: &'r Version,
    pub(super) origins: Origins,
    pub(super) problems: Vec<Problem>,
}

impl Resolver<'_> {
    /// The value for the release; `None` if the release does not have it. `place` is its new place, `written` its place
    /// in the file.
    pub(super) fn value(&mut self, value: &Value, place: &Route, written: &Route) -> Option<Value> {
        match value {
            Value::Object(map) => self.mapping(map, place, written),
            Value::Array(list) => {
                let mut kept = Vec::new();
                for (i, item) in list.iter().enumerate() {
                    let (place, written) = (place.clone().index(kept.len()), written.clone().index(i));
                    self.origins.add(&place, &written);
                    kept.extend(self.value(item, &place, &written));
                }
                (!kept.is_empty() || list.is_empty()).then(|| kept.into())
            }
            scalar => Some(scalar.clone()),
        }
    }

    /// The release's own entry in the list of releases. The other entries are removed.
    pub(super) fn release_entry(&mut self, entry: &Value, releases: &Route, index: usize) -> Option<Value> {
        let (place, written) = (releases.clone().index(0), releases.clone().index(index));
        self.origins.add(&place, &written);
        self.value(entry, &place, &written)
    }

    fn mapping(&mut self, map: &Map<String, Value>, place: &Route, written: &Route) -> Option<Value> {
        let range = self.range(map, written)?;
        let within = range.is_some();
        let mut rest = map.iter().filter(|(key, _)| !within || ![SINCE, UNTIL].contains(&key.as_str()));
        match (rest.clone().count(), rest.next()) {
            (0, _) if within => {
                self.problems.push((
                    written.clone(),
                    "`since` and `until` need another key next to them: the value that the range is for".into(),
                ));
                None
            }
            (1, Some((key, value))) if within && key == VALUE => self.stand_in(value, place, &written.clone().key(key)),
            (1, Some((key, value))) if key == BY_RELEASE => self.choose(value, place, &written.clone().key(key)),
            _ => {
                let mut resolved = Map::new();
                for (key, value) in map.iter().filter(|(key, _)| ![SINCE, UNTIL].contains(&key.as_str())) {
                    let name = plain(key);
                    let (place, written) = (place.clone().key(name), written.clone().key(&**key));
                    self.origins.add(&place, &written);
                    if let Some(value) = self.value(value, &place, &written) {
                        resolved.insert(name.to_owned(), value);
                    }
                }
                Some(resolved.into())
            }
        }
    }

    /// The range of a mapping: `Some(None)` if it has none, `None` if the release is not in it.
    #[allow(clippy::option_option, reason = "an absent range and an absent value are two things here")]
    fn range(&mut self, map: &Map<String, Value>, written: &Route) -> Option<Option<Range>> {
        if !map.contains_key(SINCE) && !map.contains_key(UNTIL) {
            return Some(None);
        }
        match Range::read(map, SINCE, UNTIL) {
            Ok(range) if range.holds(self.release) => Some(Some(range)),
            Ok(_) => None,
            Err(bad) => {
                self.problems.push((written.clone().key(bad.key), bad.message));
                None
            }
        }
    }

    fn stand_in(&mut self, value: &Value, place: &Route, written: &Route) -> Option<Value> {
        self.origins.add(place, written);
        self.value(value, place, written).filter(|value| !value.is_null())
    }

    fn choose(&mut self, choices: &Value, place: &Route, written: &Route) -> Option<Value> {
        let before = self.problems.len();
        let mut fitting = Vec::new();
        for (i, choice) in choices.as_array().into_iter().flatten().enumerate() {
            let route = written.clone().index(i);
            let map = choice.as_object().filter(|map| {
                map.contains_key(VALUE) && map.keys().all(|key| [SINCE, UNTIL, VALUE].contains(&key.as_str()))
            });
            match map {
                Some(map) if self.range(map, &route).is_some() => fitting.push((&map[VALUE], route.key(VALUE))),
                Some(_) => {}
                None => self
                    .problems
                    .push((route, format!("an item of {BY_RELEASE} may have only {VALUE}, {SINCE} and {UNTIL}"))),
            }
        }
        match fitting.as_slice() {
            _ if self.problems.len() > before => None,
            [(value, route)] => self.stand_in(value, place, route),
            [] => {
                self.problems.push((
                    written.clone(),
                    format!("no item applies to the release {}; add one, or widen a range", self.release),
                ));
                None
            }
            [(_, first), .., (_, last)] => {
                let release = self.release;
                let message = format!("this item and {first} both apply to {release}; end one of them with `{UNTIL}`");
                self.problems.push((last.clone(), message));
                None
            }
        }
    }
}

/// A literal key loses the `$` before it.
fn plain(key: &str) -> &str {
    key.strip_prefix('$').filter(|rest| [SINCE, UNTIL, VALUE, BY_RELEASE].contains(rest)).unwrap_or(key)
}

/// The strings of a value, with their places.
pub(super) fn strings(value: &mut Value, route: &mut Route, each: &mut impl FnMut(&mut String, &Route)) {
    match value {
        Value::String(text) => each(text, route),
        Value::Array(list) => {
            for (i, item) in list.iter_mut().enumerate() {
                route.0.push(Step::Index(i));
                strings(item, route, each);
                route.0.pop();
            }
        }
        Value::Object(map) => {
            for (key, item) in map.iter_mut() {
                route.0.push(Step::Key(key.clone()));
                strings(item, route, each);
                route.0.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resolve(value: &Value, release: &str) -> (Option<Value>, Vec<String>) {
        let release = release.parse().unwrap();
        let mut resolver = Resolver { release: &release, origins: Origins::default(), problems: Vec::new() };
        let value = resolver.value(value, &Route::root(), &Route::root());
        (value, resolver.problems.into_iter().map(|(route, message)| format!("{route}: {message}")).collect())
    }

    #[test]
    fn parts_are_there_in_their_releases_only() {
        let file = json!({
            "args": ["-a", {"since": "1.1.0", "value": "-b"}, "-c"],
            "part": {"until": "1.1.0", "name": "x"},
            "image": {"byRelease": [{"until": "1.1.0", "value": "old"}, {"since": "1.1.0", "value": "new"}]},
            "gone": {"byRelease": [{"until": "1.1.0", "value": 1}, {"since": "1.1.0", "value": null}]},
            "env": {"value": 1, "$since": 2},
            "late": [{"since": "2.0.0", "value": 1}],
            "none": [],
        });
        assert_eq!(
            resolve(&file, "1.0.0").0.unwrap(),
            json!({"args": ["-a", "-c"], "part": {"name": "x"}, "image": "old", "gone": 1,
                   "env": {"value": 1, "since": 2}, "none": []})
        );
        assert_eq!(
            resolve(&file, "1.1.0").0.unwrap(),
            json!({"args": ["-a", "-b", "-c"], "image": "new", "env": {"value": 1, "since": 2}, "none": []})
        );
    }

    #[test]
    fn a_choice_must_fit_exactly_once() {
        let choices = json!({"a": {"byRelease": [{"until": "1.1.0", "value": 1}, {"until": "1.2.0", "value": 2}]}});
        assert_eq!(resolve(&choices, "1.1.0").1, [""; 0]);
        assert_eq!(
            resolve(&choices, "1.0.0").1,
            ["a.byRelease[1].value: this item and a.byRelease[0].value both apply to 1.0.0; end one of them with \
                 `until`"]
        );
        assert_eq!(
            resolve(&choices, "1.2.0").1,
            ["a.byRelease: no item applies to the release 1.2.0; add one, or widen a range"]
        );
    }

    #[test]
    fn places_lead_back_to_the_file() {
        let file = json!({"list": [{"since": "2.0.0", "a": 1}, {"b": {"since": "1.0.0", "value": {"c": 3}}}]});
        let release = Version::new(1, 0, 0);
        let mut resolver = Resolver { release: &release, origins: Origins::default(), problems: Vec::new() };
        let value = resolver.value(&file, &Route::root(), &Route::root()).unwrap();
        assert_eq!(value, json!({"list": [{"b": {"c": 3}}]}));
        let place = Route::root().key("list").index(0).key("b").key("c");
        assert_eq!(resolver.origins.of(&place).to_string(), "list[1].b.value.c");
    }
}
