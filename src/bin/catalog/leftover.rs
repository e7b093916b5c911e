//! Bundles of releases that an `operator.yaml` does not have any more.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use olm_catalog::bundle::{Bundle, MANIFESTS, METADATA};
use olm_catalog::changes::Change;
use olm_catalog::generate::BUILDER;
use semver::Version;

/// The annotation that says which program made a bundle.
const MARK: &str = "operators.operatorframework.io.metrics.builder";

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
        if entry.file_type().with_context(unread)?.is_dir() && is_ours(&folder) {
            found.push(folder);
        }
    }
    found.sort();
    Ok(found)
}

fn is_ours(folder: &Path) -> bool {
    let file = folder.join(METADATA).join("annotations.yaml");
    let text = fs::read_to_string(file).unwrap_or_default();
    olm_catalog::yaml::read_one(&text).is_ok_and(|value| value["annotations"][MARK] == BUILDER)
}

/// Removes the manifests and metadata of a bundle, and the folder where nothing else is in it.
pub(crate) fn remove(folder: &Path) -> anyhow::Result<()> {
    for part in [MANIFESTS, METADATA] {
        let path = folder.join(part);
        if path.symlink_metadata().is_ok_and(|data| !data.is_dir()) {
            bail!("{} is a link or a file, so nothing is removed", path.display());
        }
    }
    let found = Bundle::read(folder)?.files.into_keys();
    let changes = found.map(|file| Change::find(folder, folder.join(file), None)).collect::<Result<Vec<_>, _>>()?;
    for change in changes.into_iter().flatten() {
        change.make()?;
    }
    for path in [folder.join(MANIFESTS), folder.join(METADATA), folder.to_owned()] {
        // What is left in it was not made by this program, and stays.
        let _ = fs::remove_dir(path);
    }
    Ok(())
}
