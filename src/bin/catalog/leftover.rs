//! Bundles of releases that an `operator.yaml` does not have any more.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use olm_catalog::bundle::{Bundle, MANIFESTS, METADATA};
use olm_catalog::changes::Change;
use olm_catalog::files;
use olm_catalog::generate::is_generated;
use semver::Version;

/// The folders of a package that hold a bundle which this program made, of none of the releases.
pub(crate) fn find(package: &Path, releases: &[Version]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let unread = || format!("cannot read {}", package.display());
    for entry in fs::read_dir(package).with_context(unread)? {
        let entry = entry.with_context(unread)?;
        let version = entry.file_name().to_str().and_then(|name| Version::parse(name).ok());
        let Some(version) = version.filter(|version| !releases.contains(version)) else { continue };
        let folder = package.join(version.to_string());
        // A link is not followed: what it leads to is someone else's.
        if entry.file_type().with_context(unread)?.is_dir() && is_generated(&folder) {
            found.push(folder);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a bundle can be removed: nothing of it may be a link. To be asked before anything is written.
pub(crate) fn check(root: &Path, folder: &Path) -> anyhow::Result<()> {
    for part in [MANIFESTS, METADATA] {
        files::check(root, &folder.join(part))?;
    }
    for file in Bundle::read(folder)?.files.into_keys() {
        files::check(root, &folder.join(file))?;
    }
    Ok(())
}

/// Removes the manifests and metadata of a bundle, and the folder where nothing else is in it.
pub(crate) fn remove(root: &Path, folder: &Path) -> anyhow::Result<()> {
    check(root, folder)?;
    for (file, bytes) in Bundle::read(folder)?.files {
        Change { root: root.to_owned(), file: folder.join(file), old: Some(bytes), new: None }.make()?;
    }
    for path in [folder.join(MANIFESTS), folder.join(METADATA), folder.to_owned()] {
        // What is left in it was not made by this program, and stays.
        let _ = fs::remove_dir(path);
    }
    Ok(())
}
