//! The parts of a bundle that pages show: its ClusterServiceVersion and its definitions, from the catalog or its
//! folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use super::Error;
use crate::bundle::Bundle as Folder;
use crate::catalog::{Bundle, is_csv, property};
use crate::crd::Crd;
use crate::files;
use crate::limits::FOLDER_FILES;
use crate::safety::Content;

/// The facts about a bundle.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// How complete they are.
    pub(super) content: Content,
    /// The annotations of its ClusterServiceVersion.
    pub(super) annotations: Value,
    /// The `spec` of its ClusterServiceVersion, or the part of it in `olm.csv.metadata`.
    pub(super) spec: Value,
    /// Its CustomResourceDefinitions, by name.
    pub(super) definitions: Vec<Crd>,
}

impl Known {
    /// The facts about a bundle in a catalog.
    pub(super) fn of_bundle(bundle: &Bundle) -> Self {
        let mut known = Self::default();
        bundle.objects().flatten().for_each(|object| known.add(object));
        let metadata = bundle.properties.iter().find(|property| property.kind == property::CSV_METADATA);
        if let Some(property) = metadata.filter(|_| known.content == Content::Nothing) {
            known.content = Content::Metadata;
            known.annotations = property.value["annotations"].clone();
            known.spec = property.value.clone();
            known.spec["customresourcedefinitions"] = property.value["crdDescriptions"].clone();
        }
        known.sorted()
    }

    fn of_folder(path: &Path) -> Result<(String, Self), Error> {
        let bad = |source| Error::Bundle { path: path.to_owned(), source };
        let contents = Folder::read(path).and_then(|bundle| bundle.contents()).map_err(bad)?;
        let (name, mut known) = (contents.name().to_owned(), Self::default());
        contents.manifests.into_iter().for_each(|manifest| known.add(manifest.object));
        Ok((name, known.sorted()))
    }

    fn add(&mut self, mut object: Value) {
        if is_csv(&object) && self.content != Content::Manifests {
            self.content = Content::Manifests;
            self.annotations = object["metadata"]["annotations"].take();
            self.spec = object["spec"].take();
        } else if object["kind"] == "CustomResourceDefinition" {
            // An invalid definition is not shown.
            self.definitions.extend(Crd::from_manifest(object));
        }
    }

    fn sorted(mut self) -> Self {
        if !self.spec.is_object() {
            self.spec = Value::Object(serde_json::Map::new());
        }
        self.definitions.sort_by(|a, b| a.name.cmp(&b.name));
        self.definitions.dedup_by(|a, b| a.name == b.name);
        self
    }
}

/// The facts in the folders of a package's bundles, by bundle name: `<folder>/<package>/<anything>`.
pub(super) fn of_folders(folder: &Path, package: &str) -> Result<HashMap<String, Known>, Error> {
    let leads_elsewhere = package.contains(['/', '\\']) || matches!(package, "" | "." | "..");
    let path = folder.join(package);
    if leads_elsewhere || !path.is_dir() {
        return Ok(HashMap::new());
    }
    let folders = files::list(&path, &FOLDER_FILES).map_err(|source| Error::Read { path: path.clone(), source })?;
    let folders: Vec<PathBuf> = folders.into_iter().filter(|folder| Folder::is_at(folder)).collect();
    folders.par_iter().map(|folder| Known::of_folder(folder)).collect()
}
