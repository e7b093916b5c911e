//! The list and map types, which determine how server-side apply merges values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Schema, Walk, is_true};
use crate::yaml::Step;

const LIST: &str = "x-kubernetes-list-type";
const KEYS: &str = "x-kubernetes-list-map-keys";
const MAP: &str = "x-kubernetes-map-type";

impl Walk<'_> {
    pub(super) fn lists(&mut self, schema: &Schema) {
        let kind = text(schema, "type");
        if let Some(map) = schema.get(MAP).filter(|map| !map.is_null()) {
            self.one_of(map, MAP, &["atomic", "granular"]);
            if kind != "object" {
                self.report(MAP, format!("{MAP} is for values of the type object"), "write type: object, or remove it");
            }
        }
        let keys: Vec<&str> =
            schema.get(KEYS).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let list = text(schema, LIST);
        if let Some(value) = schema.get(LIST).filter(|value| !value.is_null()) {
            self.one_of(value, LIST, &["atomic", "map", "set"]);
            if kind != "array" {
                self.report(LIST, format!("{LIST} is for values of the type array"), "write type: array, or remove it");
            }
        }
        if !keys.is_empty() && list != "map" {
            self.report(KEYS, format!("{KEYS} is for lists of the type map"), "write x-kubernetes-list-type: map");
        }
        let Some(Value::Object(items)) = schema.get("items") else { return };
        if matches!(list, "set" | "map") && is_true(items, "nullable") {
            let message = format!("items of a list of the type {list} cannot be nullable");
            self.within(Step::Key("items".into()), |walk| walk.report("nullable", message, "remove it"));
        }
        match list {
            "set" => self.set(items),
            "map" => self.map(items, &keys),
            _ => {}
        }
    }

    fn one_of(&mut self, value: &Value, keyword: &str, known: &[&str]) {
        if !value.as_str().is_some_and(|value| known.contains(&value)) {
            let message = format!("{value} is not a value of {keyword}; use {}", known.join(", "));
            self.report(keyword, message, "use one of these, or remove it");
        }
    }

    /// The items of a set are compared as a whole.
    fn set(&mut self, items: &Schema) {
        let (keyword, good) = match text(items, "type") {
            "array" => (LIST, matches!(text(items, LIST), "" | "atomic")),
            "object" => (MAP, text(items, MAP) == "atomic"),
            _ => return,
        };
        if !good {
            let message = format!("items of a set must have {keyword}: atomic");
            self.within(Step::Key("items".into()), |walk| walk.report(keyword, message, "write it, or make it a map"));
        }
    }

    /// The items of a map are distinguished by some of their fields.
    fn map(&mut self, items: &Schema, keys: &[&str]) {
        if keys.is_empty() {
            self.report(
                "",
                format!("a list of the type map has no {KEYS}"),
                "list the fields that distinguish its items",
            );
        }
        if text(items, "type") != "object" {
            let message = "items of a list of the type map must be objects";
            self.within(Step::Key("items".into()), |walk| walk.report("type", message, "write type: object"));
            return;
        }
        let fields = items.get("properties").and_then(Value::as_object);
        let required: BTreeSet<&str> =
            items.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut seen = BTreeSet::new();
        for key in keys {
            if !seen.insert(key) {
                self.report(KEYS, format!("the key {key:?} is listed twice"), "remove one of the two");
            }
            let Some(field) = fields.and_then(|fields| fields.get(*key)).and_then(Value::as_object) else {
                self.report(KEYS, format!("the items have no field {key:?}"), "name a field of the items");
                continue;
            };
            let message = match field.get("default").is_some_and(|value| !value.is_null()) || required.contains(key) {
                _ if matches!(text(field, "type"), "array" | "object") => "must be a text, number or boolean",
                _ if is_true(field, "nullable") => "cannot be nullable",
                false => "must be required, or have a default",
                true => continue,
            };
            self.report(KEYS, format!("the key {key:?} {message}"), "correct the field, or choose another one");
        }
    }
}

fn text<'s>(schema: &'s Schema, keyword: &str) -> &'s str {
    schema.get(keyword).and_then(Value::as_str).unwrap_or_default()
}
