//! `catalog migrate`: a catalog in newer forms, in a new folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use olm_catalog::catalog::Catalog;
use olm_catalog::changes::Change;
use olm_catalog::terminal::escape;
use olm_catalog::{files, limits};

use crate::client::Registry;
use crate::output::{Format, Migrate};
use crate::{Outcome, references};

/// Write a catalog to a new folder, with one file per package, and run migrations on it.
///
/// The files are OUT/PACKAGE/catalog.json or .yaml, as those of `opm migrate`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog's file, folder or image.
    #[arg(value_name = "CATALOG")]
    reference: String,
    /// The folder to write. It must not exist, or be empty.
    #[arg(value_name = "OUT")]
    out: PathBuf,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    migrate: Migrate,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  catalog migrate catalog catalog-4.17 -o yaml --migrate-level bundle-object-to-csv-metadata
  catalog migrate quay.io/example/catalog:latest catalog";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let entries = files::list(&self.out, &limits::FOLDER_FILES);
        match entries {
            Ok(entries) if !entries.is_empty() => bail!("{} must be empty or absent", self.out.display()),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot read {}", self.out.display()));
            }
            _ => {}
        }
        let level = self.migrate.level();
        let catalog = references::read(std::slice::from_ref(&self.reference), &self.registry, level, None)?;
        let mut written = Vec::new();
        for (package, part) in parts(catalog) {
            let (text, extension) = self.format.write(&part)?;
            let folder = if package.is_empty() { self.out.clone() } else { self.out.join(one_name(&package)?) };
            written.push(Change::new_file(&self.out, folder.join(format!("catalog.{extension}")), text.into_bytes()));
        }
        if written.is_empty() {
            bail!("{} has no packages", self.reference);
        }
        written.iter().try_for_each(Change::make)?;
        Ok(Outcome::Done)
    }
}

/// The blobs of each package, and those without one under the empty name.
pub(crate) fn parts(catalog: Catalog) -> BTreeMap<String, Catalog> {
    let mut parts: BTreeMap<String, Catalog> = BTreeMap::new();
    let Catalog { packages, channels, bundles, deprecations, others } = catalog;
    packages.into_iter().for_each(|blob| parts.entry(blob.name.clone()).or_default().packages.push(blob));
    channels.into_iter().for_each(|blob| parts.entry(blob.package.clone()).or_default().channels.push(blob));
    bundles.into_iter().for_each(|blob| parts.entry(blob.package.clone()).or_default().bundles.push(blob));
    deprecations.into_iter().for_each(|blob| parts.entry(blob.package.clone()).or_default().deprecations.push(blob));
    others.into_iter().for_each(|blob| parts.entry(blob.package.clone()).or_default().others.push(blob));
    parts
}

/// The folder of a package: its name comes from a file and must not be a path.
pub(crate) fn one_name(package: &str) -> anyhow::Result<&str> {
    let is_name = Path::new(package).components().count() == 1 && !package.contains('/') && !package.starts_with('.');
    if is_name { Ok(package) } else { bail!("{} is not a valid name of a folder", escape(package)) }
}
