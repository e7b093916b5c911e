//! The keywords of a schema: those that a CRD has, and the conversion from schemars to controller-gen.

use serde_json::{Map, Value};

use super::{Error, keyword, text};
use crate::route::Route;

/// The keywords of a CRD's schema that controller-gen uses.
const KNOWN: &[&str] = &[
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];

/// The keywords of schemars that a CRD does not have.
const DROPPED: &[&str] = &["$defs", "$schema", "deprecated", "examples", "readOnly", "title", "writeOnly"];

/// Converts the keywords of one schema to those of a CRD. Nested schemas are not changed.
pub(super) fn settle(schema: &mut Map<String, Value>, route: &Route) -> Result<(), Error> {
    schema.retain(|name, _| !DROPPED.contains(&name.as_str()));
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        schema.remove("additionalProperties");
    }
    if let Some(Value::String(doc)) = schema.get("description") {
        let doc = text::paragraphs(doc);
        schema.insert("description".into(), doc.into());
    }
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".into(), vec![value].into());
    }
    not_null(schema, route)?;
    number(schema);
    Ok(())
}

/// schemars writes an optional string as `["string", "null"]`; a CRD omits it from `required` instead.
fn not_null(schema: &mut Map<String, Value>, route: &Route) -> Result<(), Error> {
    let Some(Value::Array(types)) = schema.get("type") else { return Ok(()) };
    let kept: Vec<&Value> = types.iter().filter(|name| *name != "null").collect();
    let [kept] = kept.as_slice() else { return Err(keyword(route, "type", &schema["type"])) };
    let kept = (*kept).clone();
    schema.insert("type".into(), kept);
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    Ok(())
}

/// The format of numbers as in controller-gen: for 32 and 64 bits only, without bounds for the type.
/// Source: `builtinToType` in controller-tools' `pkg/crd/schema.go`.
fn number(schema: &mut Map<String, Value>) {
    let Some(Value::String(format)) = schema.get("format") else { return };
    let (format, bounds) = match format.as_str() {
        "uint" => (None, (Some(0), None)),
        "int" | "float" | "double" => (None, (None, None)),
        "int8" => (None, (Some(i64::from(i8::MIN)), Some(i64::from(i8::MAX)))),
        "uint8" => (None, (Some(0), Some(i64::from(u8::MAX)))),
        "int16" => (None, (Some(i64::from(i16::MIN)), Some(i64::from(i16::MAX)))),
        "uint16" => (None, (Some(0), Some(i64::from(u16::MAX)))),
        "uint32" => (Some("int32"), (Some(0), None)),
        "uint64" => (Some("int64"), (Some(0), None)),
        _ => return,
    };
    match format {
        Some(format) => drop(schema.insert("format".into(), format.into())),
        None => drop(schema.remove("format")),
    }
    for (name, bound) in [("minimum", bounds.0), ("maximum", bounds.1)] {
        if bound.is_some() && schema.get(name).and_then(Value::as_i64) == bound {
            schema.remove(name);
        }
    }
}

/// Checks that a finished schema only has keywords of a CRD, at all levels.
pub(super) fn check(schema: &Value, route: &Route) -> Result<(), Error> {
    // `additionalProperties: true` and similar.
    let Value::Object(schema) = schema else { return Ok(()) };
    if let Some((name, value)) = schema.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
        return Err(keyword(route, name, value));
    }
    for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        check(field, &route.clone().key(&**name))?;
    }
    for (name, step) in [("items", "[]"), ("additionalProperties", "{}"), ("not", "not")] {
        schema.get(name).map_or(Ok(()), |inner| check(inner, &route.clone().key(step)))?;
    }
    for name in ["anyOf", "allOf", "oneOf"] {
        for inner in schema.get(name).and_then(Value::as_array).into_iter().flatten() {
            check(inner, &route.clone().key(name))?;
        }
    }
    Ok(())
}
