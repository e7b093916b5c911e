//! A bundle's folder to its files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Bundle, Error, MANIFESTS, METADATA};
use crate::files;

impl Bundle {
    /// Whether a folder looks like a bundle's: it has a manifests and a metadata folder.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        path.join(MANIFESTS).is_dir() && path.join(METADATA).is_dir()
    }

    /// Reads the manifests and metadata of a bundle's folder. Further folders in it are not part of the bundle.
    ///
    /// # Errors
    /// A folder without manifests or metadata, files that cannot be read, and links that lead out of the folder.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        for folder in [MANIFESTS, METADATA] {
            let within = path.join(folder);
            if !within.is_dir() {
                let missing = if folder == MANIFESTS { "manifests folder" } else { "metadata folder" };
                return Err(Error::Missing { path: path.to_owned(), missing });
            }
            let io = |source| Error::Io { path: within.clone(), source };
            for entry in fs::read_dir(&within).map_err(io)? {
                let file = entry.map_err(io)?.path();
                // OLM reads no folders within these.
                if file.is_dir() {
                    continue;
                }
                let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
                    return Err(Error::NotText { file: file.to_string_lossy().into_owned() });
                };
                let bytes = read_within(&file, path)?;
                files.insert(format!("{folder}/{name}"), bytes);
            }
        }
        Ok(Self { files })
    }
}

/// Reads a file that must be in a folder, links followed: what a bundle's image holds must not come from elsewhere.
fn read_within(file: &Path, folder: &Path) -> Result<Vec<u8>, Error> {
    let io = |source| Error::Io { path: file.to_owned(), source };
    if file.is_symlink() {
        let (real, folder) = (file.canonicalize().map_err(io)?, folder.canonicalize().map_err(io)?);
        if !real.starts_with(folder) {
            return Err(Error::Outside { path: file.to_owned() });
        }
    }
    files::read(file).map_err(io)
}
