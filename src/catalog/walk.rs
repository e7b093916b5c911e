//! The files of a catalog's folder, in the order of opm's walk.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::ignore::Patterns;
use super::read::Error;
use crate::files as safe;
use crate::limits::{CATALOG_BYTES, CATALOG_DEPTH, CATALOG_FILES, IGNORE_BYTES, IGNORE_WORK};

/// The file that names the files in a catalog folder that are not part of the catalog.
const IGNORE_FILE: &str = ".indexignore";

/// The result of the walk.
struct Found {
    path: PathBuf,
    parts: Vec<String>,
    kind: FileType,
}

/// The files of a folder that no `.indexignore` leaves out, in the order of their paths. Links to folders are not followed,
/// except in the mount of a ConfigMap, whose files are read once.
///
/// # Errors
/// A folder or an `.indexignore` file that cannot be read, a folder that is over a limit; among the files that count, a
/// link that leads out of the folder, or something other than a regular file.
pub(super) fn files(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Io { path: root.to_owned(), source };
    let inside = root.canonicalize().map_err(failed)?;
    let mut walk = Walk { inside: inside.clone(), ..Walk::default() };
    walk.folder(root, &mut Vec::new())?;
    let Walk { all, patterns, pattern_bytes, .. } = walk;
    if (all.len() as u64).saturating_mul(pattern_bytes) > IGNORE_WORK.get() {
        return Err(failed(IGNORE_WORK.exceeded().into()));
    }
    let (mut files, mut bytes) = (Vec::new(), 0_u64);
    for Found { path, parts, kind } in all {
        if patterns.exclude(&parts) {
            continue;
        }
        let mut kind = kind;
        if kind.is_symlink() {
            let failed = |source| Error::Io { path: path.clone(), source };
            let target = path.canonicalize().map_err(failed)?;
            if !target.starts_with(&inside) {
                return Err(Error::Outside { path });
            }
            kind = target.metadata().map_err(failed)?.file_type();
            if kind.is_dir() {
                continue;
            }
        }
        if !kind.is_file() {
            return Err(Error::Special { path });
        }
        bytes = bytes.saturating_add(path.metadata().map_err(failed)?.len());
        if bytes > CATALOG_BYTES.get() {
            return Err(failed(CATALOG_BYTES.exceeded().into()));
        }
        files.push(path);
    }
    files.sort();
    Ok(files)
}

/// Kubernetes mounts a ConfigMap as links into this link, which leads to a hidden folder with the files.
const MOUNTED: &str = "..data";

/// The state of a walk.
#[derive(Default)]
struct Walk {
    /// The root, links followed.
    inside: PathBuf,
    all: Vec<Found>,
    patterns: Patterns,
    pattern_bytes: u64,
    seen: u64,
}

impl Walk {
    /// The kind of an entry of a ConfigMap's mount: that of its target, if it is a link into the hidden folder.
    fn mounted(&self, path: &Path, kind: FileType) -> Result<FileType, Error> {
        let failed = |source| Error::Io { path: path.to_owned(), source };
        if !kind.is_symlink() || !fs::read_link(path).map_err(failed)?.starts_with(MOUNTED) {
            return Ok(kind);
        }
        let target = path.canonicalize().map_err(failed)?;
        if !target.starts_with(&self.inside) {
            return Err(Error::Outside { path: path.to_owned() });
        }
        Ok(target.metadata().map_err(failed)?.file_type())
    }

    /// Walks a folder in the order of names. A name that is not Unicode is matched against patterns as it is displayed.
    fn folder(&mut self, folder: &Path, parts: &mut Vec<String>) -> Result<(), Error> {
        let failed = |source| Error::Io { path: folder.to_owned(), source };
        if parts.len() as u64 > CATALOG_DEPTH.get() {
            return Err(failed(CATALOG_DEPTH.exceeded().into()));
        }
        let mut entries: Vec<(OsString, FileType)> = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            self.seen += 1;
            if self.seen > CATALOG_FILES.get() {
                return Err(failed(CATALOG_FILES.exceeded().into()));
            }
            let entry = entry.map_err(failed)?;
            entries.push((entry.file_name(), entry.file_type().map_err(failed)?));
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let is_mount = entries.iter().any(|(name, kind)| name == MOUNTED && kind.is_symlink());
        for (name, mut kind) in entries {
            let path = folder.join(&name);
            if is_mount {
                // The hidden folder has the same files.
                if name.as_encoded_bytes().starts_with(b"..") {
                    continue;
                }
                kind = self.mounted(&path, kind)?;
            }
            if name == IGNORE_FILE && !kind.is_dir() {
                let text = ignore_file(&path, kind)?;
                self.pattern_bytes += text.len() as u64;
                self.patterns.add(&text, parts);
                continue;
            }
            parts.push(name.to_string_lossy().into_owned());
            if kind.is_dir() {
                self.folder(&path, parts)?;
            } else {
                self.all.push(Found { path, parts: parts.clone(), kind });
            }
            parts.pop();
        }
        Ok(())
    }
}

fn ignore_file(path: &Path, kind: FileType) -> Result<String, Error> {
    if !kind.is_file() {
        return Err(Error::Special { path: path.to_owned() });
    }
    let failed = |source: io::Error| Error::Io { path: path.to_owned(), source };
    safe::read_text(path, &IGNORE_BYTES).map_err(failed)
}
