//! Reads the files of a bundle's folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Bundle, Error, MANIFESTS, METADATA};
use crate::files;
use crate::limits::{BUNDLE_BYTES, BUNDLE_FILES};

/// The problems of a bundle's folder.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Which of the folders `manifests` and `metadata` are missing.
    pub missing: Vec<&'static str>,
    /// Folders in these, relative to the bundle's folder. opm and OLM read nothing in them.
    pub folders: Vec<PathBuf>,
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
    /// A folder without manifests or metadata, files that cannot be read, and links that lead out of the folder.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (bundle, layout) = Self::read_parts(path)?;
        match layout.missing.first() {
            None => Ok(bundle),
            Some(folder) => {
                let missing = if *folder == MANIFESTS { "manifests folder" } else { "metadata folder" };
                Err(Error::Missing { path: path.to_owned(), missing })
            }
        }
    }

    /// Reads the parts of a bundle's folder that exist, and reports what is missing or ignored.
    pub(crate) fn read_parts(path: &Path) -> Result<(Self, Layout), Error> {
        let (mut found, mut size, mut layout) = (BTreeMap::new(), 0, Layout::default());
        for folder in [MANIFESTS, METADATA] {
            let within = path.join(folder);
            if !within.is_dir() {
                layout.missing.push(folder);
                continue;
            }
            // The folder too may be a link.
            inside(&within, path)?;
            let io = |source| Error::Io { path: within.clone(), source };
            for file in files::list(&within, &BUNDLE_FILES).map_err(io)? {
                // OLM does not read folders within these.
                if file.is_dir() {
                    layout.folders.extend(file.strip_prefix(path).map(Path::to_owned));
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
        Ok((Self { files: found }, layout))
    }
}

/// With links followed, the contents of a bundle's image must not come from elsewhere.
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
