//! The checksums of the files of a release, as `sha256sum` writes and checks them.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use olm_catalog::image::Digest;

/// The file of the checksums.
pub(crate) const FILE: &str = "SHA256SUMS";

/// The SHA-256 of a file, in hex.
pub(crate) fn of_file(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Digest::of(&bytes).hex().to_owned())
}

/// The names of the files of a folder, sorted.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().into_string().ok().context("a file has a name that is not UTF-8")?);
        }
    }
    names.sort();
    Ok(names)
}

/// The checksums of all files of a folder but their own.
pub(crate) fn of_folder(folder: &Path) -> anyhow::Result<String> {
    let names = files(folder)?.into_iter().filter(|name| name != FILE);
    names.map(|name| Ok(format!("{}  {name}\n", of_file(&folder.join(&name))?))).collect()
}
