//! The types of Kubernetes, by the schemas that `k8s-openapi` has of them.

use std::sync::Arc;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Map, Number, Value};

use super::{Misfit, Route, Shape, Step, is_int32, misfit};
use crate::apis::schema;

/// A CustomResourceDefinition of `apiextensions.k8s.io/v1`.
pub(crate) static CRD: Shape = Shape::Kubernetes(schema::of::<CustomResourceDefinition>);

/// More of them than anybody reads.
const MOST: usize = 100;

/// Adds every part of a value that is not of its type in a schema with `$defs`. Null is of every type, fields that the
/// schema does not name may have any value, and upper and lower case are the same where no name fits exactly: as for Go.
pub(super) fn check(value: &Value, schema: &Arc<Value>, route: &mut Route, misfits: &mut Vec<Misfit>) {
    let defs = schema.get("$defs").and_then(Value::as_object);
    Walk { defs, misfits }.check(value, schema, route);
}

struct Walk<'w> {
    defs: Option<&'w Map<String, Value>>,
    misfits: &'w mut Vec<Misfit>,
}

impl<'w> Walk<'w> {
    fn check(&mut self, value: &Value, schema: &'w Value, route: &mut Route) {
        let (name, schema) = self.resolve(schema);
        let Value::Object(schema) = schema else { return };
        // A schema's defaults and the like may be anything.
        if value.is_null() || name.ends_with(".JSON") || self.misfits.len() >= MOST {
            return;
        }
        if name.ends_with(".Quantity") {
            let good = value.is_number() || value.as_str().is_some_and(is_quantity);
            if !good {
                let message = format!("{route} must be a quantity such as 100m or 64Mi");
                self.misfits.push(Misfit { route: route.clone(), message });
            }
            return;
        }
        if schema.contains_key("x-kubernetes-int-or-string") {
            let good = value.is_string() || matches!(value, Value::Number(number) if is_int32(number));
            if !good {
                self.report(route, "a string or a 32-bit integer", value);
            }
            return;
        }
        if let Some(all) = ["oneOf", "anyOf"].iter().find_map(|keyword| schema.get(*keyword)?.as_array()) {
            let fits = |alternative: &&Value| self.kind(alternative).is_none_or(|kind| is_of(value, kind));
            if let Some(alternative) = all.iter().find(fits).or_else(|| all.first()) {
                self.check(value, alternative, route);
            }
            return;
        }
        let Some(kind) = kind(schema) else { return };
        match value {
            _ if !is_of(value, kind) => self.report(route, told(kind), value),
            Value::Number(number) if kind == "integer" && !is_integer(number, schema.get("format")) => {
                let message = format!("{route} must be a whole number of 32 or 64 bits");
                self.misfits.push(Misfit { route: route.clone(), message });
            }
            Value::Array(items) => {
                let Some(schema) = schema.get("items") else { return };
                items.iter().enumerate().for_each(|(i, item)| self.deeper(Step::Index(i), item, schema, route));
            }
            Value::Object(fields) => {
                for (key, field) in fields {
                    let schema = property(schema, key).or_else(|| schema.get("additionalProperties"));
                    schema.into_iter().for_each(|schema| self.deeper(Step::Key(key.clone()), field, schema, route));
                }
            }
            _ => {}
        }
    }

    fn deeper(&mut self, step: Step, value: &Value, schema: &'w Value, route: &mut Route) {
        route.0.push(step);
        self.check(value, schema, route);
        route.0.pop();
    }

    /// The schema that a reference means, with its name.
    fn resolve(&self, schema: &'w Value) -> (&'w str, &'w Value) {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"));
        let Some(name) = name else { return ("", schema) };
        (name, self.defs.and_then(|defs| defs.get(name)).unwrap_or(&Value::Bool(true)))
    }

    /// The type of an alternative; none where it takes all.
    fn kind(&self, schema: &'w Value) -> Option<&'w str> {
        kind(self.resolve(schema).1.as_object()?)
    }

    fn report(&mut self, route: &Route, wanted: &str, found: &Value) {
        self.misfits.push(misfit(route.clone(), wanted, found));
    }
}

/// The type that a schema names beside null.
fn kind(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(all) => all.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        one => one.as_str(),
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        "null" => false,
        _ => true,
    }
}

fn told(kind: &str) -> &str {
    match kind {
        "array" => "a list",
        "boolean" => "a boolean",
        "integer" => "a whole number",
        "number" => "a number",
        "object" => "a mapping",
        _ => "a string",
    }
}

fn is_integer(number: &Number, format: Option<&Value>) -> bool {
    let small = format.and_then(Value::as_str) == Some("int32");
    let whole = || number.as_f64().is_some_and(|number| number.fract() == 0.0 && number.abs() < i64::MAX as f64);
    if small { is_int32(number) } else { number.is_i64() || whole() }
}

fn property<'s>(schema: &'s Map<String, Value>, key: &str) -> Option<&'s Value> {
    let fields = schema.get("properties")?.as_object()?;
    let folded = || fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, field)| field);
    fields.get(key).or_else(folded)
}

/// Whether a text is a quantity: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.
fn is_quantity(text: &str) -> bool {
    crate::quantity::is_quantity(text.strip_prefix(['+', '-']).unwrap_or(text))
}
