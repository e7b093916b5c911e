//! Builds the catalog of a repository, and the images of its bundles, from its channels and bundles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{BundleImage, Error, OVERSIZED};
use crate::bundle::{self, PassedOver};
use crate::catalog::{Bundle, Catalog, FILE, MigrateLevel, property};
use crate::channel::{self, Sources};
use crate::diagnostic::{Finding, Place};
use crate::image::Repository;
use crate::render::BoxError;
use crate::yaml::WriteError;

/// How a catalog contains its local bundles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// By the digests of their images, with their metadata for user interfaces (`olm.csv.metadata`).
    #[default]
    Pinned,
    /// With all their objects, so that a cluster pulls one image and unpacks nothing.
    Inline,
}

/// A repository's catalog.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// Its packages, sorted by name: each with its blobs.
    pub packages: BTreeMap<String, Catalog>,
    /// The images of its bundles, sorted by package and tag. None in the inline form.
    pub bundles: Vec<BundleImage>,
    /// The folders of its local bundles, links followed.
    pub local: BTreeSet<PathBuf>,
    /// The parts of its local bundles' files that opm and OLM ignore, by the bundle's folder.
    pub passed_over: BTreeMap<PathBuf, Vec<PassedOver>>,
}

/// The inputs of a catalog.
pub struct From<'f> {
    /// The folder of templates.
    pub channels: &'f Path,
    /// The root of the repository. Local bundles must be inside it.
    pub root: &'f Path,
    /// The repository in references to local bundles.
    pub repository: &'f Repository,
    /// How the catalog contains its local bundles.
    pub form: Form,
    /// Pulls a bundle's image, for templates that name one.
    pub pull: &'f (dyn Fn(&str) -> Result<Bundle, BoxError> + Sync),
}

impl std::fmt::Debug for From<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("From").field("channels", &self.channels).field("form", &self.form).finish_non_exhaustive()
    }
}

impl Assembled {
    /// The catalog's files by their path in its folder: `<package>/catalog.yaml`.
    ///
    /// # Errors
    /// None in practice: every catalog that was read can be written.
    pub fn files(&self) -> Result<BTreeMap<String, String>, WriteError> {
        let file = |(name, catalog): (&String, &Catalog)| Ok((format!("{name}/{FILE}"), catalog.to_yaml()?));
        self.packages.iter().map(file).collect()
    }
}

/// Renders every template of a folder, and builds the image of each local bundle that one names.
///
/// # Errors
/// Files that cannot be read, all problems of the templates, and bundles that an image cannot contain.
pub fn assemble(from: &From<'_>) -> Result<Assembled, Error> {
    let images: Mutex<BTreeMap<(String, String), BundleImage>> = Mutex::default();
    let image = |bundle: &bundle::Bundle, contents: &bundle::Contents| {
        if from.form == Form::Inline {
            return Ok(String::new());
        }
        let image = BundleImage::new(&contents.package, contents.version(), bundle)?;
        let reference = image.reference(from.repository);
        let key = (image.package.clone(), image.tag());
        images.lock().unwrap_or_else(PoisonError::into_inner).insert(key, image);
        Ok(reference)
    };
    let sources = Sources { root: from.root, image: &image, pull: from.pull };
    let rendered = channel::render_all(from.channels, &sources)?;
    let root = from.root.canonicalize().map_err(|source| Error::Folder { path: from.root.to_owned(), source })?;
    let (mut packages, mut local, mut passed_over) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
    for mut package in rendered {
        for bundle in package.bundles {
            if !bundle.contents.passed_over.is_empty() {
                passed_over.insert(bundle.path.clone(), bundle.contents.passed_over);
            }
            local.insert(root.join(bundle.path));
        }
        settle(&mut package.catalog)?;
        packages.insert(package.name, package.catalog);
    }
    let bundles = images.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect();
    Ok(Assembled { packages, bundles, local, passed_over })
}

/// Turns the objects of bundles that have images into metadata, and sorts their related images.
pub(super) fn settle(catalog: &mut Catalog) -> Result<(), Error> {
    catalog.migrate(MigrateLevel::All)?;
    for bundle in &mut catalog.bundles {
        // This order does not depend on the repository, so references can be changed in place.
        let Bundle { image, related_images, .. } = bundle;
        related_images.sort_by(|a, b| (a.image != *image, &a.image).cmp(&(b.image != *image, &b.image)));
    }
    Ok(())
}

/// The size of a bundle's objects above which a single bundle may be too large: OLM puts all objects of the bundles
/// that it installs together into one InstallPlan, and etcd accepts requests of up to 1.5 MiB.
pub const NEAR_REQUEST_LIMIT: usize = 1024 * 1024;

/// Warns about every bundle whose objects in the catalog are close to etcd's request limit. `file` is the file of a
/// package.
#[must_use]
pub fn oversized(catalog: &Catalog, file: impl Fn(&str) -> std::path::PathBuf) -> Vec<Finding> {
    let near = |bundle: &&Bundle| objects_size(bundle) >= NEAR_REQUEST_LIMIT;
    let warning = |bundle: &Bundle| {
        let size = objects_size(bundle) as f64 / 1024.0;
        let message =
            format!("the objects of {} have {size:.0} KiB, and one InstallPlan must contain them all", bundle.name);
        let help = "etcd accepts requests of up to 1536 KiB, and operators that are installed together share one \
             InstallPlan: build without --inline, so that OLM unpacks the bundle image instead";
        Finding::warning(OVERSIZED.id, Place::file(file(&bundle.package)), message).help(help)
    };
    catalog.bundles.iter().filter(near).map(warning).collect()
}

/// The bytes of a bundle's objects, as JSON.
fn objects_size(bundle: &Bundle) -> usize {
    let objects = bundle.properties.iter().filter(|property| property.kind == property::BUNDLE_OBJECT);
    // Base64 encodes three bytes as four letters.
    objects.map(|object| object.value["data"].as_str().map_or(0, |data| data.len() / 4 * 3)).sum()
}
