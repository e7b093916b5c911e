//! Reading with limits.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::limits::Limit;

/// Opens a regular file. A pipe, a socket or a device is refused without waiting for it: reading it may never end.
///
/// # Errors
/// A file that cannot be opened, or is not a regular file.
pub fn open(path: &Path) -> io::Result<File> {
    // Checked before it is opened, because opening a device may already have an effect.
    regular(&fs::metadata(path)?)?;
    let mut options = File::options();
    // If somebody puts a pipe there in the meantime, this does not wait for it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = options.read(true).open(path)?;
    let data = file.metadata()?;
    regular(&data)?;
    tracing::trace!(file = %path.display(), bytes = data.len(), "read");
    Ok(file)
}

/// Reading a folder fails with its own clear error.
fn regular(data: &fs::Metadata) -> io::Result<()> {
    if data.is_file() || data.is_dir() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}

/// The bytes of a regular file, up to a limit.
///
/// # Errors
/// Those of [`open`], a file that cannot be read, and one that exceeds the limit.
pub fn read(path: &Path, limit: &Limit) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let size = file.metadata()?.len();
    if size > limit.get() {
        return Err(limit.exceeded().into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    append(file, limit, &mut bytes)?;
    Ok(bytes)
}

/// The bytes of a small regular file, such as one with credentials, up to a fixed number of bytes.
///
/// # Errors
/// Those of [`open`], a file that cannot be read, and a larger one.
pub fn read_small(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

/// The text of a regular file, up to a limit.
///
/// # Errors
/// Those of [`read`], and a file that is not UTF-8.
pub fn read_text(path: &Path, limit: &Limit) -> io::Result<String> {
    text(read(path, limit)?)
}

/// All text from a reader, up to a limit.
///
/// # Errors
/// Text that cannot be read, exceeds the limit, or is not UTF-8.
pub fn read_from(from: impl Read, limit: &Limit) -> io::Result<String> {
    let mut bytes = Vec::new();
    append(from, limit, &mut bytes)?;
    text(bytes)
}

fn append(from: impl Read, limit: &Limit, bytes: &mut Vec<u8>) -> io::Result<()> {
    from.take(limit.get().saturating_add(1)).read_to_end(bytes)?;
    if bytes.len() as u64 > limit.get() { Err(limit.exceeded().into()) } else { Ok(()) }
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    // The same text as the standard library's.
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// The paths of a folder's entries, sorted, up to a limit.
///
/// # Errors
/// A folder that cannot be read, or has more entries.
pub fn list(folder: &Path, limit: &Limit) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        if paths.len() as u64 >= limit.get() {
            return Err(limit.exceeded().into());
        }
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::IGNORE_BYTES;

    #[test]
    fn only_regular_files_are_read_and_only_so_much() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), "text").unwrap();
        assert_eq!(read_text(&at("a"), &IGNORE_BYTES).unwrap(), "text");
        File::create(at("large")).unwrap().set_len(IGNORE_BYTES.get() + 1).unwrap();
        assert_eq!(read_small(&at("a"), 4).unwrap(), b"text");
        assert_eq!(read_small(&at("a"), 3).unwrap_err().to_string(), "it has more than 3 bytes");
        assert!(read(&at("large"), &IGNORE_BYTES).unwrap_err().to_string().contains("ignore-bytes"));
        std::os::unix::fs::symlink("/dev/zero", at("device")).unwrap();
        let pipe = at("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [at("device"), pipe] {
            assert_eq!(read(&path, &IGNORE_BYTES).unwrap_err().to_string(), "it is not a regular file");
            assert_eq!(read_small(&path, 4).unwrap_err().to_string(), "it is not a regular file");
        }
        assert!(read_from(io::repeat(b' '), &IGNORE_BYTES).is_err());
        assert!(read(folder.path(), &IGNORE_BYTES).is_err());
        assert_eq!(list(folder.path(), &crate::limits::FOLDER_FILES).unwrap().len(), 4);
    }
}
