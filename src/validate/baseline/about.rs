//! What a finding is about, without line numbers and indexes.

use std::path::Path;

use serde_json::Value;

use crate::diagnostic::{Place, Sources, Spot};
use crate::yaml::{self, Route, Step};

/// How many characters of a value are shown.
const MAX_VALUE: usize = 120;

/// What the places of a file are about: `olm.channel demo stable: entries[demo.v1.1.0].replaces = demo.v1.0.0`. Empty
/// for a file as a whole, and for a file that cannot be read.
pub(super) fn all(file: &Path, places: &[&Place], sources: &Sources) -> Vec<String> {
    let is_value = |place: &&Place| matches!(place.spot, Spot::Value { .. });
    let documents = match places.iter().any(is_value) {
        true => sources.show(file, yaml::read).unwrap_or_default(),
        false => Vec::new(),
    };
    let about = |place: &&Place| match &place.spot {
        Spot::Value { document, route } => {
            documents.get(*document).map(|found| self::about(&found.value, *document, route)).unwrap_or_default()
        }
        Spot::File | Spot::Position { .. } => String::new(),
    };
    places.iter().map(about).collect()
}

fn about(document: &Value, number: usize, route: &Route) -> String {
    let (mut path, mut value) = (String::new(), Some(document));
    for step in &route.0 {
        let next = value.and_then(|value| Route(vec![step.clone()]).find(value));
        path += &match step {
            Step::Key(key) | Step::Name(key) if path.is_empty() => key.clone(),
            Step::Key(key) | Step::Name(key) => format!(".{key}"),
            Step::Index(index) => format!("[{}]", next.and_then(item).map_or_else(|| index.to_string(), cut)),
        };
        value = next;
    }
    let shown = match (value, route.0.last()) {
        // The key is wrong, whatever its value is.
        (_, Some(Step::Name(_))) => None,
        (Some(Value::String(text)), _) => Some(cut(text)),
        (Some(value @ (Value::Bool(_) | Value::Number(_))), _) => Some(value.to_string()),
        _ => None,
    };
    let parts = [(name(document, number), ": "), (path, " = "), (shown.unwrap_or_default(), "")];
    let mut text = String::new();
    let mut between = "";
    for (part, after) in parts.into_iter().filter(|(part, _)| !part.is_empty()) {
        text += between;
        text += &part;
        between = after;
    }
    text
}

/// The name of a document: schema, package and name of a blob; kind and name of a manifest.
fn name(document: &Value, number: usize) -> String {
    let text = |value: &Value, key: &str| yaml::field(value, key).and_then(Value::as_str).map(cut);
    let parts = match text(document, "schema") {
        Some(schema) => [Some(schema), text(document, "package"), text(document, "name")],
        None => {
            let name = yaml::field(document, "metadata").and_then(|metadata| text(metadata, "name"));
            [text(document, "kind"), name, None]
        }
    };
    match parts.into_iter().flatten().collect::<Vec<_>>().join(" ") {
        none if none.is_empty() && number > 0 => format!("document {}", number + 1),
        name => name,
    }
}

/// The field that distinguishes an item of a list from the others.
fn item(value: &Value) -> Option<&str> {
    let field = |key: &&str| yaml::field(value, key).and_then(Value::as_str);
    value.as_str().or_else(|| ["name", "type", "image", "version"].iter().find_map(field))
}

/// The start of a text, as one line.
fn cut(text: &str) -> String {
    let short: String = text.chars().take(MAX_VALUE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_it_is_about_has_no_numbers_of_items() {
        let channel = json!({"schema": "olm.channel", "package": "demo", "name": "stable", "entries": [
            {"name": "demo.v1.1.0", "replaces": "demo.v1.0.0", "skips": ["a", "b"]},
        ]});
        let entry = Route::root().key("entries").index(0);
        for (route, expected) in [
            (Route::root(), "olm.channel demo stable"),
            (entry.clone().key("replaces"), "olm.channel demo stable: entries[demo.v1.1.0].replaces = demo.v1.0.0"),
            (entry.clone().key("skips").index(1), "olm.channel demo stable: entries[demo.v1.1.0].skips[b] = b"),
            (entry.clone().name("replaces"), "olm.channel demo stable: entries[demo.v1.1.0].replaces"),
            (entry.key("none").key("deeper"), "olm.channel demo stable: entries[demo.v1.1.0].none.deeper"),
        ] {
            assert_eq!(about(&channel, 3, &route), expected);
        }
        let manifest = json!({"kind": "Role", "metadata": {"name": "x"}, "rules": [{"verbs": ["*"]}]});
        let verb = Route::root().key("rules").index(0).key("verbs").index(0);
        assert_eq!(about(&manifest, 0, &verb), "Role x: rules[0].verbs[*] = *");
        assert_eq!(about(&json!({"a": true}), 0, &Route::root().key("a")), "a = true");
        assert_eq!(about(&json!([1]), 2, &Route::root()), "document 3");
    }
}
