//! A bundle's folder to its files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Bundle, MANIFESTS, METADATA};

/// Why a bundle could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder is no bundle.
    #[error("{} is no bundle: it has no {missing}", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
        /// What every bundle has.
        missing: &'static str,
    },
}

impl Bundle {
    /// Whether a folder looks like a bundle's: it has a manifests and a metadata folder.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        path.join(MANIFESTS).is_dir() && path.join(METADATA).is_dir()
    }

    /// Reads the manifests and metadata of a bundle's folder. Further folders in it are not part of the bundle.
    ///
    /// # Errors
    /// A folder without manifests or metadata, and files that cannot be read.
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
                if let (true, Some(name)) = (file.is_file(), file.file_name().and_then(|name| name.to_str())) {
                    let bytes = fs::read(&file).map_err(|source| Error::Io { path: file.clone(), source })?;
                    files.insert(format!("{folder}/{name}"), bytes);
                }
            }
        }
        Ok(Self { files })
    }
}
