//! `catalog build`: turns bundles and a rendered catalog into one OCI layout, with the image of every bundle and the
//! catalog's image, which pins them by digest.
//!
//! Bundle images live in the same repository as the catalog's image, so a user needs only one repository. The catalog's
//! `image:` fields have the form `<repository>@sha256:…`, and each bundle has the tag `<package>-v<version>`, which
//! protects it from a registry's garbage collection. If the catalog is pushed elsewhere, [`CatalogLayout::relocated`]
//! changes its references to that place; the bundles' digests stay.
//!
//! 1. [`repository`] reads the repository of the images, unless one is given.
//! 2. [`assemble`] renders the templates of all channels and builds the image of each bundle, whose digest the catalog
//!    pins before anything is pushed.
//! 3. [`catalog_image`](crate::image::catalog_image) puts the program and the catalog's files into an image.
//! 4. [`CatalogLayout::write`] writes all images, and [`CatalogLayout::push`] pushes them.
//!
//! Without templates, [`existing`] reads a catalog whose files go into the image as they are, and [`single`] makes the
//! catalog of one bundle. [`mappings`] reads which catalogs an operator's templates make in a repository with the layout
//! of community-operators.

mod assemble;
mod existing;
mod layout;
mod pipeline;
mod push;
mod relocate;
mod rules;
mod settings;
mod single;
mod switch;
mod unused;

use std::path::PathBuf;

use crate::bundle::Bundle;
use crate::catalog::MigrateError;
use crate::channel;
use crate::image::{self, Image, PlatformImage, Repository, bundle_image};
use crate::registry;

pub use crate::catalog::FILE;
pub use assemble::{Assembled, Form, From, NEAR_REQUEST_LIMIT, assemble, oversized};
pub use existing::{Existing, LeftOut, existing};
pub use pipeline::{CI_FILE, Mapping, mappings};
pub use push::{Pushed, PushedImage, push_image};
pub use rules::{OVERSIZED, UNUSED};
pub use settings::{File as RepositoryFile, REPOSITORY_FILE, labels, repository};
pub use single::single;
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
        /// The cause.
        source: Box<image::Error>,
    },
    /// The templates could not be rendered.
    #[error(transparent)]
    Channel(#[from] channel::Error),
    /// The metadata of a bundle could not be derived from its objects.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// A folder could not be read.
    #[error("cannot read {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file that names the repository could not be read.
    #[error("cannot read {}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file that names the repository is not valid.
    #[error("{}: {why}", path.display())]
    BadSettings {
        /// The file.
        path: PathBuf,
        /// The problem.
        why: String,
    },
    /// A bundle could not be read.
    #[error("cannot read the bundle {}", path.display())]
    Read {
        /// Its folder.
        path: PathBuf,
        /// The cause.
        source: Box<crate::bundle::Error>,
    },
    /// A bundle whose annotations do not name its channels.
    #[error(
        "{}: the annotations name no channel, so nobody could install the bundle; add \
         `operators.operatorframework.io.bundle.channels.v1: stable` to metadata/annotations.yaml",
        path.display()
    )]
    NoChannel {
        /// The bundle's folder.
        path: PathBuf,
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
    /// A bundle whose package and version do not make a valid tag.
    #[error("{tag:?} is not a valid tag; use up to 128 letters, digits and `._-`")]
    Tag {
        /// The invalid tag.
        tag: String,
    },
    /// A layout of another tool.
    #[error("{} contains images of another tool and is not overwritten: {why}; name another folder", path.display())]
    OtherLayout {
        /// The layout's folder.
        path: PathBuf,
        /// The evidence for that.
        why: String,
    },
    /// The files of the catalog folder could not be changed. They are unchanged.
    #[error(transparent)]
    Change(#[from] crate::changes::Error),
    /// The files of the catalog folder could not be staged next to it. They are unchanged.
    #[error("cannot write to {}", path.display())]
    Stage {
        /// The staging folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// No repository is set for the images.
    #[error(
        "no repository is set for the images: write `repository: REGISTRY/NAME` into {}, or pass --repository",
        path.display()
    )]
    NoRepository {
        /// The file that should name it.
        path: PathBuf,
    },
    /// A layout that was not written by this program.
    #[error("{} contains no catalog: {why}; build it again", path.display())]
    NoCatalog {
        /// The layout's folder.
        path: PathBuf,
        /// The missing part.
        why: String,
    },
    /// A catalog image whose last layer does not consist of the catalog's files.
    #[error("cannot change the references in the catalog image: {why}; build it again")]
    Configs {
        /// The problem.
        why: String,
    },
    /// A target that names an image by digest instead of by tag.
    #[error("{target} names an image by digest; name the tag for the catalog instead")]
    Target {
        /// The target.
        target: String,
    },
    /// Bundles that do not exist where the catalog's references would point.
    #[error(
        "the catalog would name {repository}, which lacks {}; push them there first, or run it without --repository",
        missing.join(" and ")
    )]
    Dangling {
        /// The repository in the references.
        repository: Repository,
        /// The missing bundles: tag and digest.
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
    /// The version, as in its ClusterServiceVersion.
    pub version: String,
    /// The image.
    pub image: Image,
}

/// A catalog's image, the images of its bundles, and the repository that the catalog's references to them name.
#[derive(Clone, Debug)]
pub struct CatalogLayout {
    /// The catalog's image, for one or several platforms.
    pub catalog: PlatformImage,
    /// The repository that the catalog's references to its bundles name.
    pub repository: Repository,
    /// The bundles' images. Empty if the catalog itself contains the bundles' objects.
    pub bundles: Vec<BundleImage>,
}

impl BundleImage {
    /// Builds the image of a bundle.
    ///
    /// # Errors
    /// A bundle whose annotations do not make labels, or whose package and version do not make a valid tag.
    pub fn new(package: &str, version: &str, bundle: &Bundle) -> Result<Self, Error> {
        let (package, version) = (package.to_owned(), version.to_owned());
        let image = match bundle_image(bundle) {
            Ok(image) => Self { package, version, image },
            Err(source) => return Err(Error::Bundle { package, version, source: Box::new(source) }),
        };
        let tag = image.tag();
        let first = tag.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == b'_');
        let others = tag.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c));
        if first && others && tag.len() <= 128 { Ok(image) } else { Err(Error::Tag { tag }) }
    }

    /// Its tag in the repository: `<package>-v<version>`. Tags cannot contain `+`, so `_` comes before build metadata.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("{}-v{}", self.package, self.version.replace('+', "_"))
    }

    /// The reference by which a catalog pins it.
    #[must_use]
    pub fn reference(&self, repository: &Repository) -> String {
        repository.pinned(self.image.digest()).to_string()
    }
}
