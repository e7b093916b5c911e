//! Bundles of a template that are folders in the repository.

use std::path::{Component, Path, PathBuf};

use crate::bundle::{self, Bundle, Contents};

/// A bundle that a template names by its path.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalBundle {
    /// The folder, relative to the root of the repository.
    pub path: PathBuf,
    /// Its files.
    pub bundle: Bundle,
    /// Their parsed contents.
    pub contents: Contents,
    /// The reference of the image that it becomes, or empty if it does not become an image.
    pub image: String,
}

/// A path that a template must not name.
#[derive(Debug, thiserror::Error)]
pub enum BadPath {
    /// The folder does not exist.
    #[error("the folder {} does not exist; `catalog generate` writes the bundles of an operator.yaml", path.display())]
    Missing {
        /// The path that was looked up.
        path: PathBuf,
    },
    /// It is outside the repository.
    #[error("{} is outside the repository", path.display())]
    Outside {
        /// The path that was looked up.
        path: PathBuf,
    },
    /// The folder is not a bundle.
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
}

/// Whether a template's image is a path: it begins with `./` or `../`, which no image reference does.
#[must_use]
pub fn is_local(reference: &str) -> bool {
    reference.starts_with("./") || reference.starts_with("../")
}

/// The folder in the repository that was probably meant, if the bundle of a template is not available.
pub(super) fn meant(reference: &str, template: &Path) -> Option<String> {
    if Path::new(reference).is_absolute() {
        return Some("begin the path of a local bundle with ./ or ../, relative to this file".to_owned());
    }
    let folder = folder_of(template);
    if is_local(reference) || reference.split('/').any(|part| part == "..") {
        return None;
    }
    let up = "../".repeat(folder.components().filter(|part| matches!(part, Component::Normal(_))).count());
    let named = |path: String| format!("a folder of that name exists; to use the bundle in it, write {path}");
    if folder.join(reference).is_dir() {
        return Some(named(format!("./{reference}")));
    }
    (folder.is_relative() && Path::new(reference).is_dir()).then(|| named(format!("{up}{reference}")))
}

/// The default root of the repository that a template is in: that of the current folder, or the template's own folder if
/// that is elsewhere.
#[must_use]
pub fn root_of(template: &Path) -> PathBuf {
    let here = crate::root::current();
    let folder = folder_of(template);
    let within = match (folder.canonicalize(), here.canonicalize()) {
        (Ok(folder), Ok(here)) => folder.starts_with(here),
        _ => true,
    };
    if within { here.to_owned() } else { folder.to_owned() }
}

fn folder_of(template: &Path) -> &Path {
    template.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads the bundle at a path relative to the template's file. It must be within `root`, with links followed. Also
/// returns its folder, relative to `root`.
pub(super) fn read(reference: &str, template: &Path, root: &Path) -> Result<(PathBuf, Bundle), BadPath> {
    let path = folder_of(template).join(reference.strip_prefix("./").unwrap_or(reference));
    let missing = || BadPath::Missing { path: path.clone() };
    let real = path.canonicalize().map_err(|_| missing())?;
    let root = root.canonicalize().map_err(|_| BadPath::Missing { path: root.to_owned() })?;
    let within = real.strip_prefix(root).map_err(|_| BadPath::Outside { path: path.clone() })?;
    Ok((within.to_owned(), Bundle::read(&path)?))
}
