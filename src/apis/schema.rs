//! From the schema of the Rust types to the structural schema of one release, as controller-gen generates it.
//!
//! The types have one schema with `$defs` for all releases. It is walked once: parts that the release does not have are
//! dropped, references are inlined, the types of Kubernetes are replaced by those of [`kubernetes`], and everything
//! that JSON Schema expresses differently from a CRD (null, unsigned numbers, titles) is converted.
//!
//! What a CRD's schema may say: <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>.

mod keywords;
mod marks;
mod text;

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::Release;
use super::kubernetes::{self, BuiltWith};
use crate::route::Route;
use marks::Marks;

/// How `$defs` names the types of k8s-openapi.
const KUBERNETES: &str = "io.k8s.";
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";

/// Why types have no structural schema.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A keyword that a CRD does not have, such as a misspelled mark.
    #[error("{route}: a CRD knows no {keyword:?} with the value {value}")]
    Keyword {
        /// The field.
        route: Route,
        /// The keyword.
        keyword: String,
        /// Its value.
        value: Value,
    },
    /// A mark that is not valid.
    #[error("{route}: {message}")]
    Mark {
        /// The field.
        route: Route,
        /// The problem.
        message: String,
    },
    /// A type that contains itself.
    #[error("{route}: {name} holds itself, which a CRD cannot say")]
    Recursive {
        /// The field.
        route: Route,
        /// The type.
        name: String,
    },
    /// A type of Kubernetes that has no schema for the release.
    #[error("{route}: {name} cannot be settled")]
    Kubernetes {
        /// The field.
        route: Route,
        /// The type.
        name: String,
        /// The cause.
        source: kubernetes::Error,
    },
}

/// The schema of a type for all releases, with `$defs`. It is generated once per process.
#[must_use]
pub fn of<T: JsonSchema + 'static>() -> Arc<Value> {
    static MADE: LazyLock<Mutex<HashMap<TypeId, Arc<Value>>>> = LazyLock::new(Mutex::default);
    let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let id = TypeId::of::<T>();
    if let Some(schema) = made().get(&id) {
        return Arc::clone(schema);
    }
    // Without the lock, so that threads can generate the schemas of several types at once.
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    Arc::clone(made().entry(id).or_insert_with(|| Arc::new(schema.to_value())))
}

/// The structural schema of a resource in a release, from the schema that [`of`] gives.
///
/// # Errors
/// Types that a CRD cannot express.
pub fn settle(root: &Value, release: &Release) -> Result<Value, Error> {
    let none = Map::new();
    let defs = root.get("$defs").and_then(Value::as_object).unwrap_or(&none);
    // kube's derive makes a resource require its spec; in Go this depends on the spec's type, see `x-required`.
    let own =
        root.as_object().unwrap_or(&none).iter().filter(|(key, _)| !["$defs", "required"].contains(&key.as_str()));
    let own = own.map(|(key, value)| (key.clone(), value.clone())).collect();
    let mut settled = Pass { defs, release, within: Vec::new() }
        .object(own, Marks::default(), &Route::root())?
        .unwrap_or_else(|| json!({"type": "object"}));
    if let Some(properties) = settled.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("apiVersion".into(), json!({"type": "string", "description": text::API_VERSION}));
        properties.insert("kind".into(), json!({"type": "string", "description": text::KIND}));
        properties.insert("metadata".into(), json!({"type": "object"}));
    }
    keywords::check(&settled, &Route::root())?;
    Ok(settled)
}

struct Pass<'p> {
    defs: &'p Map<String, Value>,
    release: &'p Release,
    /// The types on the path to this one.
    within: Vec<String>,
}

impl Pass<'_> {
    /// Settles a schema; none if the release does not have it.
    fn schema(&mut self, schema: Value, route: &Route) -> Result<Option<Value>, Error> {
        let mut schema = match schema {
            Value::Object(schema) => schema,
            Value::Bool(true) => Map::from_iter([(PRESERVE.to_owned(), Value::Bool(true))]),
            other => return Err(keyword(route, "schema", &other)),
        };
        let marks = Marks::take(&mut schema, route)?;
        if !marks.range.holds(&self.release.version) {
            return Ok(None);
        }
        // Option<T>: a field that can be omitted. A CRD allows null only if `nullable` is written on purpose.
        let other = match take_option(&mut schema) {
            Some(other) => other,
            None => match schema.remove("$ref") {
                Some(reference) => json!({"$ref": reference}),
                None => return self.object(schema, marks, route),
            },
        };
        self.beside(other, schema, marks, route)
    }

    /// Settles a schema that refers to another one, with additional keywords that override those of the other.
    fn beside(
        &mut self,
        other: Value,
        beside: Map<String, Value>,
        marks: Marks,
        route: &Route,
    ) -> Result<Option<Value>, Error> {
        let settled = match other.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.reference(reference, route)?,
            None => self.schema(other, route)?,
        };
        let Some(mut settled) = settled else { return Ok(None) };
        let beside = self.object(beside, Marks::default(), route)?;
        if let (Some(settled), Some(Value::Object(beside))) = (settled.as_object_mut(), beside) {
            settled.extend(beside);
        }
        marks.apply(&mut settled, &self.release.version);
        Ok(Some(settled))
    }

    fn reference(&mut self, reference: &str, route: &Route) -> Result<Option<Value>, Error> {
        let name = reference.strip_prefix("#/$defs/").unwrap_or(reference);
        if name.starts_with(KUBERNETES) {
            let Release { kubernetes, controller_gen, .. } = self.release;
            let controller_gen = (small(controller_gen.major), small(controller_gen.minor));
            let with = BuiltWith { kubernetes: *kubernetes, controller_gen };
            let failed = |source| Error::Kubernetes { route: route.clone(), name: name.to_owned(), source };
            return kubernetes::core_schema(name, self.defs, with).map(Some).map_err(failed);
        }
        if self.within.iter().any(|outer| outer == name) {
            return Err(Error::Recursive { route: route.clone(), name: name.to_owned() });
        }
        let defs = self.defs;
        let schema = defs.get(name).ok_or_else(|| keyword(route, "$ref", &reference.into()))?;
        self.within.push(name.to_owned());
        let settled = self.schema(schema.clone(), route);
        self.within.pop();
        settled
    }

    /// Settles the keywords of a schema that is not a reference.
    fn object(&mut self, mut schema: Map<String, Value>, marks: Marks, route: &Route) -> Result<Option<Value>, Error> {
        if let Some(variants) = schema.remove("oneOf") {
            self.variants(&mut schema, &variants, route)?;
        }
        keywords::settle(&mut schema, route)?;
        if let Some(Value::Object(fields)) = schema.remove("properties") {
            self.fields(&mut schema, fields, route)?;
        }
        for (keyword, step) in [("items", "[]"), ("additionalProperties", "{}")] {
            let Some(inner) = schema.remove(keyword) else { continue };
            // The type of the items always comes with them, so this is the type's own mark.
            match self.schema(inner, &route.clone().key(step))? {
                Some(inner) => schema.insert(keyword.into(), inner),
                None => return Ok(None),
            };
        }
        let mut schema = Value::Object(schema);
        marks.apply(&mut schema, &self.release.version);
        Ok(Some(schema))
    }

    fn fields(
        &mut self,
        schema: &mut Map<String, Value>,
        fields: Map<String, Value>,
        route: &Route,
    ) -> Result<(), Error> {
        let mut required: Vec<Value> = match schema.remove("required") {
            Some(Value::Array(names)) => names,
            _ => Vec::new(),
        };
        let mut settled = Map::new();
        for (name, field) in fields {
            let route = route.clone().key(&*name);
            let by_mark = self.required(&field, &route)?;
            let field_settled = self.schema(field, &route)?;
            let was = required.iter().position(|other| *other == name);
            match (field_settled.is_some(), by_mark, was) {
                (false, _, Some(at)) | (_, Some(false), Some(at)) => drop(required.remove(at)),
                (true, Some(true), None) => required.push(name.clone().into()),
                _ => {}
            }
            settled.extend(field_settled.map(|field| (name, field)));
        }
        required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        if !settled.is_empty() {
            schema.insert("properties".into(), settled.into());
        }
        if !required.is_empty() {
            schema.insert("required".into(), required.into());
        }
        Ok(())
    }

    /// Whether a field is required, according to its mark or else its type's.
    fn required(&self, field: &Value, route: &Route) -> Result<Option<bool>, Error> {
        let Value::Object(field) = field else { return Ok(None) };
        let other = option_of(field).unwrap_or(&Value::Null);
        let reference = field.get("$ref").or_else(|| other.get("$ref")).and_then(Value::as_str);
        let named = reference.and_then(|reference| self.defs.get(reference.strip_prefix("#/$defs/")?)?.as_object());
        let range = match (marks::required(field, route)?, named) {
            (None, Some(named)) => marks::required(named, route)?,
            (own, _) => own,
        };
        Ok(range.map(|range| range.holds(&self.release.version)))
    }

    /// The variants of an enum with docs or marks: `oneOf` with one value each.
    fn variants(&mut self, schema: &mut Map<String, Value>, variants: &Value, route: &Route) -> Result<(), Error> {
        let mut values = Vec::new();
        for variant in variants.as_array().into_iter().flatten() {
            let mut variant = variant.as_object().cloned().unwrap_or_default();
            let marks = Marks::take(&mut variant, route)?;
            match (variant.remove("const"), variant.remove("enum"), variant.get("type")) {
                (Some(value), None, Some(_)) if marks.range.holds(&self.release.version) => values.push(value),
                (Some(_), None, Some(_)) => {}
                (None, Some(Value::Array(several)), Some(_)) => values.extend(several),
                _ => return Err(keyword(route, "oneOf", variants)),
            }
        }
        schema.insert("type".into(), "string".into());
        schema.insert("enum".into(), values.into());
        Ok(())
    }
}

/// The `T` of an `Option<T>` if T is a named type.
fn option_of(schema: &Map<String, Value>) -> Option<&Value> {
    match schema.get("anyOf")?.as_array()?.as_slice() {
        [other, null] if *null == json!({"type": "null"}) => Some(other),
        _ => None,
    }
}

/// The same, taken out of the schema.
fn take_option(schema: &mut Map<String, Value>) -> Option<Value> {
    option_of(schema)?;
    schema.remove("anyOf").and_then(|mut alternatives| alternatives.get_mut(0).map(Value::take))
}

fn keyword(route: &Route, keyword: &str, value: &Value) -> Error {
    Error::Keyword { route: route.clone(), keyword: keyword.to_owned(), value: value.clone() }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
