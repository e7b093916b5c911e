//! `allOf`, `anyOf`, `oneOf` and `not`: they restrict values, and do not define the structure.

use serde_json::Value;

use super::{EMBEDDED, INT_OR_STRING, PRESERVE, Schema, Walk, is_empty};
use crate::yaml::Step;

/// Keywords that define the structure, and so are not allowed in these.
const STRUCTURE: [&str; 11] = [
    "additionalProperties",
    "default",
    "description",
    "nullable",
    "title",
    "type",
    EMBEDDED,
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-validations",
];

const JUNCTORS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

impl Walk<'_> {
    /// Checks the junctors of a schema in the structure.
    pub(super) fn nested_in(&mut self, schema: &Schema) {
        self.junctors(schema, |walk, keyword, i, nested| {
            // The two forms of "a number or text".
            let first = keyword == "allOf" && i == 0 && is_int_or_string(nested);
            match keyword == "anyOf" && is_int_or_string(schema) {
                true => {}
                false => walk.nested(nested, first),
            }
        });
    }

    /// Checks a schema within a junctor.
    fn nested(&mut self, schema: &Schema, skips_any: bool) {
        self.keywords(schema);
        let structure = STRUCTURE.into_iter().chain([PRESERVE, INT_OR_STRING]);
        for keyword in structure.filter(|keyword| schema.get(*keyword).is_some_and(|value| says(keyword, value))) {
            let message = format!("{keyword} is not allowed within allOf, anyOf, oneOf and not");
            self.report(keyword, message, "write it outside, where the structure is");
        }
        if schema.get("properties").is_some_and(|fields| fields.get("metadata").is_some()) {
            self.within(Step::Key("properties".into()), |walk| {
                let message = "metadata cannot be restricted within allOf, anyOf, oneOf and not";
                walk.report("metadata", message, "remove it");
            });
        }
        self.each(schema.get("properties"), "properties", |walk, _, field| walk.nested(field, false));
        if let Some(Value::Object(items)) = schema.get("items") {
            self.within(Step::Key("items".into()), |walk| walk.nested(items, false));
        }
        self.junctors(schema, |walk, keyword, _, nested| {
            if !(skips_any && keyword == "anyOf") {
                walk.nested(nested, false);
            }
        });
    }

    /// Checks that the structure has every field that the junctors of the root restrict. The API server does not check
    /// those of other schemas either.
    pub(super) fn complete(&mut self, root: &Schema) {
        self.junctors(root, |walk, _, _, nested| walk.has(nested, root));
    }

    fn has(&mut self, nested: &Schema, structure: &Schema) {
        self.each(nested.get("properties"), "properties", |walk, name, field| {
            // The restriction itself is reported already.
            if name == "metadata" {
                return;
            }
            match structure.get("properties").and_then(|fields| fields.get(name)).and_then(Value::as_object) {
                Some(structure) => walk.has(field, structure),
                None => {
                    let message = format!("the field {name} is restricted here, but the structure does not have it");
                    walk.report("", message, "add it to the properties outside, or remove it here");
                }
            }
        });
        if let Some(Value::Object(items)) = nested.get("items") {
            self.within(Step::Key("items".into()), |walk| match structure.get("items") {
                Some(Value::Object(structure)) => walk.has(items, structure),
                _ => {
                    let message = "items are restricted here, but the structure does not have them";
                    walk.report("", message, "add them outside, or remove them here");
                }
            });
        }
        self.junctors(nested, |walk, _, _, nested| walk.has(nested, structure));
    }

    fn junctors(&mut self, schema: &Schema, mut check: impl FnMut(&mut Self, &str, usize, &Schema)) {
        for keyword in JUNCTORS {
            for (i, nested) in schema.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate() {
                let Value::Object(nested) = nested else { continue };
                self.steps.push(Step::Key(keyword.into()));
                self.within(Step::Index(i), |walk| check(walk, keyword, i, nested));
                self.steps.pop();
            }
        }
        if let Some(Value::Object(nested)) = schema.get("not") {
            self.within(Step::Key("not".into()), |walk| check(walk, "not", 0, nested));
        }
    }
}

/// Whether a keyword has an effect with a value: some have one even if it is empty.
fn says(keyword: &str, value: &Value) -> bool {
    match keyword {
        "default" => !value.is_null(),
        "additionalProperties" => !value.is_null() && value != &Value::Bool(false),
        _ => !is_empty(value),
    }
}

/// Whether a schema is the `anyOf` of number and text.
fn is_int_or_string(schema: &Schema) -> bool {
    // An empty list or mapping is not nothing here.
    let nothing = |keyword: &str, value: &Value| match value {
        Value::Null | Value::Bool(false) => keyword != PRESERVE,
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    let is = |nested: &Value, kind: &str| {
        let keywords = nested.as_object().into_iter().flatten().filter(|(keyword, value)| !nothing(keyword, value));
        keywords.map(|(keyword, value)| (keyword.as_str(), value.as_str())).eq([("type", Some(kind))])
    };
    match schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([number, text]) => is(number, "integer") && is(text, "string"),
        _ => false,
    }
}
