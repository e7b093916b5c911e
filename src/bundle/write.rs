//! Writes a bundle's files to its folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::{Bundle, MANIFESTS, METADATA};
use crate::changes::{Change, Error};
use crate::files;

impl Bundle {
    /// How the manifests and metadata in a bundle's folder differ from this bundle, sorted by file. The folder need not
    /// exist. Other files and folders in it are ignored. `root` is the folder that the user named: nothing on the way
    /// from there may be a link.
    ///
    /// # Errors
    /// Files that cannot be read, and a link in place of a folder, because it would lead elsewhere.
    pub fn changes(&self, root: &Path, path: &Path) -> Result<Vec<Change>, Error> {
        files::check(root, path)?;
        let mut names: BTreeSet<String> = self.files.keys().cloned().collect();
        for folder in [MANIFESTS, METADATA] {
            let within = path.join(folder);
            let io = |source| Error::Read { path: within.clone(), source };
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
        let changes =
            names.into_iter().map(|name| Change::find(root, path.join(&name), self.files.get(&name).cloned()));
        changes.filter_map(Result::transpose).collect()
    }
}
