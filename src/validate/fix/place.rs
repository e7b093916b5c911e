//! Which files may be corrected: those that are written by hand.

use std::path::{Path, PathBuf};

use crate::bundle::{MANIFESTS, METADATA};
use crate::validate::select::Folders;
use crate::{catalog, generate, operator, root};

/// Why a file is not corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is made from another file, which is to be corrected in its stead.
    Generated {
        /// The file that it is made from.
        from: PathBuf,
        /// The verb that makes it.
        verb: &'static str,
    },
    /// It is not a file here: a part of an image.
    NoFile,
}

/// Whether a file may be corrected.
///
/// # Errors
/// Why it may not.
pub fn may_change(file: &Path) -> Result<(), Kept> {
    if !file.symlink_metadata().is_ok_and(|data| !data.is_dir()) {
        return Err(Kept::NoFile);
    }
    match of_operator(file).or_else(|| of_template(file)) {
        Some((from, verb)) => Err(Kept::Generated { from, verb }),
        None => Ok(()),
    }
}

/// The `operator.yaml` that a bundle's file is made from.
fn of_operator(file: &Path) -> Option<(PathBuf, &'static str)> {
    let part = file.parent()?;
    let bundle = part.parent().filter(|_| part.ends_with(MANIFESTS) || part.ends_with(METADATA))?;
    let from = bundle.parent()?.join(operator::FILE);
    (generate::is_generated(bundle) && from.exists()).then_some((from, "generate"))
}

/// The template that `catalog/<package>/catalog.yaml` is made from.
fn of_template(file: &Path) -> Option<(PathBuf, &'static str)> {
    let package = file.parent().filter(|_| file.ends_with(catalog::FILE))?;
    let beside = package.parent()?.parent()?;
    let name = package.file_name()?.to_str()?;
    let folders = root::folders().cloned().unwrap_or_default();
    let channels = match file.starts_with(root::path(&folders.catalog)) {
        true => root::path(&folders.channels),
        false => beside.join(Folders::default().channels),
    };
    let template = |extension: &str| channels.join(format!("{name}.{extension}"));
    let from = ["yaml", "yml", "json"].into_iter().map(template).find(|from| from.exists())?;
    Some((from, "build"))
}
