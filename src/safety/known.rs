//! The facts about every bundle of a catalog.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::definitions::Memo;
use super::facts::Facts;
use super::step::{Step, compare};
use crate::bundle::{self, Bundle};
use crate::catalog::Catalog;
use crate::files;
use crate::limits::FOLDER_FILES;

/// The facts about the bundles of a catalog, by package and name. Of bundles with the same name, the first counts.
#[derive(Debug, Default)]
pub struct Known {
    facts: Vec<Facts>,
    places: HashMap<String, HashMap<String, usize>>,
    memo: Memo,
}

/// Why the manifests of bundles could not be read from folders.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder that should have the bundles is missing, or is a file.
    #[error("the folder {} does not exist\nhelp: use --bundles to name the folder that contains PACKAGE/VERSION", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A folder could not be listed.
    #[error("cannot read {}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A bundle's folder is not a bundle.
    #[error("cannot read the bundle {}", path.display())]
    Bundle {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: bundle::Error,
    },
}

impl Known {
    /// Reads the facts about bundles that a catalog contains, in parallel.
    #[must_use]
    pub fn of(catalog: &Catalog) -> Self {
        Self::of_facts(catalog, catalog.bundles.par_iter().map(Facts::of_bundle).collect())
    }

    /// Of the facts of each bundle, in their order.
    pub(crate) fn of_facts(catalog: &Catalog, facts: Vec<Facts>) -> Self {
        let mut places: HashMap<String, HashMap<String, usize>> = HashMap::new();
        for (i, bundle) in catalog.bundles.iter().enumerate() {
            places.entry(bundle.package.clone()).or_default().entry(bundle.name.clone()).or_insert(i);
        }
        Self { facts, places, ..Self::default() }
    }

    /// Reads the manifests that the catalog does not contain from bundle folders, `<folder>/<package>/<anything>`. The
    /// name of a bundle is that of its ClusterServiceVersion. Packages and bundles that are not in the catalog are
    /// ignored.
    ///
    /// # Errors
    /// A folder that does not exist, and folders of these packages that cannot be read.
    pub fn add_folders(&mut self, folder: &Path) -> Result<(), Error> {
        if !folder.is_dir() {
            return Err(Error::NoFolder { path: folder.to_owned() });
        }
        let mut packages: Vec<&String> = self.places.keys().filter(|package| is_folder_name(package)).collect();
        packages.sort_unstable();
        let mut found = Vec::new();
        for package in packages.into_iter().filter(|package| folder.join(package).is_dir()) {
            let path = folder.join(package);
            let folders =
                files::list(&path, &FOLDER_FILES).map_err(|source| Error::Io { path: path.clone(), source })?;
            let folders: Vec<PathBuf> = folders.into_iter().filter(|folder| Bundle::is_at(folder)).collect();
            let facts: Vec<Facts> = folders.par_iter().map(|folder| read(folder)).collect::<Result<_, _>>()?;
            found.push((package.clone(), facts));
        }
        for (package, facts) in found {
            facts.into_iter().for_each(|facts| self.complete(&package, facts));
        }
        Ok(())
    }

    /// Adds the facts about a bundle whose manifests the catalog does not contain.
    pub fn complete(&mut self, package: &str, facts: Facts) {
        let place = self.places.get(package).and_then(|names| names.get(&facts.name));
        if let Some(known) = place.map(|&place| &mut self.facts[place])
            && known.content < facts.content
        {
            // The catalog already has its images, with those that opm found.
            *known = Facts { images: std::mem::take(&mut known.images), ..facts };
        }
    }

    /// The facts about a bundle.
    #[must_use]
    pub fn find(&self, package: &str, name: &str) -> Option<&Facts> {
        self.places.get(package)?.get(name).map(|&place| &self.facts[place])
    }

    /// The effects of a step between two bundles of a package. Of a bundle that is not in the catalog, nothing is
    /// known.
    #[must_use]
    pub fn step(&self, package: &str, from: &str, to: &str) -> Step {
        let [no_old, no_new] = [from, to].map(Facts::named);
        let side = |name, nothing| self.find(package, name).unwrap_or(nothing);
        compare(side(from, &no_old), side(to, &no_new), &self.memo)
    }
}

/// Whether a package's name can only lead to a subfolder.
fn is_folder_name(name: &str) -> bool {
    !name.contains(['/', '\\']) && !matches!(name, "" | "." | "..")
}

fn read(folder: &Path) -> Result<Facts, Error> {
    let read = Facts::of_folder(folder);
    read.map(|(_, facts)| facts).map_err(|source| Error::Bundle { path: folder.to_owned(), source })
}
