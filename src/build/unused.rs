//! Finds bundles that are in the repository, but not in its catalog.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Assembled, Error, UNUSED};
use crate::bundle::Bundle;
use crate::diagnostic::{Finding, Place};

/// Warns about every bundle `<package>/<version>` in a folder that no template names: nobody can install it. Sorted by
/// folder. `template` is the file of a package's template.
///
/// # Errors
/// A folder that cannot be read. A missing folder has no bundles.
pub fn unused(
    bundles: &Path,
    assembled: &Assembled,
    template: impl Fn(&str) -> PathBuf,
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for package in folders(bundles)? {
        let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let template = template(&name);
        for folder in folders(&package)?.into_iter().filter(|folder| Bundle::is_at(folder)) {
            let real = folder.canonicalize().map_err(|source| Error::Folder { path: folder.clone(), source })?;
            if !assembled.local.contains(&real) {
                findings.push(finding(&folder, &template));
            }
        }
    }
    Ok(findings)
}

fn finding(folder: &Path, template: &Path) -> Finding {
    let message = format!("{} is in no channel, so the catalog omits it", folder.display());
    if template.is_file() {
        let help = "name it there, or remove it";
        return Finding::warning(UNUSED.id, Place::file(template), message).help(help);
    }
    let help = format!("write {}: a template, olm.semver or olm.template.basic, that names it", template.display());
    Finding::warning(UNUSED.id, Place::file(folder), message).help(help)
}

/// The folders in a folder, sorted.
fn folders(folder: &Path) -> Result<BTreeSet<PathBuf>, Error> {
    let failed = |source| Error::Folder { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(failed)?,
    };
    let paths = entries.map(|entry| Ok(entry.map_err(failed)?.path()));
    paths.filter(|path| path.as_ref().is_ok_and(|path| path.is_dir()) || path.is_err()).collect()
}
