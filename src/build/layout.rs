//! Writes a catalog and its bundles to an OCI layout, and reads them back. The index's annotations identify the images.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::switch::switch;
use super::{BundleImage, CatalogLayout, Error};
use crate::changes::Change;
use crate::image::spec::{Descriptor, annotation};
use crate::image::{Artifact, Layout, Staged};

/// The catalog's name in the layout. Bundles are named by their tags, which contain `-v`.
const CATALOG: &str = "catalog";

/// The annotation of the catalog with the repository that its references name.
const REPOSITORY: &str = "dev.olm-catalog.repository";

impl CatalogLayout {
    /// Writes all images into a folder, and replaces those of an earlier build; see [`Layout::write`].
    ///
    /// # Errors
    /// Two bundles with the same tag, a folder with other contents, and files that cannot be read or written.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        self.write_with(folder, Path::new("."), &[])
    }

    /// Writes all images into a folder, together with the changes to the catalog folder `root`: either everything or
    /// nothing.
    ///
    /// # Errors
    /// Those of [`Self::write`], and files of the catalog's folder that cannot be written.
    pub fn write_with(&self, folder: &Path, root: &Path, changes: &[Change]) -> Result<(), Error> {
        let staged = self.stage(folder)?;
        switch(root, changes, staged, &mut || ())
    }

    /// Everything is in the layout's folder, but not in its index yet.
    pub(super) fn stage(&self, folder: &Path) -> Result<Staged, Error> {
        check_ours(folder)?;
        let mut bundles = BTreeMap::new();
        for bundle in &self.bundles {
            if bundles.insert(bundle.tag(), bundle).is_some() {
                return Err(Error::SameTag { tag: bundle.tag() });
            }
        }
        let catalog = [(annotation::REF_NAME, CATALOG.to_owned()), (REPOSITORY, self.repository.to_string())];
        let mut images: Vec<(&dyn Artifact, _)> = vec![(&self.catalog, annotations(catalog))];
        for (tag, bundle) in bundles {
            let (package, version) = (bundle.package.clone(), bundle.version.clone());
            let names = [(annotation::REF_NAME, tag), (annotation::TITLE, package), (annotation::VERSION, version)];
            images.push((&bundle.image, annotations(names)));
        }
        Ok(Layout::stage(folder, &images)?)
    }

    /// Reads a folder that [`Self::write`] wrote. Layers stay on disk.
    ///
    /// # Errors
    /// A folder that is not such a layout, or is damaged.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let missing = |why: &str| Error::NoCatalog { path: folder.to_owned(), why: why.to_owned() };
        let layout = Layout::open(folder)?;
        let is_catalog = |entry: &&Descriptor| entry.annotation(annotation::REF_NAME) == Some(CATALOG);
        let entry = layout.manifests().iter().find(is_catalog).ok_or_else(|| missing("no image named `catalog`"))?;
        let repository = entry.annotation(REPOSITORY).and_then(|repository| repository.parse().ok());
        let repository = repository.ok_or_else(|| missing("it does not record its repository"))?;
        let catalog = layout.platform_image(entry)?;
        let mut bundles = Vec::new();
        for entry in layout.manifests().iter().filter(|entry| !is_catalog(entry)) {
            let names = (entry.annotation(annotation::TITLE), entry.annotation(annotation::VERSION));
            let (Some(package), Some(version)) = names else {
                return Err(missing(&format!("the image {} has no package and version", entry.digest)));
            };
            let (package, version) = (package.to_owned(), version.to_owned());
            bundles.push(BundleImage { package, version, image: layout.image(entry)? });
        }
        // An index that was edited by hand may name an image twice.
        let tags: BTreeSet<String> = bundles.iter().map(BundleImage::tag).collect();
        if tags.len() < bundles.len() {
            return Err(missing("two of its bundles have the same tag"));
        }
        Ok(Self { catalog, repository, bundles })
    }
}

/// Refuses a layout of another tool, and a layout that others added images to: these would be removed.
fn check_ours(folder: &Path) -> Result<(), Error> {
    // A folder that is not a layout is refused when it is written.
    if !folder.join("index.json").exists() {
        return Ok(());
    }
    let refused = |why: &str| Error::OtherLayout { path: folder.to_owned(), why: why.to_owned() };
    let layout = Layout::open_unfinished(folder)?;
    let name = |entry: &Descriptor| entry.annotation(annotation::REF_NAME).unwrap_or("(no name)").to_owned();
    let is_catalog = |entry: &&Descriptor| entry.annotation(REPOSITORY).is_some();
    if !layout.manifests().iter().any(|entry| is_catalog(&entry)) {
        return Err(refused("none of its images is a catalog of `catalog build`"));
    }
    let is_bundle = |entry: &&Descriptor| {
        entry.annotation(annotation::TITLE).is_some() && entry.annotation(annotation::VERSION).is_some()
    };
    match layout.manifests().iter().find(|entry| !is_catalog(entry) && !is_bundle(entry)) {
        Some(other) => Err(refused(&format!("its image {} was not made by `catalog build`", name(other)))),
        None => Ok(()),
    }
}

fn annotations<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
