//! Files that are generated: how they differ from what they should be, and how they become it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use similar::TextDiff;
use tempfile::NamedTempFile;

use crate::files;
use crate::temporary::Noted;
use crate::terminal::{Text, escape};
use crate::text;

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

/// Why a file could not be compared or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A link is on the way.
    #[error("{} is a link, and nothing is written or removed through links; replace it by what it leads to", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// A file could not be written or removed; it is as it was.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Change {
    /// How a file below a folder differs from what it should be; `new` is none where it should not be there.
    ///
    /// # Errors
    /// A file that cannot be read; a link on the way to it that would have to be followed to write or remove it.
    pub fn find(folder: &Path, file: impl Into<PathBuf>, new: Option<Vec<u8>>) -> Result<Option<Self>, Error> {
        let file = file.into();
        if let Some(path) = files::link_below(folder, &file) {
            return Err(Error::Link { path });
        }
        let old = match files::read(&file) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::Read { path: file, source }),
        };
        Ok((old != new).then_some(Self { file, old, new }))
    }

    /// Makes the change: the file is written beside its place and renamed, or removed.
    ///
    /// # Errors
    /// A file that cannot be written or removed.
    pub fn make(&self) -> Result<(), Error> {
        make_all(std::slice::from_ref(self))
    }

    fn stage(&self) -> Result<Staged, Error> {
        let beside = self.new.as_ref().map(|bytes| beside(&self.file, bytes)).transpose();
        let beside = beside.map_err(|source| Error::Write { path: self.file.clone(), source })?;
        Ok(Staged { file: self.file.clone(), beside })
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

/// A change that is ready: what takes long and may fail is done.
struct Staged {
    file: PathBuf,
    /// The new file under another name.
    beside: Option<(NamedTempFile, Noted)>,
}

impl Staged {
    fn switch(self) -> io::Result<()> {
        match self.beside {
            Some((beside, _noted)) => {
                beside.persist(&self.file)?;
                files::sync_folder(folder_of(&self.file))
            }
            None => fs::remove_file(&self.file),
        }
    }
}

/// Makes changes together: all are written beside their places before the first is renamed, so that a full disk or a folder
/// that cannot be written leaves all as it was.
///
/// # Errors
/// A file that cannot be written or removed.
pub fn make_all(changes: &[Change]) -> Result<(), Error> {
    let staged = changes.iter().map(Change::stage).collect::<Result<Vec<_>, _>>()?;
    for change in staged {
        let path = change.file.clone();
        change.switch().map_err(|source| Error::Write { path, source })?;
    }
    Ok(())
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(file: &Path, bytes: &[u8]) -> io::Result<(NamedTempFile, Noted)> {
    let folder = folder_of(file);
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut beside = builder.prefix(".").tempfile_in(folder)?;
    let noted = Noted::new(beside.path());
    beside.write_all(bytes)?;
    // What has its name is whole, whatever happens to the machine.
    beside.as_file().sync_all()?;
    Ok((beside, noted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_made_and_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b.txt");
        let change = Change::find(folder.path(), &file, Some(b"x\n".to_vec())).unwrap().expect("the file is not there");
        assert_eq!(change.diff().as_str(), format!("--- /dev/null\n+++ {}\n@@ -0,0 +1 @@\n+x\n", file.display()));
        change.make().unwrap();
        assert_eq!(Change::find(folder.path(), &file, Some(b"x\n".to_vec())).unwrap(), None);
        Change::find(folder.path(), &file, None).unwrap().expect("the file is there").make().unwrap();
        assert!(!file.exists());
        assert!(Change::find(folder.path(), folder.path(), None).is_err());
    }
}
