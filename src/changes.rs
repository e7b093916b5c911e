//! Generated files: how they differ from what they should be, and how they are updated.

use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::files::{self, Refused};
use crate::limits::FILE_BYTES;
use crate::terminal::{Text, escape};
use crate::text;

/// A file that differs from what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The folder that the user named. Nothing outside of it is written or removed.
    pub root: PathBuf,
    /// The file.
    pub file: PathBuf,
    /// The current contents; `None` if the file does not exist.
    pub old: Option<Vec<u8>>,
    /// The desired contents; `None` if the file should not exist.
    pub new: Option<Vec<u8>>,
}

/// Why a file could not be compared or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file must not be written at its place.
    #[error(transparent)]
    Place(#[from] Refused),
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file could not be written or removed. It is unchanged.
    #[error("cannot write {}", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl Change {
    /// How a file below a folder differs from what it should be. `new` is `None` if it should not exist.
    ///
    /// # Errors
    /// A file that cannot be read, and a file that is reached through a link.
    pub fn find(root: &Path, file: impl Into<PathBuf>, new: Option<Vec<u8>>) -> Result<Option<Self>, Error> {
        let file = file.into();
        files::check(root, &file)?;
        let old = match files::read(&file, &FILE_BYTES) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::Read { path: file, source }),
        };
        Ok((old != new).then(|| Self { root: root.to_owned(), file, old, new }))
    }

    /// A new file below a folder.
    #[must_use]
    pub fn new_file(root: &Path, file: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        Self { root: root.to_owned(), file: file.into(), old: None, new: Some(bytes) }
    }

    /// Makes the change: the file is written next to its place, synced and renamed, or removed.
    ///
    /// # Errors
    /// A file that cannot be written or removed, and a file that is reached through a link.
    pub fn make(&self) -> Result<(), Error> {
        files::check(&self.root, &self.file)?;
        let done = match &self.new {
            Some(bytes) => files::replace(&self.file, bytes),
            None => files::remove(&self.file),
        };
        done.map_err(|source| Error::Write { path: self.file.clone(), source })
    }

    /// The change as a unified diff, with hidden characters made visible: it is for people, not for `patch`.
    #[must_use]
    pub fn diff(&self) -> Text {
        let name = escape(&self.file.display().to_string());
        let text = |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
        let header = |bytes: &Option<Vec<u8>>| if bytes.is_some() { name.clone() } else { "/dev/null".to_owned() };
        let (old, new) = (text(&self.old), text(&self.new));
        let diff = TextDiff::from_lines(&old, &new);
        let diff = diff.unified_diff().header(&header(&self.old), &header(&self.new)).to_string();
        diff.split_inclusive('\n').map(|line| text!("{}\n", line.trim_end_matches('\n'))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_made_and_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b.txt");
        let find = |file: &Path, new: Option<&[u8]>| Change::find(folder.path(), file, new.map(<[u8]>::to_vec));
        let change =
            Change::find(folder.path(), &file, Some(b"x\n".to_vec())).unwrap().expect("the file does not exist");
        assert_eq!(change.diff().as_str(), format!("--- /dev/null\n+++ {}\n@@ -0,0 +1 @@\n+x\n", file.display()));
        change.make().unwrap();
        assert_eq!(find(&file, Some(b"x\n")).unwrap(), None);
        find(&file, None).unwrap().expect("the file exists").make().unwrap();
        assert!(!file.exists());
        assert!(find(folder.path(), None).is_err());
    }
}
