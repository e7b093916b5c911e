//! A bundle's files to its folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Bundle, Error, MANIFESTS, METADATA};

/// A file that differs from what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub file: PathBuf,
    /// What is there; none where there is no such file.
    pub old: Option<Vec<u8>>,
    /// What should be there; none where there should be no such file.
    pub new: Option<Vec<u8>>,
}

impl Bundle {
    /// How the manifests and metadata in a bundle's folder differ from this bundle, sorted by file. The folder need
    /// not be there. Other files and folders in it are not looked at.
    ///
    /// # Errors
    /// Files that cannot be read, and a link in place of a folder, which would lead elsewhere.
    pub fn changes(&self, path: &Path) -> Result<Vec<Change>, Error> {
        let mut names: BTreeSet<String> = self.files.keys().cloned().collect();
        for folder in [MANIFESTS, METADATA] {
            let within = path.join(folder);
            let io = |source| Error::Io { path: within.clone(), source };
            match fs::symlink_metadata(&within) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(io(error)),
                Ok(found) if !found.is_dir() => return Err(io(io::ErrorKind::NotADirectory.into())),
                Ok(_) => {}
            }
            for entry in fs::read_dir(&within).map_err(io)? {
                let entry = entry.map_err(io)?;
                if let (false, Some(name)) = (entry.file_type().map_err(io)?.is_dir(), entry.file_name().to_str()) {
                    names.insert(format!("{folder}/{name}"));
                }
            }
        }
        let mut changes = Vec::new();
        for name in names {
            let file = path.join(&name);
            let old = match fs::read(&file) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(source) => return Err(Error::Io { path: file, source }),
            };
            let new = self.files.get(&name).cloned();
            if old != new {
                changes.push(Change { file, old, new });
            }
        }
        Ok(changes)
    }
}

impl Change {
    /// Makes the change: the file is written beside its place and renamed, or removed.
    ///
    /// # Errors
    /// A file that cannot be written or removed.
    pub fn make(&self) -> Result<(), Error> {
        let done = match &self.new {
            Some(bytes) => replace(&self.file, bytes),
            None => fs::remove_file(&self.file),
        };
        done.map_err(|source| Error::Io { path: self.file.clone(), source })
    }
}

fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut beside = builder.prefix(".").tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.persist(file)?;
    Ok(())
}
