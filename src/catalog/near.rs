//! Finds misspelt names of OLM's fields. opm ignores unknown fields, so a misspelt field has no effect.

use serde_json::{Map, Value};

use super::model::schema;
use crate::yaml::{Route, Step, field};

/// A field that was probably meant to be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Near {
    pub(super) route: Route,
    pub(super) found: String,
    pub(super) meant: &'static str,
}

/// The fields of a mapping, and of the mappings in them.
struct Known {
    fields: &'static [&'static str],
    /// Fields that hold a mapping, or a list of mappings.
    inner: &'static [(&'static str, &'static Known)],
}

const fn flat(fields: &'static [&'static str]) -> Known {
    Known { fields, inner: &[] }
}

static PROPERTY: Known = flat(&["type", "value"]);
static ICON: Known = flat(&["base64data", "mediatype"]);
static ENTRY: Known = flat(&["name", "replaces", "skips", "skipRange"]);
static IMAGE: Known = flat(&["name", "image"]);
static REFERENCE: Known = flat(&["schema", "name"]);
static DEPRECATION: Known = Known { fields: &["reference", "message"], inner: &[("reference", &REFERENCE)] };
static PACKAGE: Known = Known {
    fields: &["schema", "name", "package", "defaultChannel", "icon", "description", "properties"],
    inner: &[("icon", &ICON), ("properties", &PROPERTY)],
};
static CHANNEL: Known = Known {
    fields: &["schema", "name", "package", "entries", "properties"],
    inner: &[("entries", &ENTRY), ("properties", &PROPERTY)],
};
static BUNDLE: Known = Known {
    fields: &["schema", "name", "package", "image", "properties", "relatedImages"],
    inner: &[("properties", &PROPERTY), ("relatedImages", &IMAGE)],
};
static DEPRECATIONS: Known =
    Known { fields: &["schema", "name", "package", "entries", "properties"], inner: &[("entries", &DEPRECATION)] };

/// The fields of a blob of one of OLM's schemas.
fn known(blob: &Value) -> Option<&'static Known> {
    match field(blob, "schema")?.as_str()? {
        schema::PACKAGE => Some(&PACKAGE),
        schema::CHANNEL => Some(&CHANNEL),
        schema::BUNDLE => Some(&BUNDLE),
        schema::DEPRECATIONS => Some(&DEPRECATIONS),
        _ => None,
    }
}

/// The misspelt fields of a blob of one of OLM's schemas.
pub(super) fn near_misses(blob: &Value) -> Vec<Near> {
    let Some(map) = blob.as_object() else { return Vec::new() };
    let Some(known) = known(blob) else { return Vec::new() };
    let mut found = Vec::new();
    check(map, known, &Route::root(), &mut found);
    found
}

/// The field that the key at the end of a route was certainly meant to be: its name in the other number or with other
/// separators, or with one wrong letter. None where the mapping has that field too.
pub(crate) fn misspelt(blob: &Value, route: &Route) -> Option<&'static str> {
    let (Step::Key(found), above) = route.0.split_last()? else { return None };
    let mut known = known(blob)?;
    for step in above {
        if let Step::Key(key) = step {
            known = known.inner.iter().find(|(field, _)| field.eq_ignore_ascii_case(key))?.1;
        }
    }
    let meant = meant(found, known.fields)?;
    let certain = one(&bare(found)) == one(&bare(meant))
        || (meant.len() >= SURE && strsim::damerau_levenshtein(&bare(found), &bare(meant)) == 1);
    let mapping = Route(above.to_vec()).find(blob)?;
    (certain && mapping.get(found).is_some() && field(mapping, meant).is_none()).then_some(meant)
}

fn check(map: &Map<String, Value>, known: &'static Known, route: &Route, found: &mut Vec<Near>) {
    for (key, value) in map {
        if !known.fields.iter().any(|field| field.eq_ignore_ascii_case(key)) {
            let meant = meant(key, known.fields);
            found.extend(meant.map(|meant| Near { route: route.clone().key(key), found: key.clone(), meant }));
            continue;
        }
        let Some((_, inner)) = known.inner.iter().find(|(field, _)| field.eq_ignore_ascii_case(key)) else { continue };
        match value {
            Value::Object(map) => check(map, inner, &route.clone().key(key), found),
            Value::Array(items) => {
                for (i, map) in items.iter().enumerate().filter_map(|(i, item)| Some((i, item.as_object()?))) {
                    // The routes of correct items are not needed.
                    if map.keys().any(|key| !inner.fields.contains(&key.as_str())) || !inner.inner.is_empty() {
                        check(map, inner, &route.clone().key(key).index(i), found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The field that a name was meant to be: it may have other separators, be in the singular or plural, or have a wrong
/// letter.
pub(crate) fn meant<'f>(found: &str, fields: &[&'f str]) -> Option<&'f str> {
    /// Longer names are not checked.
    const LONGEST: usize = 32;
    if found.len() > LONGEST {
        return None;
    }
    let wrong = bare(found);
    let alike = |field: &&&'f str| {
        let field = bare(field);
        let letters = if field.len() < 6 { 1 } else { 2 };
        one(&wrong) == one(&field) || strsim::damerau_levenshtein(&wrong, &field) <= letters
    };
    fields.iter().filter(alike).min_by_key(|field| strsim::damerau_levenshtein(&wrong, &bare(field))).copied()
}

/// How long a name is in which one wrong letter leaves no doubt.
const SURE: usize = 6;

/// A name without separators.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric() || *c == '.').flat_map(char::to_lowercase).collect()
}

/// A name in the singular.
fn one(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn misspelt_fields_are_found_where_they_are() {
        let blob = json!({
            "schema": "olm.channel", "Package": "demo", "nmae": "stable", "labels": {},
            "entries": [{"name": "a"}, {"name": "b", "replace": "a", "skip": [], "skip_range": "", "comment": ""}],
            "property": [{"typ": "x"}],
        });
        let found: Vec<String> =
            near_misses(&blob).iter().map(|near| format!("{} {}", near.route, near.meant)).collect();
        let expected = [
            "entries[1].replace replaces",
            "entries[1].skip skips",
            "entries[1].skip_range skipRange",
            "nmae name",
            "property properties",
        ];
        let found: std::collections::BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, expected.into_iter().collect());
    }

    #[test]
    fn other_fields_are_left_alone() {
        let fields = ENTRY.fields;
        for other in ["version", "channel", "image", "x", "", &"replaces".repeat(9)] {
            assert_eq!(meant(other, fields), None, "{other}");
        }
        assert_eq!(near_misses(&json!({"schema": "custom", "nmae": ""})), []);
    }
}
