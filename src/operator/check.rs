//! Checks values against a JSON Schema, and reports every misfit with its place.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use schemars::Schema;
use serde_json::Value;

use super::resolve::Problem;
use super::schema::make_strict;
use crate::yaml::Route;

/// A compiled schema.
pub(crate) struct Check {
    schema: Value,
    validator: Validator,
}

/// A misfit: its place, the problem, and what may have been meant.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub(crate) route: Route,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl From<Problem> for Misfit {
    fn from((route, message): Problem) -> Self {
        Self { route, message, help: None }
    }
}

impl Check {
    /// Compiles a schema.
    pub(super) fn new(schema: Value) -> Result<Self, String> {
        let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// Compiles the schema of a CRD so that it rejects fields that the API server would drop.
    pub(crate) fn of_crd(mut schema: Value) -> Result<Self, String> {
        // Every object has these, even if its CRD does not name them.
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            for name in ["apiVersion", "kind", "metadata"] {
                properties.entry(name).or_insert(Value::Bool(true));
            }
        }
        let mut schema = Schema::try_from(schema).map_err(|error| error.to_string())?;
        make_strict(&mut schema);
        Self::new(schema.to_value())
    }

    /// Everything that does not fit.
    pub(crate) fn misfits(&self, value: &Value) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        for error in self.validator.iter_errors(value) {
            self.add(&error, value, &mut misfits);
        }
        misfits
    }

    fn add(&self, error: &ValidationError, root: &Value, misfits: &mut Vec<Misfit>) {
        let route = route(error.instance_path().as_str(), root);
        let found = error.instance();
        let mut add = |route: &Route, message: String, help: Option<String>| {
            misfits.push(Misfit { route: route.clone(), message, help });
        };
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                for name in unexpected {
                    add(&route.clone().name(&**name), format!("unknown field {name}"), self.meant(name, error));
                }
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                add(&route, format!("the field {name} is missing"), None);
            }
            Kind::Type { kind } => {
                let wanted = match kind {
                    jsonschema::error::TypeKind::Single(kind) => kind.to_string(),
                    jsonschema::error::TypeKind::Multiple(kinds) => {
                        kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or ")
                    }
                };
                let help = (wanted == "string" && !found.is_object() && !found.is_array() && !found.is_null())
                    .then(|| "put it in quotes".to_owned());
                add(&route, format!("must be of type {wanted}, not {}", kind_of(found)), help);
            }
            Kind::Enum { options } => {
                let options: Vec<String> = options.as_array().into_iter().flatten().map(plain).collect();
                add(&route, format!("must be one of {}", options.join(", ")), None);
            }
            Kind::Pattern { pattern } => {
                add(&route, pattern_told(pattern), None);
            }
            // The intended alternative is the one for values of this type with the fewest misfits.
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } if !context.is_empty() => {
                let here = error.instance_path();
                let of_another_type = |errors: &[ValidationError]| {
                    errors.iter().any(|e| matches!(e.kind(), Kind::Type { .. }) && e.instance_path() == here)
                };
                let meant = context.iter().min_by_key(|errors| (of_another_type(errors), errors.len()));
                for error in meant.into_iter().flatten() {
                    self.add(error, root, misfits);
                }
            }
            _ => add(&route, error.masked().to_string(), None),
        }
    }

    /// The known name that is closest to an unknown one.
    fn meant(&self, name: &str, error: &ValidationError) -> Option<String> {
        let (schema, _) = error.schema_path().as_str().rsplit_once('/')?;
        let names = self.schema.pointer(schema)?.get("properties")?.as_object()?;
        let names: Vec<&str> = names.keys().map(String::as_str).collect();
        let close = similar::get_close_matches(name, &names, 1, 0.6);
        close.first().map(|close| format!("did you mean {close}?"))
    }
}

/// Descriptions of the patterns in the schemas of types.
fn pattern_told(pattern: &str) -> String {
    match pattern {
        _ if pattern.starts_with(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.") => "is not a version (example: 1.2.3)".to_owned(),
        _ if pattern.contains("[KMGTPE]i") => "is not a quantity (examples: 500m, 2Gi)".to_owned(),
        "^[0-9a-f]{64}$" => "is not a SHA-256 digest; expected 64 lower-case hex digits".to_owned(),
        _ => format!("does not match {pattern}"),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A JSON pointer as a route. Steps into lists become indexes.
fn route(pointer: &str, root: &Value) -> Route {
    let (mut route, mut value) = (Route::root(), Some(root));
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match (value, step.parse()) {
            (Some(Value::Array(list)), Ok(index)) => {
                route = route.index(index);
                value = list.get(index);
            }
            (parent, _) => {
                value = parent.and_then(|parent| parent.get(&step));
                route = route.key(step);
            }
        }
    }
    route
}
