//! What `catalog build` makes of bundles and a rendered catalog: one OCI layout with the image of every bundle and the
//! catalog's image, which pins them by digest.
//!
//! Bundle images live in the same repository as the catalog's image, so that one repository is all a user needs:
//! the catalog's `image:` fields say `<repository>@sha256:…`, and each bundle has the tag `<package>-v<version>`,
//! which keeps registries from collecting it. Where the catalog is pushed elsewhere, [`CatalogLayout::relocated`]
//! makes its references name that place; the bundles' digests stay.
//!
//! 1. [`repository`] says where the images are to be, unless one is given.
//! 2. [`assemble`] renders the templates of all channels and builds the image of each bundle, whose digest the catalog
//!    pins before anything is pushed.
//! 3. [`catalog_image`](crate::image::catalog_image) puts the program and the catalog's files into an image.
//! 4. [`CatalogLayout::write`] writes all images, and [`CatalogLayout::push`] pushes them.

mod assemble;
mod layout;
mod push;
mod relocate;
mod rules;
mod settings;
mod switch;
mod unused;

use std::path::PathBuf;

use crate::bundle::Bundle;
use crate::catalog::MigrateError;
use crate::channel;
use crate::image::{self, Image, Repository, bundle_image};
use crate::registry;

pub use assemble::{Assembled, FILE, Form, From, NEAR_REQUEST_LIMIT, assemble, oversized};
pub use push::{Pushed, PushedImage, push_image};
pub use rules::{OVERSIZED, UNUSED};
pub use settings::{REPOSITORY_FILE, labels, repository};
pub use unused::unused;

/// Why a catalog could not be built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The image of a bundle could not be built.
    #[error("cannot build the image of {package} {version}")]
    Bundle {
        /// The bundle's package.
        package: String,
        /// The bundle's version.
        version: String,
        /// Why.
        source: image::Error,
    },
    /// The templates could not be rendered.
    #[error(transparent)]
    Channel(#[from] channel::Error),
    /// The metadata of a bundle could not be made of its objects.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// A folder could not be read.
    #[error("cannot read {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file that names the repository could not be read.
    #[error("cannot read {}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file that names the repository is not as it should be.
    #[error("{}: {why}", path.display())]
    BadSettings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The layout could not be read or written.
    #[error(transparent)]
    Image(#[from] image::Error),
    /// Two bundles would have the same tag.
    #[error("two bundles would have the tag {tag}: each version needs its own tag, and `+` becomes `_` in tags")]
    SameTag {
        /// The tag.
        tag: String,
    },
    /// A bundle whose package and version make no tag.
    #[error("{tag:?} is not a valid tag; use up to 128 letters, digits and `._-`")]
    Tag {
        /// What would be the tag.
        tag: String,
    },
    /// A layout of another tool.
    #[error("{} was not written by `catalog build` and is not overwritten: {why}; name another folder", path.display())]
    OtherLayout {
        /// The layout's folder.
        path: PathBuf,
        /// What shows that.
        why: String,
    },
    /// The files of the catalog's folder could not be changed; they are as they were.
    #[error(transparent)]
    Change(#[from] crate::changes::Error),
    /// The files of the catalog's folder could not be written beside it; they are as they were.
    #[error("cannot write to {}", path.display())]
    Stage {
        /// The folder that they are written to first.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nobody said where the images are to be.
    #[error(
        "no repository is set for the images: write `repository: REGISTRY/NAME` into {}, or pass --repository",
        path.display()
    )]
    NoRepository {
        /// The file that names it.
        path: PathBuf,
    },
    /// A layout that was not written by this program.
    #[error("{} contains no catalog: {why}; build it again", path.display())]
    NoCatalog {
        /// The layout's folder.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A catalog's image whose last layer is not the catalog's files.
    #[error("cannot change the references in the catalog image: {why}; build it again")]
    Configs {
        /// What is wrong with it.
        why: String,
    },
    /// A target that names an image instead of a place for one.
    #[error("{target} names an image by digest; name the tag for the catalog instead")]
    Target {
        /// The target.
        target: String,
    },
    /// Bundles that are not where the catalog's references would lead.
    #[error(
        "the catalog would name {repository}, which lacks {}; push them there first, or run it without --repository",
        missing.join(" and ")
    )]
    Dangling {
        /// The repository that references would name.
        repository: Repository,
        /// The bundles that are not there: tag and digest.
        missing: Vec<String>,
    },
    /// The registry cannot be used.
    #[error(transparent)]
    Registry(#[from] registry::Error),
}

/// The image of one version of a package.
#[derive(Clone, Debug)]
pub struct BundleImage {
    /// The package.
    pub package: String,
    /// The version, as its ClusterServiceVersion says it.
    pub version: String,
    /// The image.
    pub image: Image,
}

/// A catalog's image, the images of its bundles, and the repository that the catalog's references to them name.
#[derive(Clone, Debug)]
pub struct CatalogLayout {
    /// The catalog's image.
    pub catalog: Image,
    /// The repository that the catalog's references to its bundles name.
    pub repository: Repository,
    /// The bundles' images. None where the catalog holds the bundles' objects itself.
    pub bundles: Vec<BundleImage>,
}

impl BundleImage {
    /// Builds the image of a bundle.
    ///
    /// # Errors
    /// A bundle whose annotations make no labels, and a package and version that make no tag.
    pub fn new(package: &str, version: &str, bundle: &Bundle) -> Result<Self, Error> {
        let (package, version) = (package.to_owned(), version.to_owned());
        let image = match bundle_image(bundle) {
            Ok(image) => Self { package, version, image },
            Err(source) => return Err(Error::Bundle { package, version, source }),
        };
        let tag = image.tag();
        let first = tag.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == b'_');
        let others = tag.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c));
        if first && others && tag.len() <= 128 { Ok(image) } else { Err(Error::Tag { tag }) }
    }

    /// Its tag in the repository: `<package>-v<version>`. Tags have no `+`, so build metadata follows a `_`.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("{}-v{}", self.package, self.version.replace('+', "_"))
    }

    /// The reference that a catalog pins it by.
    #[must_use]
    pub fn reference(&self, repository: &Repository) -> String {
        repository.pinned(self.image.digest()).to_string()
    }
}
