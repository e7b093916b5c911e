//! Manifests to [`Crd`]s.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::diff::TEXT;
use super::{Crd, Version};
use crate::bundle::MANIFESTS;
use crate::files as safe;
use crate::limits::{FOLDER_FILES, TEXT_BYTES};
use crate::yaml;

/// Why CustomResourceDefinitions could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is neither YAML nor JSON.
    #[error("{}:{at}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        at: yaml::Error,
    },
    /// There are none.
    #[error("{} contains no CustomResourceDefinition", path.display())]
    None {
        /// The file or folder.
        path: PathBuf,
    },
    /// A CustomResourceDefinition lacks a required part.
    #[error("{}:{line}: the CustomResourceDefinition has no {missing}", path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// The line where it starts.
        line: usize,
        /// The missing part.
        missing: &'static str,
    },
}

/// Reads the CustomResourceDefinitions of a manifest file, a folder of manifests or a bundle's folder, sorted by name.
/// Objects of other kinds are ignored.
///
/// # Errors
/// Files that cannot be read or are not YAML, definitions without a name or version, or no definition at all.
pub fn read(path: &Path) -> Result<Vec<Crd>, Error> {
    let mut crds = Vec::new();
    for file in files(path)? {
        let text = safe::read_text(&file, &TEXT_BYTES).map_err(|source| Error::Io { path: file.clone(), source })?;
        let documents = yaml::read(&text).map_err(|at| Error::Syntax { path: file.clone(), at })?;
        for document in documents.into_iter().filter(|document| document.value["kind"] == "CustomResourceDefinition") {
            let line = document.line;
            let crd = Crd::from_manifest(document.value);
            crds.push(crd.map_err(|missing| Error::Incomplete { path: file.clone(), line, missing })?);
        }
    }
    if crds.is_empty() {
        return Err(Error::None { path: path.to_owned() });
    }
    crds.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(crds)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(io)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let manifests = path.join(MANIFESTS);
    let folder = if manifests.is_dir() { manifests } else { path.to_owned() };
    let mut files = Vec::new();
    for file in safe::list(&folder, &FOLDER_FILES).map_err(|source| Error::Io { path: folder.clone(), source })? {
        let manifest = file.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
        if manifest && !file.is_dir() {
            safe::check_inside(path, &file).map_err(|source| Error::Io { path: file.clone(), source })?;
            files.push(file);
        }
    }
    Ok(files)
}

impl Crd {
    /// Parses a manifest.
    ///
    /// # Errors
    /// The part that the manifest lacks: a name, a spec, a version.
    pub fn from_manifest(mut manifest: Value) -> Result<Self, &'static str> {
        let name = manifest["metadata"]["name"].as_str().ok_or("metadata.name")?.to_owned();
        let Value::Object(mut spec) = manifest["spec"].take() else { return Err("spec") };
        let shared = Shared::take(&mut spec);
        let versions = match spec.remove("versions") {
            Some(Value::Array(list)) => list,
            _ => match spec.get("version").cloned() {
                Some(name) => vec![serde_json::json!({"name": name, "served": true, "storage": true})],
                None => return Err("spec.versions"),
            },
        };
        spec.remove("version");
        // Fields that an API server fills in do not count as differences.
        spec.remove("conversion").filter(|conversion| conversion["strategy"] != "None").into_iter().for_each(|value| {
            spec.insert("conversion".into(), value);
        });
        spec.remove("preserveUnknownFields").filter(|value| *value == true).into_iter().for_each(|value| {
            spec.insert("preserveUnknownFields".into(), value);
        });
        let versions = versions.into_iter().map(|version| shared.version(version)).collect::<Result<_, _>>()?;
        Ok(Self { name, spec, versions })
    }
}

impl Crd {
    /// The definition without texts, which are most of it but not structure: [`super::diff`] ignores them.
    #[must_use]
    pub fn without_texts(mut self) -> Self {
        for version in &mut self.versions {
            remove_texts(&mut version.schema);
        }
        self
    }
}

/// Schemas can be nested deeply; the thread's stack is large enough for that, as it is for parsing.
fn remove_texts(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    TEXT.iter().for_each(|text| drop(map.remove(*text)));
    for property in
        map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(|map| map.values_mut())
    {
        remove_texts(property);
    }
    for keyword in ["items", "additionalProperties"] {
        map.get_mut(keyword).into_iter().for_each(remove_texts);
    }
}

/// The parts that apiextensions v1beta1 has once for all versions.
struct Shared {
    schema: Value,
    rest: Map<String, Value>,
}

/// The schema under `schema` or `validation`; `None` if it is not a mapping.
fn schema_of(mut value: Value) -> Value {
    value.get_mut("openAPIV3Schema").map_or(Value::Null, Value::take)
}

impl Shared {
    fn take(spec: &mut Map<String, Value>) -> Self {
        let schema = spec.remove("validation").map_or(Value::Null, schema_of);
        let rest = ["subresources", "additionalPrinterColumns"]
            .into_iter()
            .filter_map(|key| spec.remove(key).map(|value| (key.to_owned(), value)))
            .collect();
        Self { schema, rest }
    }

    fn version(&self, version: Value) -> Result<Version, &'static str> {
        let Value::Object(mut rest) = version else { return Err("fields in one of its versions") };
        let Some(Value::String(name)) = rest.remove("name") else { return Err("name in one of its versions") };
        let schema = rest.remove("schema").map_or(Value::Null, schema_of);
        let schema = if schema.is_null() { self.schema.clone() } else { schema };
        for (key, value) in &self.rest {
            rest.entry(key).or_insert_with(|| value.clone());
        }
        for column in rest.get_mut("additionalPrinterColumns").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(path) = column.as_object_mut().and_then(|column| column.remove("JSONPath")) {
                column["jsonPath"] = path;
            }
        }
        rest.retain(|_, value| !value.is_null());
        let schema = if schema.is_null() { Value::Object(Map::new()) } else { schema };
        Ok(Version { name, schema, rest })
    }
}
