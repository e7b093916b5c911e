//! The fields of a kubeconfig, with the place of each mistake.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::Error;
use crate::yaml::{Route, locate};

/// A value of a kubeconfig, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Node<'v> {
    file: &'v Path,
    text: &'v str,
    route: Route,
    shown: String,
    value: &'v Value,
}

/// A named entry of one of the lists.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) file: PathBuf,
    /// The text of the file, for places.
    text: String,
    route: Route,
    shown: String,
    value: Value,
}

impl Entry {
    /// The fields of the entry.
    pub(super) fn node(&self) -> Node<'_> {
        Node {
            file: &self.file,
            text: &self.text,
            route: self.route.clone(),
            shown: self.shown.clone(),
            value: &self.value,
        }
    }

    /// A path of the entry, which is relative to its file.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }
}

impl<'v> Node<'v> {
    pub(super) fn new(file: &'v Path, text: &'v str, value: &'v Value) -> Self {
        Self { file, text, route: Route::root(), shown: String::new(), value }
    }

    /// A mistake here: the problem, without the text.
    pub(super) fn error(&self, why: &str) -> Error {
        let place = locate(self.text, 0, &self.route).map(|at| format!(":{}", at.line)).unwrap_or_default();
        let field = if self.shown.is_empty() { String::new() } else { format!("{} ", self.shown) };
        Error::new(format!("{}{place}: {field}{why}", self.file.display()), "correct the kubeconfig")
    }

    pub(super) fn object(&self) -> Result<(), Error> {
        if self.value.is_object() { Ok(()) } else { Err(self.error("is not a mapping")) }
    }

    pub(super) fn field(&self, name: &str) -> Option<Node<'v>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        let shown = if self.shown.is_empty() { name.to_owned() } else { format!("{}.{name}", self.shown) };
        Some(Node { route: self.route.clone().key(name), shown, value, ..self.clone() })
    }

    /// A string; `None` if it is missing or empty, which is the same for client-go.
    pub(super) fn string(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(field) = self.field(name) else { return Ok(None) };
        let text = field.value.as_str().ok_or_else(|| field.error("is not a string"))?;
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Error> {
        let Some(field) = self.field(name) else { return Ok(false) };
        field.value.as_bool().ok_or_else(|| field.error("is neither true nor false"))
    }

    /// Base64, which may have line breaks.
    pub(super) fn data(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        let text: String = text.split_ascii_whitespace().collect();
        match (BASE64_STANDARD.decode(text), self.field(name)) {
            (Ok(data), _) => Ok(Some(data)),
            (Err(_), field) => Err(field.as_ref().unwrap_or(self).error("is not valid base64")),
        }
    }

    pub(super) fn strings(&self, name: &str) -> Result<Vec<String>, Error> {
        let items = self.list(name)?;
        let text =
            |item: &Node<'_>| item.value.as_str().map(str::to_owned).ok_or_else(|| item.error("is not a string"));
        items.iter().map(text).collect()
    }

    pub(super) fn list(&self, name: &str) -> Result<Vec<Node<'v>>, Error> {
        let Some(field) = self.field(name) else { return Ok(Vec::new()) };
        let items = field.value.as_array().ok_or_else(|| field.error("is not a list"))?;
        let node = |(index, value)| Node {
            route: field.route.clone().index(index),
            shown: format!("{}[{index}]", field.shown),
            value,
            ..field.clone()
        };
        Ok(items.iter().enumerate().map(node).collect())
    }

    /// The entries of `clusters`, `users` or `contexts`.
    pub(super) fn entries(&self, list: &str, field: &str) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for item in self.list(list)? {
            item.object()?;
            let name = item.string("name")?.unwrap_or_default();
            let inside = item.field(field);
            if let Some(inside) = &inside {
                inside.object()?;
            }
            let inside = inside.unwrap_or_else(|| Node { value: &Value::Null, ..item.clone() });
            entries.push(Entry {
                name,
                file: self.file.to_owned(),
                text: self.text.to_owned(),
                route: inside.route.clone(),
                shown: inside.shown.clone(),
                value: inside.value.clone(),
            });
        }
        Ok(entries)
    }

    pub(super) fn value(&self) -> &'v Value {
        self.value
    }
}
