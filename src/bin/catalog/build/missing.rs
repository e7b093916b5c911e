//! The folder of templates does not exist: which other command builds what is there.

use std::path::{Path, PathBuf};

use anyhow::bail;
use olm_catalog::build::CI_FILE;
use olm_catalog::bundle::Bundle;
use olm_catalog::files;
use olm_catalog::limits::FOLDER_FILES;
use olm_catalog::validate::select::CONFIG_FILE;

/// Folders that hold a catalog in many repositories.
const CATALOGS: [&str; 3] = ["catalog", "configs", "fbc"];

/// Fails with a remedy if the folder of templates does not exist.
pub(super) fn check(channels: &Path) -> anyhow::Result<()> {
    if channels.symlink_metadata().is_ok() {
        return Ok(());
    }
    let mut help = found();
    help.push("`catalog init` starts a repository".to_owned());
    help.push(format!("--channels, or `channels` in [layout] of {CONFIG_FILE}, names another folder"));
    bail!("cannot read {}: there is no such folder of templates\nhelp: {}", channels.display(), help.join("\nhelp: "));
}

/// The commands for what is in the current folder.
fn found() -> Vec<String> {
    let build = |folder: &Path, what: &str| format!("`catalog build {}` builds {what}", folder.display());
    let mut help = Vec::new();
    for folder in CATALOGS.map(Path::new).into_iter().filter(|folder| folder.is_dir()) {
        help.push(build(folder, "the catalog in it as it is"));
    }
    if let Some(first) = folders("catalogs").first() {
        help.push(build(first, "one of the catalogs in catalogs as it is"));
    }
    if Bundle::is_at(Path::new("bundle")) {
        help.push(build(Path::new("bundle"), "a catalog of the bundle in it"));
    }
    if let Some(operator) = folders("operators").iter().find(|folder| folder.join(CI_FILE).is_file()) {
        help.push(build(operator, &format!("the catalogs that its {CI_FILE} names")));
    }
    help
}

/// The folders in a folder, sorted. None if it cannot be read.
fn folders(folder: &str) -> Vec<PathBuf> {
    let mut folders = files::list(Path::new(folder), &FOLDER_FILES).unwrap_or_default();
    folders.retain(|path| path.is_dir());
    folders
}
