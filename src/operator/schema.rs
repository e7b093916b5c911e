//! The JSON Schema of an `operator.yaml`, in two forms.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::resolve::{BY_RELEASE, VALUE};
use crate::release::{SINCE, UNTIL};

const ONE: &str = "valueOfReleases";
const CHOICE: &str = "choiceByRelease";

/// The schema of one release's definition.
pub(super) fn of_release<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    make_strict(&mut schema);
    schema.to_value()
}

/// Makes a schema reject unknown fields, and nulls that it allows only by `nullable`.
pub(super) fn make_strict(schema: &mut Schema) {
    RecursiveTransform(strict).transform(schema);
}

fn strict(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else { return };
    // The form that schemars writes for an Option.
    if let Some([Value::Object(other), null]) = schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
        && *null == json!({"type": "null"})
    {
        let other = other.clone();
        schema.remove("anyOf");
        for (key, value) in other {
            schema.entry(key).or_insert(value);
        }
    }
    if let Some(Value::Array(types)) = schema.get("type")
        && let [kept, Value::String(null)] = types.as_slice()
        && null == "null"
    {
        let kept = kept.clone();
        schema.insert("type".into(), kept);
    }
    // The form in a CRD's schema.
    if schema.remove("nullable") == Some(Value::Bool(true))
        && let Some(kind) = schema.remove("type")
    {
        schema.insert("type".into(), json!([kind, "null"]));
    }
    if schema.contains_key("x-kubernetes-int-or-string") && !schema.contains_key("anyOf") {
        schema.insert("type".into(), json!(["integer", "string"]));
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    let open = ["additionalProperties", "x-kubernetes-preserve-unknown-fields"];
    if schema.contains_key("properties") && !open.iter().any(|keyword| schema.contains_key(*keyword)) {
        schema.insert("additionalProperties".into(), false.into());
    }
}

/// The schema of the file, for editors: that of a release, with ranges and choices wherever they are allowed.
pub(super) fn of_file<T: JsonSchema>() -> Value {
    let mut schema = of_release::<T>();
    if let Some(root) = schema.as_object_mut() {
        for definition in root.get_mut("$defs").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
            with_ranges(definition);
        }
        fields(root);
        let defs = root.entry("$defs").or_insert_with(|| Map::new().into());
        let version = json!({"type": "string", "description": "A release."});
        defs[ONE] = json!({
            "description": "A value that some releases have.",
            "type": "object",
            "properties": {SINCE: version, UNTIL: version, VALUE: true},
            "required": [VALUE],
            "additionalProperties": false,
        });
        defs[CHOICE] = json!({
            "description": "The one value that fits the release.",
            "type": "object",
            "properties": {BY_RELEASE: {"type": "array", "items": {"$ref": format!("#/$defs/{ONE}")}}},
            "required": [BY_RELEASE],
            "additionalProperties": false,
        });
    }
    schema
}

/// Adds ranges to the mappings of a schema, and allows choices for the schemas inside.
fn with_ranges(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    fields(schema);
    for keyword in ["anyOf", "oneOf", "allOf"] {
        schema.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten().for_each(with_ranges);
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(SINCE.into(), json!({"type": "string", "description": "The first release that has it."}));
        properties
            .insert(UNTIL.into(), json!({"type": "string", "description": "The first release that does not have it."}));
    }
}

/// Allows choices for the schemas of a schema's fields and items.
fn fields(schema: &mut Map<String, Value>) {
    let choosable = |inner: &mut Value| {
        with_ranges(inner);
        let own = inner.take();
        let description = own.get("description").cloned();
        let other = [ONE, CHOICE].map(|name| json!({"$ref": format!("#/$defs/{name}")}));
        *inner = json!({"anyOf": [own, other[0], other[1]]});
        if let (Some(description), Some(inner)) = (description, inner.as_object_mut()) {
            inner.insert("description".into(), description);
        }
    };
    schema
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
        .for_each(choosable);
    for keyword in ["items", "additionalProperties"] {
        schema.get_mut(keyword).filter(|inner| inner.is_object()).into_iter().for_each(choosable);
    }
}
