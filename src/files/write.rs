//! Writing: a file is written under another name, synced, and renamed when it is complete.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::{Scratch, ScratchList};

/// The names of files while they are written.
pub(crate) const PARTIAL: &str = ".partial-";

/// Writes a file atomically, and replaces an existing one. Missing folders are created. If this fails, or a signal ends
/// the program, nothing has changed.
///
/// # Errors
/// A file that cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let made = make_folders(folder)?;
    let partial = write_new(folder, fs::symlink_metadata(path).ok().as_ref(), |file| file.write_all(bytes))?;
    fs::rename(partial.path(), path)?;
    partial.keep();
    made.keep();
    sync_folder(folder)
}

/// Writes a new file with a generated name in a folder, and syncs it. It has the permissions of `like`.
///
/// # Errors
/// A file that cannot be written.
pub fn write_new<E: From<io::Error>>(
    folder: &Path,
    like: Option<&fs::Metadata>,
    write: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<Scratch, E> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PARTIAL);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let (mut file, path) = builder.tempfile_in(folder)?.keep().map_err(|error| E::from(error.error))?;
    let partial = Scratch::file(path);
    write(&mut file)?;
    if let Some(like) = like.filter(|like| like.is_file()) {
        file.set_permissions(like.permissions())?;
    }
    file.sync_all()?;
    Ok(partial)
}

/// Removes a file and syncs its folder.
///
/// # Errors
/// It cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    sync_folder(folder_of(path))
}

/// Creates a folder and its missing parents. Keep the returned guards once the folder is used.
///
/// # Errors
/// A folder that cannot be created.
pub fn make_folders(folder: &Path) -> io::Result<ScratchList> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.is_dir()).collect();
    let mut made = ScratchList::default();
    for path in missing.into_iter().rev() {
        match fs::create_dir(path) {
            Ok(()) => made.push(Scratch::folder(path)),
            // Somebody else created it at the same time.
            Err(_) if path.is_dir() => {}
            Err(error) => return Err(error),
        }
        sync_folder(folder_of(path))?;
    }
    Ok(made)
}

/// Syncs the entries of a folder: the names, not the contents of the files.
///
/// # Errors
/// A folder that cannot be synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems do not support it.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b/c.txt");
        replace(&file, b"one").unwrap();
        replace(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path().join("a/b")).unwrap().count(), 1);
        // A folder in its place cannot be replaced, and the attempt leaves nothing behind.
        fs::create_dir_all(folder.path().join("x/y")).unwrap();
        replace(&folder.path().join("x/y"), b"three").unwrap_err();
        assert_eq!(fs::read_dir(folder.path().join("x")).unwrap().count(), 1);
        let failed = write_new(folder.path(), None, |_| Err::<(), _>(io::Error::other("no"))).unwrap_err();
        assert_eq!((failed.to_string(), fs::read_dir(folder.path()).unwrap().count()), ("no".into(), 2));
        remove(&file).unwrap();
        assert!(!file.exists());
    }
}
