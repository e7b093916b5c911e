//! A bundle's folder to its files.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Bundle, Error, MANIFESTS, METADATA};
use crate::files;
use crate::limits::{BUNDLE_BYTES, BUNDLE_FILES};

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
        let (mut found, mut size) = (BTreeMap::new(), 0);
        for folder in [MANIFESTS, METADATA] {
            let within = path.join(folder);
            if !within.is_dir() {
                let missing = if folder == MANIFESTS { "manifests folder" } else { "metadata folder" };
                return Err(Error::Missing { path: path.to_owned(), missing });
            }
            // The folder too may be a link.
            inside(&within, path)?;
            let io = |source| Error::Io { path: within.clone(), source };
            for file in files::list(&within, &BUNDLE_FILES).map_err(io)? {
                // OLM reads no folders within these.
                if file.is_dir() {
                    continue;
                }
                let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
                    return Err(Error::NotText { file: file.to_string_lossy().into_owned() });
                };
                inside(&file, path)?;
                let bytes =
                    files::read(&file, &BUNDLE_BYTES).map_err(|source| Error::Io { path: file.clone(), source })?;
                size += bytes.len() as u64;
                if size > BUNDLE_BYTES.get() {
                    return Err(Error::Io { path: path.to_owned(), source: BUNDLE_BYTES.exceeded().into() });
                }
                found.insert(format!("{folder}/{name}"), bytes);
            }
        }
        Ok(Self { files: found })
    }
}

/// What a bundle's image holds must not come from elsewhere, links followed.
fn inside(file: &Path, folder: &Path) -> Result<(), Error> {
    let io = |source| Error::Io { path: file.to_owned(), source };
    let data = file.symlink_metadata().map_err(io)?;
    if data.is_symlink() {
        let (real, folder) = (file.canonicalize().map_err(io)?, folder.canonicalize().map_err(io)?);
        if !real.starts_with(folder) {
            return Err(Error::Outside { path: file.to_owned() });
        }
    }
    Ok(())
}
