//! Files of a repository: what is read has an end, and nothing is written or removed through a link.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::limits::FILE;

/// The bytes of a regular file, links followed. What is no file has no end: a pipe, a device.
///
/// # Errors
/// What is not a regular file, or has more bytes than are read; those of the system.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if meta.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !meta.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(FILE)).unwrap_or(0));
    // It may grow meanwhile.
    File::open(path)?.take(FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE {
        return Err(io::Error::other(format!("it has more than {FILE} bytes")));
    }
    Ok(bytes)
}

/// The text of a regular file.
///
/// # Errors
/// Those of [`read`], and what is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// The first link on the way from a folder down to a path in it, the path itself included. The folder may be one: it was
/// named by the user. A link below it can come with the repository, and leads wherever its author likes.
#[must_use]
pub fn link_below(folder: &Path, path: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let mut at = if below == path { PathBuf::new() } else { folder.to_owned() };
    for part in below.components() {
        at.push(part);
        let is_named = matches!(part, Component::Normal(_));
        if is_named && fs::symlink_metadata(&at).is_ok_and(|meta| meta.file_type().is_symlink()) {
            return Some(at);
        }
    }
    None
}

/// Makes what was written to a folder last: a rename in it is not lost when the power goes.
///
/// # Errors
/// Those of the system.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn links_below_a_folder_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("real/inner")).unwrap();
        std::os::unix::fs::symlink(at("real"), at("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("real/inner/dangling")).unwrap();
        for (root, path, found) in [
            ("", "real/inner/file", None),
            ("", "link/inner/file", Some("link")),
            ("link", "link/inner/file", None),
            ("real", "real/inner/dangling", Some("real/inner/dangling")),
            ("real", "real/not/there", None),
        ] {
            assert_eq!(link_below(&at(root), &at(path)), found.map(at), "{root} {path}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().join("device");
        std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
        assert_eq!(read(&device).unwrap_err().to_string(), "it is not a regular file");
        assert_eq!(read(folder.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        fs::write(folder.path().join("a"), [0xff]).unwrap();
        assert_eq!(read_text(&folder.path().join("a")).unwrap_err().to_string(), "it is not UTF-8 text");
    }
}
