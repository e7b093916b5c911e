//! The site's folder: it is replaced at once, and only files that an earlier run made are deleted.
//!
//! All files are written next to it first, with a list of them ([`MARK`]). The list of an earlier run identifies its
//! files in the folder; anything else in it belongs to the user, and then nothing is written.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Error;
use super::names::PagePath;
use crate::files::{self, Scratch, folder_of};
use crate::limits::{CATALOG_DEPTH, SITE_FILES, TEXT_BYTES};

/// The file that marks a folder as a site, with the paths of all files in it.
pub const MARK: &str = ".catalog-site";
const MARK_HEAD: &str = "Made by `catalog site`, which replaces these files:\n";
/// The suffix of the folder while it is written.
const PREFIX: &str = ".catalog-site-";

/// A site that is being written.
pub(super) struct Output {
    place: PathBuf,
    stage: Scratch,
    written: Mutex<BTreeSet<PagePath>>,
    bytes: AtomicU64,
    /// A lock that is held during the work: see [`remove_stale`].
    _lock: fs::File,
}

impl Output {
    /// Starts to write the content of a folder.
    pub(super) fn begin(place: &Path) -> Result<Self, Error> {
        files::check(place, place)?;
        let place = real(place)?;
        check(&place)?;
        let parent = folder_of(&place);
        let failed = |source| Error::Write { path: parent.to_owned(), source };
        files::make_folders(parent).map_err(failed)?.keep();
        remove_stale(parent);
        let stage = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent).map_err(failed)?;
        let stage = Scratch::tree(stage.keep());
        let lock = fs::File::open(stage.path()).map_err(failed)?;
        lock.try_lock().map_err(|error| failed(error.into()))?;
        fs::write(stage.path().join(MARK), MARK_HEAD).map_err(failed)?;
        Ok(Self { place, stage, written: Mutex::default(), bytes: AtomicU64::new(0), _lock: lock })
    }

    /// Writes a file.
    pub(super) fn write(&self, path: &PagePath, text: &str) -> Result<(), Error> {
        let file = self.stage.path().join(path.as_str());
        let failed = |source| Error::Write { path: file.clone(), source };
        fs::create_dir_all(folder_of(&file)).map_err(failed)?;
        let mut new = fs::File::create_new(&file).map_err(failed)?;
        io::Write::write_all(&mut new, text.as_bytes()).map_err(failed)?;
        self.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(path.clone());
        if written.len() as u64 > SITE_FILES.get() {
            return Err(Error::Large(SITE_FILES.exceeded()));
        }
        Ok(())
    }

    /// Replaces the existing folder with everything that was written. Returns the number of files and bytes.
    pub(super) fn finish(self) -> Result<(usize, u64), Error> {
        let Self { place, stage, written, bytes, _lock } = self;
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        let list: String = written.iter().map(|path| format!("{}\n", path.as_str())).collect();
        let mark = stage.path().join(MARK);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Write { path, source }
        };
        fs::write(&mark, format!("{MARK_HEAD}{list}")).map_err(failed(&mark))?;
        open_to_all(stage.path()).and_then(|()| sync(stage.path())).map_err(failed(stage.path()))?;
        files::uninterrupted(|| {
            // Somebody could have added files in the meantime.
            check(&place)?;
            switch(stage.path(), &place).map_err(failed(&place))
        })?;
        let _ = files::sync_folder(folder_of(&place));
        // This is now the old folder, which only contains the listed files; or nothing.
        drop(stage);
        Ok((written.len(), bytes.into_inner()))
    }
}

/// Removes the remains of killed runs: folders with this name and a mark that no run holds.
fn remove_stale(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_stage = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && files::read_text(&path.join(MARK), &TEXT_BYTES).is_ok_and(|mark| mark.starts_with(MARK_HEAD));
        if is_stage && fs::File::open(&path).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// The real folder, if it exists, so that another process cannot swap it.
fn real(place: &Path) -> Result<PathBuf, Error> {
    let read = |source| Error::Read { path: place.to_owned(), source };
    match fs::symlink_metadata(place) {
        Ok(data) if data.is_symlink() => Err(files::Refused::Link { path: place.to_owned() }.into()),
        Ok(_) => place.canonicalize().map_err(read),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(place.to_owned()),
        Err(source) => Err(read(source)),
    }
}

/// Whether a folder can be replaced: it does not exist, is empty, or only contains files that an earlier run listed.
fn check(place: &Path) -> Result<(), Error> {
    let read = |source| Error::Read { path: place.to_owned(), source };
    match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(read(source)),
        Ok(data) if !data.is_dir() => return Err(Error::Foreign { place: place.to_owned(), what: place.to_owned() }),
        Ok(_) => {}
    }
    let mark = match files::read_text(&place.join(MARK), &TEXT_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(read(source)),
    };
    let ours: BTreeSet<&str> =
        mark.strip_prefix(MARK_HEAD).map(str::lines).into_iter().flatten().chain([MARK]).collect();
    // Without a valid head, the mark is somebody else's file.
    let ours = if mark.starts_with(MARK_HEAD) { ours } else { BTreeSet::new() };
    match foreign(place, place, &ours, CATALOG_DEPTH.get()).map_err(read)? {
        Some(what) => Err(Error::Foreign { place: place.to_owned(), what }),
        None => Ok(()),
    }
}

/// A file in a folder that is not listed.
fn foreign(root: &Path, folder: &Path, ours: &BTreeSet<&str>, depth: u64) -> io::Result<Option<PathBuf>> {
    for path in files::list(folder, &SITE_FILES)? {
        let data = fs::symlink_metadata(&path)?;
        if data.is_dir() && depth > 0 {
            if let Some(found) = foreign(root, &path, ours, depth - 1)? {
                return Ok(Some(found));
            }
            continue;
        }
        let name = path.strip_prefix(root).ok().and_then(Path::to_str);
        if !data.is_file() || !name.is_some_and(|name| ours.contains(name)) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Temporary folders are private to their owner, but a web server is another user.
fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

/// Flushes all files to disk with one call; one call per file takes minutes.
fn sync(folder: &Path) -> io::Result<()> {
    let folder = fs::File::open(folder)?;
    Ok(rustix::fs::syncfs(&folder)?)
}

/// Swaps two folders, or moves the first to an unused path.
fn switch(stage: &Path, place: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    if !place.exists() {
        return fs::rename(stage, place);
    }
    match renameat_with(CWD, stage, CWD, place, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Not every file system supports this.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => swap_by_renaming(stage, place),
        Err(error) => Err(error.into()),
    }
}

fn swap_by_renaming(stage: &Path, place: &Path) -> io::Result<()> {
    let aside = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder_of(place))?;
    let old = aside.path().join("old");
    fs::rename(place, &old)?;
    match fs::rename(stage, place) {
        Ok(()) => Ok(()),
        Err(error) => fs::rename(&old, place).and(Err(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(place: &Path, files: &[&str]) -> Result<(usize, u64), Error> {
        let output = Output::begin(place)?;
        files.iter().try_for_each(|file| output.write(&PagePath::new(file.split('/')), file))?;
        output.finish()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_site_replaces_a_site_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a/site");
        assert_eq!(write(&place, &["index.html", "a/b.html"]).unwrap(), (2, 18));
        write(&place, &["index.html", "c.html"]).unwrap();
        assert_eq!(names(&place), [".catalog-site", "c.html", "index.html"]);
        assert_eq!(names(&folder.path().join("a")), ["site"]);
        fs::write(place.join("mine.txt"), "mine").unwrap();
        let error = write(&place, &["index.html"]).unwrap_err().to_string();
        assert!(error.contains("mine.txt"), "{error}");
        assert_eq!(fs::read(place.join("mine.txt")).unwrap(), b"mine");
        assert_eq!(names(&folder.path().join("a")), ["site"]);
    }

    #[test]
    fn what_killed_runs_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".catalog-site-killed", ".catalog-site-mine", "other"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at(".catalog-site-killed").join(MARK), MARK_HEAD).unwrap();
        fs::write(at("other").join(MARK), MARK_HEAD).unwrap();
        let running = Output::begin(&at("site")).unwrap();
        write(&at("site"), &["index.html"]).unwrap();
        assert!(running.stage.path().is_dir());
        drop(running);
        assert_eq!(names(folder.path()), [".catalog-site-mine", "other", "site"]);
    }

    #[test]
    fn folders_of_users_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("empty")).unwrap();
        write(&at("empty"), &["index.html"]).unwrap();
        fs::create_dir_all(at("full/sub")).unwrap();
        fs::write(at("full/sub/mine"), "").unwrap();
        write(&at("full"), &["index.html"]).unwrap_err();
        fs::write(at("file"), "").unwrap();
        write(&at("file"), &["index.html"]).unwrap_err();
        std::os::unix::fs::symlink("empty", at("link")).unwrap();
        write(&at("link"), &["index.html"]).unwrap_err();
        fs::create_dir(at("marked")).unwrap();
        fs::write(at("marked").join(MARK), "index.html\n").unwrap();
        write(&at("marked"), &["index.html"]).unwrap_err();
        assert_eq!(names(folder.path()), ["empty", "file", "full", "link", "marked"]);
    }

    #[test]
    fn a_file_system_without_exchange_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("new")).unwrap();
        fs::write(at("new/a"), "").unwrap();
        fs::create_dir(at("old")).unwrap();
        swap_by_renaming(&at("new"), &at("old")).unwrap();
        assert_eq!(names(folder.path()), ["old"]);
        assert_eq!(names(&at("old")), ["a"]);
    }
}
