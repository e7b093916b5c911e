//! Where files may be written and removed: in the folder that the user named, and not through links.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::root as repository;

/// Why a file is neither written nor removed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is a link on the way. Links can come from git too.
    #[error("{} is a link, and links are not followed when files are written or removed; remove it, or replace it with \
         a real file or folder", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// The folder is reached through a link that leads out of the current folder.
    #[error("{} leads out of the current folder through a link; name the link's target instead", path.display())]
    Outside {
        /// The folder.
        path: PathBuf,
    },
    /// The check failed.
    #[error("cannot read {}", path.display())]
    Io {
        /// The path that cannot be read.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Whether a file below a folder may be written or removed. Nothing on the way from the folder to the file may be a
/// link. If the folder itself is below the current one, or in the same repository, it must not lead out of it through a link;
/// an absolute path, or another one above the current folder, is the user's own choice.
///
/// # Errors
/// The reason why not.
pub fn check(root: &Path, file: &Path) -> Result<(), Refused> {
    let outside = || Refused::Outside { path: file.to_owned() };
    root_is_inside(root)?;
    let below = file.strip_prefix(root).map_err(|_| outside())?;
    let mut path = root.to_owned();
    for part in below.components() {
        match part {
            Component::Normal(_) => path.push(part),
            Component::CurDir => continue,
            _ => return Err(outside()),
        }
        match fs::symlink_metadata(&path) {
            Ok(data) if data.is_symlink() => return Err(Refused::Link { path }),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => break,
            Err(source) => return Err(Refused::Io { path, source }),
        }
    }
    Ok(())
}

/// Checks that a file that is read is in a folder, with links followed: its contents are shown, and become a part of
/// images.
///
/// # Errors
/// The file is not in it, or cannot be found.
pub fn check_inside(folder: &Path, file: &Path) -> io::Result<()> {
    if file.canonicalize()?.starts_with(folder.canonicalize()?) {
        return Ok(());
    }
    Err(io::Error::other(format!("it is a link to a place outside {}", folder.display())))
}

fn root_is_inside(root: &Path) -> Result<(), Refused> {
    // In a subfolder of a repository, its folders begin with `..`.
    let (base, below) = match root.strip_prefix(repository::current()) {
        Ok(below) => (repository::current(), below),
        Err(_) => (Path::new("."), root),
    };
    if !below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Ok(());
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Refused::Io { path, source }
    };
    let here = base.canonicalize().map_err(failed(base))?;
    // Missing folders are created. A dangling link counts as existing.
    let there = root.ancestors().find(|path| path.symlink_metadata().is_ok());
    let Some(there) = there.filter(|path| !path.as_os_str().is_empty()) else { return Ok(()) };
    match there.canonicalize() {
        Ok(real) if real.starts_with(here) => Ok(()),
        Ok(_) => Err(Refused::Outside { path: root.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Refused::Link { path: there.to_owned() }),
        Err(source) => Err(failed(there)(source)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        let link = |from: &str, to: &str| symlink(to, root.join(from)).unwrap();
        link("a/up", "../..");
        link("a/nowhere", "/nowhere/at/all");
        link("a/file", "b");
        check(&root, &root.join("a/b/c/d")).unwrap();
        check(&root, &root).unwrap();
        for bad in ["a/up/x", "a/nowhere", "a/nowhere/x", "a/file"] {
            assert!(matches!(check(&root, &root.join(bad)), Err(Refused::Link { .. })), "{bad}");
        }
        for bad in ["..", "a/../../x"] {
            assert!(matches!(check(&root, &root.join(bad)), Err(Refused::Outside { .. })), "{bad}");
        }
        assert!(check(&root, folder.path()).is_err());
    }
}
