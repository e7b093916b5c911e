//! A bundle that differs a little from `base`:
//!
//! - a file changes it, document by document. A document with an `apiVersion` is another manifest; one with a `kind`
//!   alone is a merge patch (RFC 7386) of the base's manifest of that kind; one with `annotations`, `dependencies` or
//!   `properties` is a merge patch of that metadata file;
//! - a folder is copied over it, file by file; if its name ends in `-whole`, it is the whole bundle.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use olm_catalog::diagnostic::{Finding, Sources};
use olm_catalog::yaml;
use serde_json::Value;
use tempfile::TempDir;

const BASE: &str = "tests/validate_bundle/base";

/// A bundle's folder, which is removed when this is dropped.
pub(super) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    /// The bundle of a file or folder.
    pub(super) fn of(path: &Path) -> Result<Self, Failed> {
        if !path.is_dir() {
            return Self::patched(&fs::read_to_string(path)?);
        }
        let fixture = Self { folder: tempfile::tempdir()? };
        if !path.to_string_lossy().ends_with("-whole") {
            copy(Path::new(BASE), fixture.path())?;
        }
        copy(path, fixture.path())?;
        Ok(fixture)
    }

    /// The base, changed by the documents of a text.
    pub(super) fn patched(text: &str) -> Result<Self, Failed> {
        let fixture = Self::of(Path::new(BASE))?;
        for (i, document) in yaml::read(text)?.into_iter().enumerate() {
            fixture.change(i, document.value)?;
        }
        Ok(fixture)
    }

    fn change(&self, i: usize, document: Value) -> Result<(), Failed> {
        let kind = document["kind"].as_str();
        let file = match (document.get("apiVersion"), kind) {
            (Some(_), _) => return self.write(&format!("manifests/other-{i}.yaml"), &yaml::to_yaml(&document)?),
            (None, Some("ClusterServiceVersion")) => "manifests/demo.clusterserviceversion.yaml".to_owned(),
            (None, Some("CustomResourceDefinition")) => "manifests/demo.example.com_widgets.yaml".to_owned(),
            (None, Some(other)) => return Err(format!("the base has no {other}").into()),
            (None, None) => {
                let first = document.as_object().and_then(|map| map.keys().next()).ok_or("a mapping")?;
                format!("metadata/{first}.yaml")
            }
        };
        let path = self.path().join(&file);
        let mut value = match path.exists() {
            true => yaml::read_one(&fs::read_to_string(&path)?)?,
            false => Value::Null,
        };
        merge(&mut value, document);
        self.write(&file, &yaml::to_yaml(&value)?)
    }

    pub(super) fn write(&self, file: &str, text: &str) -> Result<(), Failed> {
        Ok(fs::write(self.path().join(file), text)?)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces the bundle's path in the places of a finding by `bundle`, which is the same on every machine.
    pub(super) fn relative(&self, finding: &mut Finding) {
        let places =
            std::iter::once(&mut finding.place).chain(finding.related.iter_mut().map(|other| &mut other.place));
        for place in places {
            if let Ok(inner) = place.file.strip_prefix(self.path()) {
                place.file =
                    if inner.as_os_str().is_empty() { "bundle".into() } else { Path::new("bundle").join(inner) };
            }
        }
    }

    /// The texts of the files, as [`Self::relative`] names them.
    pub(super) fn sources(&self) -> Sources {
        let mut sources = Sources::disk();
        for file in files(self.path()) {
            let (Ok(text), Ok(inner)) = (fs::read_to_string(&file), file.strip_prefix(self.path())) else { continue };
            sources = sources.with(Path::new("bundle").join(inner), text);
        }
        sources
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(target.parent().ok_or("a folder")?)?;
        fs::copy(&file, &target)?;
    }
    Ok(())
}

/// RFC 7386.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    for (key, value) in patch {
        match (value, target.as_object_mut()) {
            (Value::Null, Some(map)) => drop(map.remove(&key)),
            (value, Some(map)) => merge(map.entry(key).or_insert(Value::Null), value),
            (_, None) => {}
        }
    }
}
