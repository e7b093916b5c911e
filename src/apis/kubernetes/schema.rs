//! Inlines a core type's definition and applies the facts to it.

use serde_json::{Map, Value, json};

use super::facts::{self, Fact, Type};
use super::{BuiltWith, Error};

/// The locations of definitions: JSON Schema 2020-12, draft 7 and OpenAPI 3.
const REFERENCES: [&str; 3] = ["#/$defs/", "#/definitions/", "#/components/schemas/"];

/// Keywords that do not restrict a value.
const ANNOTATIONS: [&str; 6] = ["$schema", "description", "examples", "nullable", "readOnly", "title"];

pub(super) struct Inliner<'a> {
    defs: &'a Map<String, Value>,
    with: BuiltWith,
    /// The types that are being inlined, outermost first.
    within: Vec<String>,
}

impl<'a> Inliner<'a> {
    pub(super) fn new(defs: &'a Map<String, Value>, with: BuiltWith) -> Self {
        Self { defs, with, within: Vec::new() }
    }

    /// The schema of a named type, with everything inlined.
    pub(super) fn definition(&mut self, name: &str) -> Result<Value, Error> {
        let definition = self.defs.get(name).ok_or_else(|| Error::NotDefined { name: name.to_owned() })?;
        if let Some(known) = facts::well_known(name) {
            return Ok(known);
        }
        if self.within.iter().any(|outer| outer == name) {
            return Err(Error::Recursive { name: name.to_owned() });
        }
        let facts = facts::of(name).ok_or_else(|| Error::NotListed { name: name.to_owned() })?;
        if self.with.kubernetes < facts.since {
            let (since, kubernetes) = (facts.since, self.with.kubernetes);
            return Err(Error::NotYet { name: name.to_owned(), since, kubernetes });
        }
        self.within.push(name.to_owned());
        let schema = self.object(name, definition, facts);
        self.within.pop();
        schema
    }

    /// A type's own schema: the fields that existed at the time, changed by the facts about them.
    fn object(&mut self, name: &str, definition: &Value, facts: &Type) -> Result<Value, Error> {
        let mut definition = definition.as_object().ok_or_else(|| form(name, definition))?.clone();
        let later = |field: &str| facts.facts.iter().any(|fact| fact.adds(field) && !fact.holds(self.with));
        if let Some(Value::Object(properties)) = definition.get_mut("properties") {
            properties.retain(|field, _| !later(field));
            // Go's `metadata` is always optional; in k8s-openapi it is required if the type is a resource.
            let metadata = properties.get("metadata").and_then(referred) == Some(facts::OBJECT_META);
            if let Some(Value::Array(required)) = definition.get_mut("required") {
                required.retain(|field| !field.as_str().is_some_and(|f| later(f) || metadata && f == "metadata"));
            }
        }
        let mut schema = self.schema(name, &Value::Object(definition))?;
        for fact in facts.facts.iter().filter(|fact| fact.holds(self.with)) {
            apply(fact, &mut schema);
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            if required.is_empty() {
                schema.remove("required");
            }
        }
        Ok(Value::Object(schema))
    }

    /// Any schema inside of the type `name`, without annotations and null.
    fn schema(&mut self, name: &str, schema: &Value) -> Result<Map<String, Value>, Error> {
        if let Some(target) = referred(schema) {
            return match self.definition(target)? {
                Value::Object(schema) => Ok(schema),
                other => Err(form(name, &other)),
            };
        }
        if let Some(part) = wrapped(schema) {
            return self.schema(name, part);
        }
        let schema = schema.as_object().ok_or_else(|| form(name, schema))?;
        let mut out = Map::new();
        for (keyword, value) in schema {
            let value = match keyword.as_str() {
                annotation if ANNOTATIONS.contains(&annotation) => continue,
                "properties" => {
                    let properties = value.as_object().ok_or_else(|| form(name, value))?;
                    let each = properties.iter().map(|(k, v)| Ok((k.clone(), Value::Object(self.schema(name, v)?))));
                    Value::Object(each.collect::<Result<_, Error>>()?)
                }
                "items" | "additionalProperties" if value.is_object() => Value::Object(self.schema(name, value)?),
                "type" => one_type(value).ok_or_else(|| form(name, value))?,
                "format" | "required" => value.clone(),
                _ => return Err(form(name, &json!({ keyword: value }))),
            };
            out.insert(keyword.clone(), value);
        }
        Ok(out)
    }
}

/// Applies a fact to a type's schema.
fn apply(fact: &Fact, schema: &mut Map<String, Value>) {
    match fact {
        // Fields that were added later have been removed already.
        Fact::Since(..) => {}
        Fact::Gone(_, field, was) => {
            if let Value::Object(properties) = schema.entry("properties").or_insert_with(|| json!({})) {
                properties.insert((*field).to_owned(), Value::Object(facts::read(was)));
            }
        }
        Fact::Required(_, field) => {
            if let Value::Array(required) = schema.entry("required").or_insert_with(|| json!([])) {
                required.push(json!(field));
            }
        }
        Fact::Optional(_, field) => {
            if let Some(Value::Array(required)) = schema.get_mut("required") {
                required.retain(|name| name != field);
            }
        }
        Fact::Atomic(_) => {
            schema.insert("x-kubernetes-map-type".to_owned(), json!("atomic"));
        }
        Fact::AtomicMap(_, field) => mark(schema, field, "x-kubernetes-map-type", json!("atomic")),
        Fact::AtomicList(_, field) => mark(schema, field, "x-kubernetes-list-type", json!("atomic")),
        Fact::ListMap(_, field, keys) => {
            mark(schema, field, "x-kubernetes-list-type", json!("map"));
            mark(schema, field, "x-kubernetes-list-map-keys", json!(keys));
        }
        Fact::Protocol(field) => mark(schema, field, "default", json!("TCP")),
        Fact::Bounds(field, bounds) => {
            for (keyword, bound) in facts::read(bounds) {
                mark(schema, field, &keyword, bound);
            }
        }
    }
}

fn form(name: &str, part: &Value) -> Error {
    Error::Form { name: name.to_owned(), part: part.to_string() }
}

/// The name in a `$ref`, wrapped or not.
fn referred(schema: &Value) -> Option<&str> {
    let reference = wrapped(schema).unwrap_or(schema).get("$ref")?.as_str()?;
    REFERENCES.iter().find_map(|prefix| reference.strip_prefix(prefix))
}

/// The only schema in `anyOf: [schema, null]`, `oneOf: [schema, null]` and `allOf: [schema]`.
fn wrapped(schema: &Value) -> Option<&Value> {
    let parts = ["anyOf", "oneOf", "allOf"].iter().find_map(|keyword| schema.get(keyword)?.as_array())?;
    let mut parts = parts.iter().filter(|part| part.get("type") != Some(&json!("null")));
    parts.next().filter(|_| parts.next().is_none())
}

/// `type: T` and `type: [T, null]` are both T.
fn one_type(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Array(types) => {
            let mut types = types.iter().filter(|t| *t != "null");
            types.next().filter(|t| t.is_string() && types.next().is_none()).cloned()
        }
        _ => None,
    }
}

/// Sets a keyword on a field, if the release has the field.
fn mark(schema: &mut Map<String, Value>, field: &str, keyword: &str, value: Value) {
    if let Some(Value::Object(field)) = schema.get_mut("properties").and_then(|properties| properties.get_mut(field)) {
        field.insert(keyword.to_owned(), value);
    }
}
