//! The manifests in a bundle blob's `olm.bundle.object` properties.

use serde_json::Value;

use super::model::{Bundle, property};
use crate::go_json::shape::base64;
use crate::yaml::{self, field};

/// An `olm.bundle.object` property without a valid manifest.
#[derive(Debug, thiserror::Error)]
#[error("bundle {bundle:?}: property {index} contains no valid manifest: {message}")]
pub struct BadObject {
    /// The bundle's name.
    pub bundle: String,
    /// The number of its property, from 0.
    pub index: usize,
    /// The problem.
    pub message: String,
}

impl Bundle {
    /// The manifests in the bundle's properties, in their order. Empty if the bundle has only its metadata.
    pub fn objects(&self) -> impl Iterator<Item = Result<Value, BadObject>> {
        self.indexed_objects().map(|(_, object)| object)
    }

    /// The same, each with the number of its property.
    pub(crate) fn indexed_objects(&self) -> impl Iterator<Item = (usize, Result<Value, BadObject>)> {
        let objects =
            self.properties.iter().enumerate().filter(|(_, property)| property.kind == property::BUNDLE_OBJECT);
        objects.map(|(index, property)| {
            let bad = |message| BadObject { bundle: self.name.clone(), index, message };
            (index, object(&property.value).map_err(bad))
        })
    }

    /// The ClusterServiceVersion in the bundle's properties: the first manifest of that kind.
    ///
    /// # Errors
    /// A property before it without a valid manifest.
    pub fn csv(&self) -> Result<Option<Value>, BadObject> {
        self.objects().find(|object| object.as_ref().map_or(true, is_csv)).transpose()
    }
}

/// Whether a manifest is a ClusterServiceVersion.
pub(crate) fn is_csv(object: &Value) -> bool {
    object["kind"] == "ClusterServiceVersion"
}

/// The text in the value of an `olm.bundle.object` property.
pub(crate) fn object_text(property: &Value) -> Result<String, String> {
    let Some(data) = field(property, "data").and_then(Value::as_str) else { return Err("it has no `data`".into()) };
    let bytes = base64(data).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "its data is not text".to_owned())
}

fn object(property: &Value) -> Result<Value, String> {
    let text = object_text(property)?;
    let documents = yaml::read(&text).map_err(|error| error.to_string())?;
    documents.into_iter().next().map(|document| document.value).ok_or_else(|| "its data is empty".into())
}
