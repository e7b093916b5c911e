//! Blobs of custom schemas, by schema and package.
//!
//! Source: `ListPackageCustomSchemas` of operator-registry's `pkg/cache`.

use std::collections::BTreeMap;

use prost_types::value::Kind;
use prost_types::{ListValue, Struct};
use serde_json::Value;

use super::Index;
use super::query::quote;
use crate::catalog::Other;
use crate::serve::zip::Zipped;

/// opm's pattern for the names in a query, as in its message.
const PATTERN: &str = "^[a-zA-Z0-9][a-zA-Z0-9._-]*$";

/// Each blob is a `google.protobuf.Struct`, encoded, in the order in which they were read.
#[derive(Debug, Default)]
pub(super) struct Blobs(BTreeMap<(String, String), Vec<Zipped>>);

/// A query for custom blobs that is not valid. The text is opm's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid custom schema query: invalid {field} {}: must match {PATTERN}", quote(value))]
pub struct BadQuery {
    /// The field of the request.
    pub field: &'static str,
    /// Its value.
    pub value: String,
}

impl Blobs {
    pub(super) fn of(blobs: &[Other]) -> Self {
        let mut all = Self::default();
        all.add(blobs);
        all
    }

    pub(super) fn add(&mut self, blobs: &[Other]) {
        for Other { schema, package, blob, .. } in blobs {
            let blob = Zipped::new(&prost::Message::encode_to_vec(&message(blob)));
            self.0.entry((schema.clone(), package.clone())).or_default().push(blob);
        }
    }
}

impl Index {
    /// The blobs of a custom schema that belong to a package, or those without a package if its name is empty.
    ///
    /// # Errors
    /// A schema or package name that is not valid.
    pub(in crate::serve) fn custom(&self, schema: &str, package: &str) -> Result<&[Zipped], BadQuery> {
        let bad = |field, value: &str| Err(BadQuery { field, value: value.to_owned() });
        if !is_name(schema) {
            return bad("schema", schema);
        }
        if !package.is_empty() && !is_name(package) {
            return bad("packageName", package);
        }
        let key = (schema.to_owned(), package.to_owned());
        Ok(self.custom.0.get(&key).map(Vec::as_slice).unwrap_or_default())
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c))
}

/// A mapping as a message. Other values have no fields: blobs are mappings.
fn message(value: &Value) -> Struct {
    let fields = value.as_object().into_iter().flatten();
    Struct { fields: fields.map(|(key, value)| (key.clone(), kind(value))).collect() }
}

fn kind(value: &Value) -> prost_types::Value {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(bool) => Kind::BoolValue(*bool),
        // The message has no other numbers.
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(items) => Kind::ListValue(ListValue { values: items.iter().map(self::kind).collect() }),
        Value::Object(_) => Kind::StructValue(message(value)),
    };
    prost_types::Value { kind: Some(kind) }
}
