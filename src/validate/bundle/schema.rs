//! The schema of a CRD, as the API server judges it when it creates the CRD.
//!
//! Source: `pkg/apis/apiextensions/validation/validation.go` and `pkg/apiserver/schema/validation.go` of
//! apiextensions-apiserver. CEL rules are left out, which need Go's own engine.

pub(super) mod defaults;
mod formats;
mod lists;
mod matching;
mod metadata;
mod nested;
mod pattern;
pub(super) mod values;

use serde_json::{Map, Value, json};

use crate::yaml::{Route, Step};

const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";
const EMBEDDED: &str = "x-kubernetes-embedded-resource";

/// The types of values.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Keywords of JSON Schema that a CRD cannot have.
const FORBIDDEN: [&str; 6] = ["$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"];

/// Something that the API server refuses.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) route: Route,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// Where in the structure a schema is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Field,
    Item,
}

type Schema = Map<String, Value>;

/// Everything that the API server refuses in the schema of a version, but for its [`defaults`].
pub(super) fn check(schema: &Value, route: &Route) -> Vec<Misfit> {
    let mut walk = Walk { base: route, steps: Vec::new(), misfits: Vec::new(), left: STEPS };
    if let Value::Object(schema) = schema {
        walk.structural(schema, Level::Root);
        walk.complete(schema);
    }
    walk.misfits
}

/// How many steps the ways to all that is told may have: in a schema of thousands of levels, not each of them is told.
const STEPS: usize = 1 << 18;

/// A walk through a schema. The way to where it is becomes a route only where something is wrong.
struct Walk<'r> {
    base: &'r Route,
    steps: Vec<Step>,
    misfits: Vec<Misfit>,
    /// How many steps may still be told.
    left: usize,
}

impl Walk<'_> {
    fn report(&mut self, keyword: &str, message: impl Into<String>, help: &'static str) {
        let Some(left) = self.left.checked_sub(self.steps.len()) else { return };
        self.left = left;
        let mut route = self.base.clone().join(&Route(self.steps.clone()));
        if !keyword.is_empty() {
            route = route.key(keyword);
        }
        self.misfits.push(Misfit { route, message: message.into(), help });
    }

    fn within(&mut self, step: Step, check: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        check(self);
        self.steps.pop();
    }

    /// Looks at each schema of a mapping of them, such as `properties`.
    fn each(&mut self, schemas: Option<&Value>, keyword: &str, mut check: impl FnMut(&mut Self, &str, &Schema)) {
        let Some(Value::Object(schemas)) = schemas else { return };
        self.steps.push(Step::Key(keyword.to_owned()));
        for (name, schema) in schemas {
            let Value::Object(schema) = schema else { continue };
            self.within(Step::Key(name.clone()), |walk| check(walk, name, schema));
        }
        self.steps.pop();
    }

    fn structural(&mut self, schema: &Schema, level: Level) {
        self.keywords(schema);
        self.kind(schema, level);
        self.extensions(schema, level);
        self.lists(schema);
        let meta = level == Level::Root || is_true(schema, EMBEDDED);
        self.metadata(schema, meta, level);
        self.each(schema.get("properties"), "properties", |walk, _, field| walk.structural(field, Level::Field));
        for (keyword, level) in [("items", Level::Item), ("additionalProperties", Level::Field)] {
            if let Some(Value::Object(inner)) = schema.get(keyword) {
                self.within(Step::Key(keyword.into()), |walk| walk.structural(inner, level));
            }
        }
        self.nested_in(schema);
    }

    /// Keywords that no schema of a CRD may have.
    fn keywords(&mut self, schema: &Schema) {
        for keyword in
            FORBIDDEN.into_iter().filter(|keyword| schema.get(*keyword).is_some_and(|value| !is_empty(value)))
        {
            self.report(
                keyword,
                format!("{keyword} is not allowed in the schema of a CRD"),
                "write the schema out, without it",
            );
        }
        if schema.get(PRESERVE) == Some(&Value::Bool(false)) {
            self.report(PRESERVE, format!("{PRESERVE} must be true, or not there"), "remove it");
        }
        if is_true(schema, "uniqueItems") {
            let help = "remove it, or write x-kubernetes-list-type: set";
            self.report("uniqueItems", "uniqueItems must not be true, as checking it takes too long", help);
        }
        if let Some(Value::Array(_)) = schema.get("items") {
            self.report("items", "items must be one schema, not a list of them", "write one schema for all items");
        }
        let open =
            schema.get("additionalProperties").is_some_and(|value| !value.is_null() && value != &Value::Bool(true));
        if open && schema.get("properties").is_some_and(|value| !is_empty(value)) {
            let help = "remove one of the two";
            self.report("additionalProperties", "additionalProperties cannot stand beside properties", help);
        }
        if let Some(Err(why)) = schema.get("pattern").and_then(Value::as_str).map(pattern::check) {
            let help = "write it in the syntax of Go's regexp (RE2); two backslashes stand for one in double quotes";
            self.report("pattern", format!("the pattern is not a regular expression for Go: {why}"), help);
        }
        for (i, rule) in
            schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            if rule["rule"].as_str().unwrap_or_default().trim().is_empty() {
                self.steps.extend([Step::Key("x-kubernetes-validations".into()), Step::Index(i)]);
                self.report("rule", "the validation has no rule", "write a CEL expression in `rule`");
                self.steps.truncate(self.steps.len() - 2);
            }
        }
    }

    /// The type of the values.
    fn kind(&mut self, schema: &Schema, level: Level) {
        let help = "write one of array, boolean, integer, number, object and string";
        let kind = match schema.get("type") {
            None | Some(Value::Null) => "",
            Some(Value::String(kind)) => kind.as_str(),
            Some(_) => {
                self.report("type", "the type must be one name", help);
                return;
            }
        };
        match kind {
            other if is_true(schema, EMBEDDED) && other != "object" => {
                self.report("type", "an embedded resource must have the type object", help);
            }
            "" if is_true(schema, INT_OR_STRING) || is_true(schema, PRESERVE) => {}
            "" => {
                let what = match level {
                    Level::Root => "the schema",
                    Level::Field => "the field",
                    Level::Item => "the schema of the items",
                };
                self.report("", format!("{what} has no type"), help);
            }
            "null" => self.report("type", "null is not a type here", "write the type of the value, and nullable: true"),
            other if !TYPES.contains(&other) => self.report("type", format!("{other:?} is not a type"), help),
            other if level == Level::Root && other != "object" => {
                self.report(
                    "type",
                    format!("the type of a resource must be object, not {other}"),
                    "write type: object",
                );
            }
            "array" if schema.get("items").is_none_or(Value::is_null) => {
                self.report("", "the list has no items", "write `items` with the schema of an item");
            }
            _ => {}
        }
    }

    fn extensions(&mut self, schema: &Schema, level: Level) {
        for other in [PRESERVE, EMBEDDED] {
            if is_true(schema, INT_OR_STRING) && is_true(schema, other) {
                self.report(other, format!("{other} cannot stand beside {INT_OR_STRING}"), "remove one of the two");
            }
        }
        let has_more = schema.get("additionalProperties").is_some_and(|value| !value.is_null());
        if level == Level::Root && has_more {
            let help = "name the fields under properties";
            self.report("additionalProperties", "additionalProperties is not allowed at the root", help);
        }
        if level == Level::Root && is_true(schema, "nullable") {
            self.report("nullable", "a resource cannot be nullable", "remove it");
        }
        if !is_true(schema, EMBEDDED) {
            return;
        }
        if has_more {
            let message = "additionalProperties is not allowed in an embedded resource";
            self.report("additionalProperties", message, "name the fields under properties");
        }
        if !is_true(schema, PRESERVE) && schema.get("properties").is_none_or(is_empty) {
            let message = format!("an embedded resource must have properties or {PRESERVE}");
            self.report("", message, "write x-kubernetes-preserve-unknown-fields: true");
        }
    }

    /// What the API server itself knows of every resource.
    fn metadata(&mut self, schema: &Schema, meta: bool, level: Level) {
        let Some(Value::Object(fields)) = schema.get("properties") else { return };
        if !meta {
            return;
        }
        self.steps.push(Step::Key("properties".into()));
        for (name, wanted) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            let Some(field) = fields.get(name).and_then(Value::as_object) else { continue };
            self.steps.push(Step::Key(name.into()));
            if field.get("type") != Some(&json!(wanted)) {
                self.report("type", format!("the type of {name} must be {wanted}"), "correct it, or remove the field");
            }
            if level == Level::Root && field.get("default").is_some_and(|value| !value.is_null()) {
                self.report("default", format!("{name} cannot have a default"), "remove it");
            }
            if level == Level::Root && name == "metadata" && !is_plain_metadata(field) {
                let message = "the schema of metadata can only restrict name and generateName";
                self.report("", message, "write `type: object` alone; metadata is known");
            }
            self.steps.pop();
        }
        self.steps.pop();
    }
}

/// Whether a schema of `metadata` says nothing of other fields than name and generateName.
fn is_plain_metadata(schema: &Schema) -> bool {
    schema.iter().all(|(keyword, value)| match keyword.as_str() {
        "type" | "default" => true,
        "properties" => value
            .as_object()
            .is_some_and(|fields| fields.keys().all(|name| matches!(name.as_str(), "name" | "generateName"))),
        _ => is_empty(value),
    })
}

fn is_true(schema: &Schema, keyword: &str) -> bool {
    schema.get(keyword) == Some(&Value::Bool(true))
}

/// Whether a value is what Go takes for nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}
