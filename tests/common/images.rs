//! Bundles, programs and catalogs for images.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use olm_catalog::build::{BundleImage, CatalogLayout};
use olm_catalog::bundle::Bundle;
use olm_catalog::image::{Entry, Program, Repository, catalog_image};

/// The smallest 64-bit ELF program that the checks accept: a header and one segment of a type.
pub(crate) fn elf(machine: u8, segment: u8, big: bool) -> Vec<u8> {
    let mut bytes = vec![0; 64 + 56];
    let mut put = |offset: usize, size: usize, value: u8| bytes[if big { offset + size - 1 } else { offset }] = value;
    put(16, 2, 2); // a program at a fixed address
    put(18, 2, machine);
    put(24, 8, 1); // its entry
    put(32, 8, 64); // where its segments are
    put(54, 2, 56);
    put(56, 2, 1);
    put(64, 4, segment);
    bytes[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, if big { 2 } else { 1 }]);
    bytes
}

pub(crate) const AMD64: u8 = 62;
pub(crate) const LOAD: u8 = 1;
pub(crate) const INTERPRETER: u8 = 3;

pub(crate) fn temp() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A program in a file. It is never run.
pub(crate) fn program(folder: &Path) -> Program {
    let path = folder.join("program");
    fs::write(&path, elf(AMD64, LOAD, false)).unwrap();
    Program::open(&path).unwrap()
}

pub(crate) fn bundle(version: &str) -> Bundle {
    let csv = format!("kind: ClusterServiceVersion\nmetadata:\n  name: demo.v{version}\nspec:\n  version: {version}\n");
    let annotations = "annotations:
  operators.operatorframework.io.bundle.mediatype.v1: registry+v1
  operators.operatorframework.io.bundle.manifests.v1: manifests/
  operators.operatorframework.io.bundle.metadata.v1: metadata/
  operators.operatorframework.io.bundle.package.v1: demo
  operators.operatorframework.io.bundle.channels.v1: stable
  com.redhat.openshift.versions: v4.9
";
    let files = [("manifests/demo.clusterserviceversion.yaml", csv), ("metadata/annotations.yaml", annotations.into())];
    Bundle { files: BTreeMap::from(files.map(|(path, text)| (path.to_owned(), text.into_bytes()))) }
}

pub(crate) fn repository(text: &str) -> Repository {
    text.parse().unwrap()
}

/// A catalog of these versions of one package.
pub(crate) fn catalog(folder: &Path, repository: &Repository, versions: &[&str]) -> CatalogLayout {
    let bundles: Vec<_> =
        versions.iter().map(|version| BundleImage::new("demo", version, &bundle(version)).unwrap()).collect();
    let mut yaml = String::from("schema: olm.package\nname: demo\n");
    for bundle in &bundles {
        let (version, image) = (&bundle.version, bundle.reference(repository));
        yaml += &format!("---\nschema: olm.bundle\nname: demo.v{version}\npackage: demo\nimage: {image}\n");
    }
    let configs = [Entry::file("demo/catalog.yaml", yaml.into_bytes())];
    let catalog = catalog_image(&program(folder), configs).unwrap();
    CatalogLayout { catalog: catalog.into(), repository: repository.clone(), bundles }
}

/// Every file below a folder, by its path in it.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// An error with its causes, as the programs print it.
pub(crate) fn text(error: impl std::error::Error + Send + Sync + 'static) -> String {
    format!("{:#}", anyhow::Error::new(error))
}
