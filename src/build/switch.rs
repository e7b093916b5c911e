//! The end of a build: the catalog folder and the layout are replaced together, or not at all.
//!
//! Everything is first written and synced next to its place. Then it is renamed within moments, and signals wait until
//! that is done. A failure is undone. A kill in these moments leaves a mark in the layout: such a layout is not pushed,
//! and the next build repairs it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Error;
use crate::changes::{self, Change};
use crate::files::{self, PARTIAL, Scratch, ScratchList, folder_of};
use crate::image::Staged;

/// The folder of the files to be renamed.
const PREFIX: &str = ".catalog-build-";
/// The file in it that the build locks.
const LOCK: &str = "lock";

/// Moves the files of the catalog folder `root` and a layout into place. `step` is called after each step.
pub(super) fn switch(root: &Path, changes: &[Change], layout: Staged, step: &mut dyn FnMut()) -> Result<(), Error> {
    remove_stale(root);
    let stage = Stage::new(root, changes)?;
    step();
    files::uninterrupted(|| {
        layout.begin()?;
        step();
        let mut made = ScratchList::default();
        let mut put = |file: &Ready<'_>| {
            made.extend(file.put()?);
            step();
            Ok(())
        };
        let done = stage.files.iter().try_for_each(&mut put).and_then(|()| Ok(layout.switch()?));
        if done.is_err() {
            stage.files.iter().rev().for_each(Ready::undo);
            return done;
        }
        step();
        made.keep();
        drop(stage);
        drop(layout.finish());
        Ok(())
    })
}

/// The files to be renamed, in a separate folder on the same disk.
struct Stage<'c> {
    files: Vec<Ready<'c>>,
    _lock: Option<File>,
    _folder: Option<Scratch>,
}

/// A file that is ready to be moved into place, and a copy of the current one.
struct Ready<'c> {
    change: &'c Change,
    new: Option<Scratch>,
    old: Option<Scratch>,
}

impl<'c> Stage<'c> {
    fn new(root: &Path, changes: &'c [Change]) -> Result<Self, Error> {
        if changes.is_empty() {
            return Ok(Self { files: Vec::new(), _lock: None, _folder: None });
        }
        let parent = stage_parent(root);
        let failed = |source| Error::Stage { path: parent.clone(), source };
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&parent).map_err(failed)?;
        let folder = Scratch::tree(folder.keep());
        let lock = File::create_new(folder.path().join(LOCK)).map_err(failed)?;
        lock.try_lock().map_err(|error| failed(error.into()))?;
        let mut files = Vec::new();
        for change in changes {
            files::check(&change.root, &change.file).map_err(changes::Error::from)?;
            let like = fs::symlink_metadata(&change.file).ok();
            let copy = |bytes: &Option<Vec<u8>>| {
                let write = |bytes: &Vec<u8>| {
                    files::write_new(folder.path(), like.as_ref(), |file| file.write_all(bytes)).map_err(failed)
                };
                bytes.as_ref().map(write).transpose()
            };
            files.push(Ready { change, new: copy(&change.new)?, old: copy(&change.old)? });
        }
        files::sync_folder(folder.path()).map_err(failed)?;
        Ok(Self { files, _lock: Some(lock), _folder: Some(folder) })
    }
}

impl Ready<'_> {
    /// Moves it into place. Returns the folders that were created for that.
    fn put(&self) -> Result<ScratchList, Error> {
        let path = &self.change.file;
        let put = || {
            let made = files::make_folders(folder_of(path))?;
            match &self.new {
                Some(new) => fs::rename(new.path(), path)?,
                None => fs::remove_file(path)?,
            }
            files::sync_folder(folder_of(path))?;
            Ok(made)
        };
        put().map_err(|source: io::Error| changes::Error::Write { path: path.clone(), source }.into())
    }

    /// Undoes that.
    fn undo(&self) {
        let placed = match &self.new {
            Some(new) => !new.path().exists(),
            None => !self.change.file.exists(),
        };
        if placed {
            let _ = match &self.old {
                Some(old) => fs::rename(old.path(), &self.change.file),
                None => fs::remove_file(&self.change.file),
            };
        }
    }
}

/// The staging folder. It is next to the catalog folder, because everything inside that is a part of the catalog. A
/// catalog folder on a separate disk has no such place.
fn stage_parent(root: &Path) -> PathBuf {
    let parent = folder_of(root);
    let there = parent.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if let (Ok(within), Ok(beside)) = (root.metadata(), there.metadata())
            && within.dev() != beside.dev()
        {
            return root.to_owned();
        }
    }
    there.to_owned()
}

/// Removes the leftovers of killed builds.
fn remove_stale(root: &Path) {
    for entry in fs::read_dir(stage_parent(root)).into_iter().flatten().flatten() {
        let is_stage = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !is_stage || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let folder = entry.path();
        let ours = |entry: fs::DirEntry| {
            let name = entry.file_name();
            (name == LOCK || name.to_string_lossy().starts_with(PARTIAL))
                && entry.file_type().is_ok_and(|kind| kind.is_file())
        };
        let only_ours = fs::read_dir(&folder).is_ok_and(|entries| entries.flatten().all(ours));
        let free = || files::open(&folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if only_ours && free() {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests;
