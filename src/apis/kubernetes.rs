//! Kubernetes' own types in the schemas of custom resources.

use serde_json::{Map, Value, json};

/// What a release was built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltWith {
    /// The minor version of `k8s.io/api`, 18 to 27.
    pub kubernetes: u32,
    /// The version of controller-gen, such as (0, 9).
    pub controller_gen: (u32, u32),
}

/// Why a type of Kubernetes has no schema.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The type is not among the definitions.
    #[error("{0} is not defined")]
    Missing(String),
}

const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// Inlines a type.
///
/// # Errors
/// A type that is not defined.
pub fn core_schema(name: &str, defs: &Map<String, Value>, with: BuiltWith) -> Result<Value, Error> {
    let int_or_string = json!({"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true});
    match name {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => {
            let mut schema = int_or_string;
            schema["pattern"] = QUANTITY.into();
            return Ok(schema);
        }
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => return Ok(int_or_string),
        _ => {}
    }
    let mut schema = defs.get(name).cloned().ok_or_else(|| Error::Missing(name.to_owned()))?;
    inline(&mut schema, defs, with)?;
    Ok(schema)
}

fn inline(schema: &mut Value, defs: &Map<String, Value>, with: BuiltWith) -> Result<(), Error> {
    let Some(map) = schema.as_object_mut() else { return Ok(()) };
    map.remove("description");
    if let Some(Value::String(name)) = map.get("$ref") {
        *schema = core_schema(name.trim_start_matches("#/$defs/"), defs, with)?;
        return Ok(());
    }
    for (name, inner) in map.iter_mut() {
        match (name.as_str(), inner) {
            ("properties", Value::Object(fields)) => {
                fields.values_mut().try_for_each(|field| inline(field, defs, with))?;
            }
            ("items" | "additionalProperties", inner) => inline(inner, defs, with)?,
            _ => {}
        }
    }
    Ok(())
}
