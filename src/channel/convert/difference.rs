//! How two catalogs differ, in words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::catalog::Catalog;

/// How many differences are named.
const DIFFERENCES: usize = 10;

/// How a rendered template differs from the catalog that it was made from. The order of entries, skips, properties and
/// images has no meaning.
pub(super) fn reasons(wanted: &Catalog, made: &Catalog) -> Vec<String> {
    let (wanted, made) = (named(wanted), named(made));
    let keys: BTreeSet<_> = wanted.keys().chain(made.keys()).collect();
    let mut reasons = Vec::new();
    for key in keys {
        let what = format!("{} {}", key.0, key.1);
        match (wanted.get(key), made.get(key)) {
            (Some(wanted), Some(made)) => fields(&what, wanted, made, &mut reasons),
            (Some(_), None) => reasons.push(format!("{what}: the template does not make it")),
            _ => reasons.push(format!("{what}: the template makes it, but the catalog does not have it")),
        }
    }
    if reasons.len() > DIFFERENCES {
        let more = reasons.len() - DIFFERENCES;
        reasons.truncate(DIFFERENCES);
        reasons.push(format!("and {more} more"));
    }
    reasons
}

/// The blobs by schema, and by package and name.
fn named(catalog: &Catalog) -> BTreeMap<(String, String), Value> {
    let key = |value: &Value| {
        let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        (field("schema"), format!("{} {}", field("package"), field("name")).trim().to_owned())
    };
    let values = catalog.blobs().into_iter().filter_map(|blob| serde_json::to_value(blob).ok());
    values.map(|value| (key(&value), unordered(value))).collect()
}

fn fields(what: &str, wanted: &Value, made: &Value, reasons: &mut Vec<String>) {
    let names: BTreeSet<&String> =
        [wanted, made].into_iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
    for name in names {
        let (wanted, made) = (wanted.get(name), made.get(name));
        if wanted != made {
            reasons.push(changed(what, name, wanted, made));
        }
    }
}

/// A difference in a field; of entries, that of the first entry that differs.
fn changed(what: &str, field: &str, wanted: Option<&Value>, made: Option<&Value>) -> String {
    let (what, wanted, made) = match (wanted, made) {
        (Some(Value::Array(wanted)), Some(Value::Array(made))) if field == "entries" => {
            let differs = |entry: &&Value| find(wanted, entry) != find(made, entry);
            let first = wanted.iter().chain(made).find(differs).unwrap_or(&Value::Null);
            (format!("{what}: an entry"), find(wanted, first), find(made, first))
        }
        _ => (format!("{what}: `{field}`"), wanted, made),
    };
    format!("{what} is {} in the catalog, and {} from the template", short(wanted), short(made))
}

/// The entry of the same name.
fn find<'v>(entries: &'v [Value], other: &Value) -> Option<&'v Value> {
    entries.iter().find(|entry| entry["name"] == other["name"])
}

/// A value on one line, cut if it is long.
fn short(value: Option<&Value>) -> String {
    const MOST: usize = 160;
    let Some(value) = value else { return "absent".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A blob in which lists that mean sets are sorted.
fn unordered(mut blob: Value) -> Value {
    for field in ["entries", "properties", "relatedImages"] {
        if let Some(list) = blob.get_mut(field).and_then(Value::as_array_mut) {
            for skips in list.iter_mut().filter_map(|entry| entry.get_mut("skips")?.as_array_mut()) {
                skips.sort_by_key(ToString::to_string);
            }
            list.sort_by_key(ToString::to_string);
        }
    }
    blob
}
