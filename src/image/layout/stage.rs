//! Writes images to a layout's folder in two steps: first all blobs, then the index that names them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{BLOBS, INDEX, Layout, MARK, MARK_TEXT, SWITCHING, UNFINISHED};
use crate::files::{self, PARTIAL, Scratch, ScratchList};
use crate::image::spec::Index;
use crate::image::{Artifact, Blob, Digest, Error, Hashing};

/// Images that are in a layout's folder, but not in its index yet. If it is dropped, the folder is restored.
#[derive(Debug)]
pub struct Staged {
    folder: PathBuf,
    index: Index,
    needed: BTreeSet<String>,
    unfinished: File,
    new_index: Scratch,
    old_index: Option<Scratch>,
    /// After the others, because these are in folders that were created.
    made: ScratchList,
}

impl Layout {
    /// Writes images, each with the annotations of its entry in the index, and replaces the layout's previous images.
    ///
    /// The index is written last and atomically: an interruption before that, or a full disk, leaves the older layout
    /// intact. After that, unused blobs are removed.
    ///
    /// # Errors
    /// A folder with other contents, and files that cannot be read or written.
    pub fn write(folder: &Path, images: &[(&dyn Artifact, BTreeMap<String, String>)]) -> Result<Self, Error> {
        let staged = Self::stage(folder, images)?;
        files::uninterrupted(|| {
            staged.switch()?;
            Ok(staged.finish())
        })
    }

    /// The first step of [`Self::write`]: everything is written and synced, and the older index is still valid.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn stage(folder: &Path, images: &[(&dyn Artifact, BTreeMap<String, String>)]) -> Result<Staged, Error> {
        let blobs = folder.join(BLOBS);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Write { path, source }
        };
        check(folder)?;
        let mut made = files::make_folders(&blobs).map_err(failed(&blobs))?;
        let mark = folder.join(UNFINISHED);
        let unfinished = File::options().create(true).truncate(false).write(true).open(&mark).map_err(failed(&mark))?;
        match unfinished.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: folder.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(failed(&mark)(source)),
        }
        made.push(Scratch::file(mark));
        if !folder.join(MARK).is_file() {
            put(&folder.join(MARK), &mut made, |file| {
                file.write_all(MARK_TEXT.as_bytes()).map_err(failed(&folder.join(MARK)))
            })?;
        }
        let mut needed = BTreeSet::new();
        let mut index = Index::new(Vec::new());
        for (image, annotations) in images {
            for blob in image.everything() {
                if needed.insert(blob.digest().hex().to_owned()) {
                    write_blob(&blobs, blob, &mut made)?;
                }
            }
            let mut entry = image.top().descriptor().clone();
            entry.annotations = Some(annotations.clone()).filter(|annotations| !annotations.is_empty());
            index.manifests.push(entry);
        }
        files::sync_folder(&blobs).map_err(failed(&blobs))?;
        let path = folder.join(INDEX);
        let copy = |bytes: &[u8]| files::write_new(folder, None, |file| file.write_all(bytes)).map_err(failed(&path));
        let old_index = match files::read(&path, &crate::limits::TEXT_BYTES) {
            Ok(bytes) => Some(copy(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::Read { path, source }),
        };
        let new_index = copy(&serde_json::to_vec_pretty(&index).expect("an index is JSON"))?;
        Ok(Staged { folder: folder.to_owned(), index, needed, unfinished, new_index, old_index, made })
    }
}

impl Staged {
    /// Marks the layout: from now on it and the catalog folder may be from different builds.
    ///
    /// # Errors
    /// The mark cannot be written.
    pub fn begin(&self) -> Result<(), Error> {
        let mut file = &self.unfinished;
        let written =
            file.set_len(0).and_then(|()| file.write_all(SWITCHING.as_bytes())).and_then(|()| file.sync_all());
        written.map_err(|source| Error::Write { path: self.folder.join(UNFINISHED), source })
    }

    /// Atomically replaces the older index with the new one.
    ///
    /// # Errors
    /// It cannot be renamed. The older index then remains.
    pub fn switch(&self) -> Result<(), Error> {
        let path = self.folder.join(INDEX);
        let done = fs::rename(self.new_index.path(), &path).and_then(|()| files::sync_folder(&self.folder));
        done.map_err(|source| {
            self.undo();
            Error::Write { path, source }
        })
    }

    /// Restores the older index.
    fn undo(&self) {
        if self.new_index.path().exists() {
            return;
        }
        let path = self.folder.join(INDEX);
        let _ = match &self.old_index {
            Some(old) => fs::rename(old.path(), path),
            None => fs::remove_file(path),
        };
    }

    /// Ends the build: unused blobs are removed. Those that cannot be removed are left to the next build.
    #[must_use]
    pub fn finish(self) -> Layout {
        let Self { folder, index, needed, unfinished, new_index, old_index, made } = self;
        made.keep();
        new_index.keep();
        drop(old_index);
        let blobs = folder.join(BLOBS);
        let is_blob = |name: &str| format!("sha256:{name}").parse::<Digest>().is_ok() && !needed.contains(name);
        for (within, unneeded) in [(&blobs, true), (&folder, false)] {
            for entry in fs::read_dir(within).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if name.starts_with(PARTIAL) || (unneeded && is_blob(&name)) {
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
        let _ = fs::remove_file(folder.join(UNFINISHED));
        drop(unfinished);
        Layout { folder, index }
    }
}

/// Refuses a folder that contains anything other than a layout, because unused blobs of a layout are removed.
fn check(folder: &Path) -> Result<(), Error> {
    let refused = |why: String| Error::NoLayout { path: folder.to_owned(), why };
    for part in [BLOBS, INDEX, MARK, UNFINISHED] {
        files::check(folder, &folder.join(part)).map_err(|error| refused(error.to_string()))?;
    }
    let names = names(folder)?;
    if names.is_empty() {
        return Ok(());
    }
    let other = |name: String| {
        refused(format!(
            "it contains {name}, which does not belong to a layout, so nothing was changed; name another folder or an \
             empty one"
        ))
    };
    let known = ["blobs", INDEX, MARK, UNFINISHED];
    if let Some(name) = names.iter().find(|name| !known.contains(&&***name) && !name.starts_with(PARTIAL)) {
        return Err(other(name.clone()));
    }
    let began = |name: &str| names.iter().any(|known| known == name);
    if !(began(UNFINISHED) || began(MARK) && began(INDEX)) {
        return Err(refused(format!("it has no {MARK} and {INDEX}; name another folder or an empty one")));
    }
    for (within, good) in [("blobs", (|name| name == "sha256") as fn(&str) -> bool), (BLOBS, is_blob_name)] {
        if let Some(name) = self::names(&folder.join(within))?.into_iter().find(|name| !good(name)) {
            return Err(other(format!("{within}/{name}")));
        }
    }
    Ok(())
}

fn is_blob_name(name: &str) -> bool {
    name.starts_with(PARTIAL) || format!("sha256:{name}").parse::<Digest>().is_ok()
}

/// The names in a folder; empty if it does not exist.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    match files::list(folder, &crate::limits::FOLDER_FILES) {
        Ok(paths) => {
            Ok(paths.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(Error::Read { path: folder.to_owned(), source }),
    }
}

/// Writes a file under another name, and renames it when it is complete.
fn put(path: &Path, made: &mut ScratchList, write: impl FnOnce(&mut File) -> Result<(), Error>) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let new = !path.exists();
    let mut outcome = Ok(());
    let partial = files::write_new(files::folder_of(path), None, |file| {
        outcome = write(file);
        if outcome.is_ok() { Ok(()) } else { Err(io::Error::other("not written")) }
    });
    outcome?;
    let partial = partial.map_err(failed)?;
    let renamed = new.then(|| Scratch::file(path));
    fs::rename(partial.path(), path).map_err(failed)?;
    partial.keep();
    renamed.into_iter().for_each(|renamed| made.push(renamed));
    Ok(())
}

fn write_blob(blobs: &Path, blob: &Blob, made: &mut ScratchList) -> Result<(), Error> {
    let path = blobs.join(blob.digest().hex());
    // It may already exist from an older build, and be damaged.
    if Blob::file(blob.descriptor().clone(), path.clone()).verify().is_ok() {
        return Ok(());
    }
    let mut from = Hashing::new(blob.open()?);
    put(&path, made, |file| {
        io::copy(&mut from, file).map_err(|source| Error::Write { path: path.clone(), source })?;
        let (_, digest, _) = from.finish();
        if digest == *blob.digest() {
            Ok(())
        } else {
            Err(Error::Damaged { path: path.clone(), digest: blob.digest().clone() })
        }
    })
}
