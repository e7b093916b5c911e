//! The files of a catalog's folder, as opm's walk comes to them.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use super::ignore::Patterns;
use super::read::Error;

/// The file that names what a catalog folder holds besides its catalog.
const IGNORE_FILE: &str = ".indexignore";
/// How many bytes an `.indexignore` file may have.
const MOST: u64 = 1 << 20;

/// What the walk came to.
struct Found {
    path: PathBuf,
    parts: Vec<String>,
    kind: FileType,
}

/// The files of a folder that no `.indexignore` leaves out, in the order of their paths. Links to folders are not followed.
///
/// # Errors
/// A folder or an `.indexignore` file that cannot be read; among the files that count, a link that leads out of the folder
/// and what is not a regular file.
pub(super) fn files(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Io { path: root.to_owned(), source };
    let inside = root.canonicalize().map_err(failed)?;
    let (mut all, mut patterns) = (Vec::new(), Patterns::default());
    walk(root, &mut Vec::new(), &mut all, &mut patterns)?;
    let mut files = Vec::new();
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
        files.push(path);
    }
    files.sort();
    Ok(files)
}

/// Goes through a folder by the names of what is in it. A name that is not Unicode is held against patterns as it is shown.
fn walk(folder: &Path, parts: &mut Vec<String>, all: &mut Vec<Found>, patterns: &mut Patterns) -> Result<(), Error> {
    let failed = |source| Error::Io { path: folder.to_owned(), source };
    let mut entries: Vec<(OsString, FileType)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        entries.push((entry.file_name(), entry.file_type().map_err(failed)?));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, kind) in entries {
        let path = folder.join(&name);
        if name == IGNORE_FILE && !kind.is_dir() {
            patterns.add(&ignore_file(&path, kind)?, parts);
            continue;
        }
        parts.push(name.to_string_lossy().into_owned());
        if kind.is_dir() {
            walk(&path, parts, all, patterns)?;
        } else {
            all.push(Found { path, parts: parts.clone(), kind });
        }
        parts.pop();
    }
    Ok(())
}

fn ignore_file(path: &Path, kind: FileType) -> Result<String, Error> {
    let failed = |source| Error::Io { path: path.to_owned(), source };
    let meta = fs::metadata(path).map_err(failed)?;
    if !(kind.is_file() && meta.is_file()) {
        return Err(Error::Special { path: path.to_owned() });
    }
    if meta.len() > MOST {
        return Err(failed(std::io::Error::other("it is larger than 1 MiB")));
    }
    fs::read_to_string(path).map_err(failed)
}
