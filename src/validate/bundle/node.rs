//! A value in a file of a bundle, with its place.

use std::path::Path;

use serde_json::Value;

use crate::diagnostic::Place;
use crate::yaml::{self, Route};

static NOTHING: Value = Value::Null;

/// A value in a file of a bundle. A missing value is null, and its place is its closest existing parent.
#[derive(Clone, Debug)]
pub struct Node<'c> {
    root: &'c Path,
    /// The file's path in the bundle.
    pub file: &'c str,
    /// The route to the value in the file's first document.
    pub route: Route,
    /// The value.
    pub value: &'c Value,
}

impl<'c> Node<'c> {
    /// The document of a file.
    pub(super) fn document(root: &'c Path, file: &'c str, value: &'c Value) -> Self {
        Self { root, file, route: Route::root(), value }
    }

    /// The value of a field. If no key matches exactly, case is ignored, as in Go.
    #[must_use]
    pub fn get(&self, field: &str) -> Self {
        let value = yaml::field(self.value, field).unwrap_or(&NOTHING);
        Self { route: self.route.clone().key(field), value, ..*self }
    }

    /// The value of a key of a mapping with arbitrary keys, such as annotations.
    #[must_use]
    pub fn entry(&self, key: &str) -> Self {
        Self { route: self.route.clone().key(key), value: self.value.get(key).unwrap_or(&NOTHING), ..*self }
    }

    /// The value at a path of keys, such as `spec.install.spec`.
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        path.split('.').fold(self.clone(), |node, key| node.get(key))
    }

    /// The items of a list; none if it is not a list.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'c> {
        let (root, file, route) = (self.root, self.file, self.route.clone());
        let items = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().enumerate().map(move |(i, value)| Self { root, file, route: route.clone().index(i), value })
    }

    /// The keys and values of a mapping; none if it is not a mapping.
    pub fn entries(&self) -> impl Iterator<Item = (&'c str, Self)> + use<'c> {
        let (root, file, route) = (self.root, self.file, self.route.clone());
        let entries = self.value.as_object().into_iter().flatten();
        entries.map(move |(key, value)| (key.as_str(), Self { root, file, route: route.clone().key(key), value }))
    }

    /// The text; empty if it is not text.
    #[must_use]
    pub fn text(&self) -> &'c str {
        self.value.as_str().unwrap_or_default()
    }

    /// The texts of a list.
    #[must_use]
    pub fn texts(&self) -> Vec<&'c str> {
        self.value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether it is missing or null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// Whether it is `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.value == &Value::Bool(true)
    }

    /// Its place.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::value(self.root.join(self.file), 0, self.route.clone())
    }
}
