//! Renders references (catalog files and folders, bundle folders and images) to one catalog, as `opm render` does.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::bundle::{self, Bundle, Contents};
use crate::catalog::{self, Catalog, MigrateError, MigrateLevel, property};
#[cfg(feature = "registry")]
use crate::registry::{self, Client, Pulled};

/// Any error of a source of bundles or image names.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How to render references.
pub struct Renderer<'r> {
    /// The migrations to run.
    pub level: MigrateLevel,
    /// The image references of bundle folders. Without it, their blobs have none, and contain the bundle's objects.
    pub image: Option<ImageTemplate>,
    /// Gets the blobs of an image by its reference, as [`pull`] does.
    pub pull: &'r dyn Fn(&str) -> Result<Catalog, Error>,
    /// Receives the contents of each bundle folder, with its reference, including what a catalog leaves out.
    pub tell: &'r dyn Fn(&str, &Contents),
}

/// Why a reference could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not an existing path, and not a valid image reference.
    #[error("{0} does not exist")]
    NoPath(String),
    /// No file or folder has that name, and it could not be pulled as an image either.
    #[error("no file or folder {reference} exists, so it was read as an image")]
    Neither {
        /// The reference.
        reference: String,
        /// The error of the pull.
        source: Box<Error>,
    },
    /// A catalog's files could not be read.
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    /// A bundle could not be read.
    #[error("cannot render the bundle {reference}")]
    Bundle {
        /// The folder or image.
        reference: String,
        /// The cause.
        source: Box<bundle::Error>,
    },
    /// An image could not be pulled.
    #[cfg(feature = "registry")]
    #[error(transparent)]
    Pull(Box<registry::Error>),
    /// A catalog image contains no valid catalog.
    #[error("cannot read the catalog of {reference}")]
    Image {
        /// The image.
        reference: String,
        /// The cause, with paths in the image.
        source: Box<catalog::Error>,
    },
    /// A bundle could not be migrated.
    #[error("cannot migrate {reference}")]
    Migrate {
        /// Its reference.
        reference: String,
        /// The cause.
        source: MigrateError,
    },
}

#[cfg(feature = "registry")]
impl From<registry::Error> for Error {
    fn from(error: registry::Error) -> Self {
        Self::Pull(Box::new(error))
    }
}

impl Renderer<'_> {
    /// Renders a reference: a catalog's file or folder, a bundle's folder (one that has `manifests` and `metadata`),
    /// or, if the path does not exist, an image.
    ///
    /// # Errors
    /// A reference that cannot be read, pulled or migrated.
    pub fn render(&self, reference: &str) -> Result<Catalog, Error> {
        let path = Path::new(reference);
        let bundle = |source| Error::Bundle { reference: reference.to_owned(), source: Box::new(source) };
        let rendered = match target(reference)? {
            Target::Bundle => {
                let contents = Bundle::read(path).and_then(|bundle| bundle.contents()).map_err(bundle)?;
                (self.tell)(reference, &contents);
                let image = self.image.as_ref().map(|template| template.fill(&contents)).unwrap_or_default();
                of_bundle(contents.render(&image).map_err(bundle)?)
            }
            Target::Path => Catalog::read(path)?,
            Target::Image => {
                let neither = |source| Error::Neither { reference: reference.to_owned(), source: Box::new(source) };
                (self.pull)(reference)
                    .map_err(|error| if names_registry(reference) { error } else { neither(error) })?
            }
        };
        self.finish(rendered, reference)
    }

    /// Normalizes and migrates a catalog, like every rendered one. `name` is its name in errors.
    ///
    /// # Errors
    /// A bundle that cannot be migrated.
    pub fn finish(&self, mut catalog: Catalog, name: &str) -> Result<Catalog, Error> {
        tidy(&mut catalog);
        catalog.migrate(self.level).map_err(|source| Error::Migrate { reference: name.to_owned(), source })?;
        Ok(catalog)
    }
}

/// What a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The folder of a bundle: one that has `manifests` and `metadata`.
    Bundle,
    /// Another existing file or folder.
    Path,
    /// An image: the path does not exist.
    Image,
}

/// The kind of a reference, depending on which files exist.
///
/// # Errors
/// A path that does not exist, and is not a valid image reference.
pub fn target(reference: &str) -> Result<Target, Error> {
    let path = Path::new(reference);
    match path {
        _ if Bundle::is_at(path) => Ok(Target::Bundle),
        _ if path.exists() => Ok(Target::Path),
        _ if is_path(reference) => Err(Error::NoPath(reference.to_owned())),
        _ => Ok(Target::Image),
    }
}

/// The blobs of a bundle's or a catalog's image. `tell` receives the contents of a bundle image, with its reference.
///
/// # Errors
/// A reference that is not valid, an image that cannot be pulled or is neither, and contents that cannot be read.
#[cfg(feature = "registry")]
pub fn pull(client: &Client, reference: &str, tell: &dyn Fn(&str, &Contents)) -> Result<Catalog, Error> {
    match client.pull(&registry::reference(reference)?)? {
        Pulled::Bundle(pulled) => {
            let bundle = |source| Error::Bundle { reference: reference.to_owned(), source: Box::new(source) };
            let contents = pulled.bundle.contents().map_err(bundle)?;
            tell(reference, &contents);
            Ok(of_bundle(contents.render(reference).map_err(bundle)?))
        }
        Pulled::Catalog(pulled) => {
            let folder = pulled.path();
            let image =
                |source| Error::Image { reference: reference.to_owned(), source: Box::new(within(source, &folder)) };
            let mut catalog = Catalog::read(&folder).map_err(image)?;
            catalog.seen_from(&folder, Path::new(reference));
            Ok(catalog)
        }
    }
}

/// An error with paths relative to a folder, for temporary folders.
#[cfg(feature = "registry")]
pub(crate) fn within(error: catalog::Error, folder: &Path) -> catalog::Error {
    let seen = |path: PathBuf| path.strip_prefix(folder).map(Path::to_owned).unwrap_or(path);
    match error {
        catalog::Error::Io { path, source } => catalog::Error::Io { path: seen(path), source },
        catalog::Error::Special { path } => catalog::Error::Special { path: seen(path) },
        catalog::Error::Outside { path } => catalog::Error::Outside { path: seen(path) },
        catalog::Error::Empty { .. } => catalog::Error::Empty { path: PathBuf::from("the image's catalog") },
        catalog::Error::Blob(mut bad) => {
            bad.place.file = seen(bad.place.file);
            catalog::Error::Blob(bad)
        }
    }
}

/// Whether a reference can only be a path's.
fn is_path(reference: &str) -> bool {
    let path = PathBuf::from(reference);
    path.is_absolute() || path.starts_with(".") || path.starts_with("..")
}

/// Whether a reference can only be an image's: it begins with the host of a registry.
fn names_registry(reference: &str) -> bool {
    reference.split_once('/').is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost")
}

fn of_bundle(bundle: catalog::Bundle) -> Catalog {
    Catalog { bundles: vec![bundle], ..Catalog::default() }
}

/// Sorts every bundle in opm's order: objects and metadata after all other properties, related images by reference.
fn tidy(catalog: &mut Catalog) {
    for bundle in &mut catalog.bundles {
        bundle
            .properties
            .sort_by_key(|property| matches!(property.kind.as_str(), property::BUNDLE_OBJECT | property::CSV_METADATA));
        bundle.related_images.sort_by(|a, b| a.image.cmp(&b.image));
    }
}

/// A template for the image references of bundle folders: text with `{{.Package}}`, `{{.Name}}` and `{{.Version}}`, as
/// in opm's `--alpha-image-ref-template`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageTemplate(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Package,
    Name,
    Version,
}

/// Text that is not a valid [`ImageTemplate`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// A `{{` without its `}}`.
    #[error("`{{{{` is not closed by `}}}}`")]
    Open,
    /// Something else between the braces.
    #[error("unknown placeholder `{{{{{0}}}}}`; use `{{{{.Package}}}}`, `{{{{.Name}}}}` or `{{{{.Version}}}}`")]
    Unknown(String),
}

impl ImageTemplate {
    fn fill(&self, bundle: &Contents) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Package => bundle.package.clone(),
            Part::Name => bundle.name().to_owned(),
            Part::Version => bundle.version().to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}

impl FromStr for ImageTemplate {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (action, after) = after.split_once("}}").ok_or(BadTemplate::Open)?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(match action.trim() {
                ".Package" => Part::Package,
                ".Name" => Part::Name,
                ".Version" => Part::Version,
                _ => return Err(BadTemplate::Unknown(action.to_owned())),
            });
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }
}

impl fmt::Debug for Renderer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer").field("level", &self.level).field("image", &self.image).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_templates_say_what_they_do_not_know() {
        assert_eq!("a:{{ .Version }}".parse::<ImageTemplate>().map(|t| t.0.len()), Ok(3));
        for (text, message) in [
            ("a:{{.Version", "`{{` is not closed by `}}`"),
            ("a:{{.Tag}}", "unknown placeholder `{{.Tag}}`; use `{{.Package}}`, `{{.Name}}` or `{{.Version}}`"),
        ] {
            assert_eq!(text.parse::<ImageTemplate>().expect_err(text).to_string(), message);
        }
    }
}
