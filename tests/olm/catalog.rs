//! The repository's own catalog, as a folder to serve.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use olm_catalog::build::{self, Form, From};
use olm_catalog::catalog::{Catalog, property};
use olm_catalog::image::{Entry, Program, Repository, catalog_image};
use olm_catalog::registry;
use semver::Version;
use tempfile::TempDir;

/// The operators of the repository's catalog.
pub(crate) const OPERATORS: [&str; 4] = [
    "dbaas-operator",
    "percona-server-mongodb-operator",
    "percona-xtradb-cluster-operator",
    "victoriametrics-operator",
];

/// The catalog of the repository's four operators, with all objects of their bundles.
pub(crate) fn catalog() -> Result<TempDir> {
    catalog_at(&[])
}

/// The same without versions newer than these heads: `(package, version)`.
pub(crate) fn catalog_at(heads: &[(&str, &str)]) -> Result<TempDir> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let channels = root.join("channels");
    let repository = build::repository(&root.join("bundles"))?.context("the repository has a name")?;
    let pull = |reference: &str| Err(format!("{reference} is not of this repository").into());
    let from = From { channels: &channels, root, repository: &repository, form: Form::Inline, pull: &pull };
    let mut assembled = build::assemble(&from)?;
    for (package, head) in heads {
        let catalog = assembled.packages.get_mut(*package).with_context(|| format!("there is no package {package}"))?;
        cut(catalog, &Version::parse(head)?)?;
    }
    let folder = tempfile::tempdir()?;
    for (path, text) in assembled.files()? {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().context("a file without a folder")?)?;
        fs::write(path, text)?;
    }
    Ok(folder)
}

/// Builds the image of a catalog's folder with the static program, and pushes it. Returns its reference.
pub(crate) fn push(folder: &Path, program: &Path, repository: &str, tag: &str) -> Result<String> {
    let mut entries = Vec::new();
    for package in fs::read_dir(folder)? {
        let package = package?;
        let name = package.file_name().into_string().ok().context("a name that is not UTF-8")?;
        let text = fs::read(package.path().join(build::FILE))?;
        entries.push(Entry::file(format!("{name}/{}", build::FILE), text));
    }
    let image = catalog_image(&Program::open(program)?, entries)?;
    let repository: Repository = repository.parse()?;
    let client = registry::Client::new(registry::Options::default())?;
    client.upload(&repository, &[&image], &|_, _| ())?;
    client.tag(&repository, &[(&image, tag)])?;
    Ok(format!("{repository}:{tag}"))
}

/// Removes versions newer than one.
fn cut(catalog: &mut Catalog, head: &Version) -> Result<()> {
    let mut newer = BTreeSet::new();
    for bundle in &catalog.bundles {
        let package = bundle.properties.iter().find(|property| property.kind == property::PACKAGE);
        let version = package.and_then(|package| package.value["version"].as_str());
        let version = version.with_context(|| format!("{} has no version", bundle.name))?;
        if Version::parse(version)? > *head {
            newer.insert(bundle.name.clone());
        }
    }
    catalog.bundles.retain(|bundle| !newer.contains(&bundle.name));
    for channel in &mut catalog.channels {
        channel.entries.retain(|entry| !newer.contains(&entry.name));
    }
    catalog.channels.retain(|channel| !channel.entries.is_empty());
    for package in &mut catalog.packages {
        if !catalog.channels.iter().any(|channel| channel.name == package.default_channel) {
            let first = catalog.channels.first().with_context(|| format!("nothing is left of {}", package.name))?;
            package.default_channel.clone_from(&first.name);
        }
    }
    Ok(())
}
