//! Blobs and manifests of pulled images on this machine, by their digests.
//!
//! What has a digest never changes, so it is pulled once. Nothing here is trusted: the content is compared with the
//! digest whenever it is read, and what differs is removed and pulled again. A file is written under another name and
//! renamed, so several processes can share the folder, and it may be deleted at any time. Without the folder, or with
//! one that cannot be written, everything works, but is pulled again.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use crate::files::{self, PARTIAL, Scratch};
use crate::image::{Digest, Hashing};
use crate::limits::CACHE_BYTES;

/// The folder of the blobs, as in an OCI layout.
const BLOBS: &str = "blobs/sha256";
/// The file that tells backup programs to leave a cache out: <https://bford.info/cachedir/>.
const TAG: &str = "CACHEDIR.TAG";
const TAG_TEXT: &str =
    "Signature: 8a477f597d28d172789f06886806bc55\n# Images that `catalog` has pulled. It may be deleted.\n";
/// The age of a file that a killed process left unfinished.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// A cache in a folder.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Something was added, so its size is checked at the end.
    grown: AtomicBool,
    /// It cannot be written. Reported once.
    unwritable: AtomicBool,
}

/// The number and the bytes of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Cache {
    /// A cache in this folder. Nothing is created before something is added.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), grown: AtomicBool::default(), unwritable: AtomicBool::default() }
    }

    /// The user's folder for it: `olm-catalog` in `$XDG_CACHE_HOME`, or in `~/.cache`. `None` without a home, and if
    /// the home does not exist: service accounts have such homes, and a cache must not create one. As the
    /// [specification](https://specifications.freedesktop.org/basedir-spec/latest/) says, a relative path is ignored.
    #[must_use]
    pub fn user_folder() -> Option<PathBuf> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute("XDG_CACHE_HOME")
            .or_else(|| Some(absolute("HOME").filter(|home| home.is_dir())?.join(".cache")))?;
        Some(base.join("olm-catalog"))
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(BLOBS).join(digest.hex())
    }

    /// A file with the content of a digest, positioned at its start.
    pub(super) fn get(&self, digest: &Digest) -> Option<File> {
        let path = self.path(digest);
        let file = files::open(&path).ok().filter(|file| file.metadata().is_ok_and(|data| data.is_file()))?;
        let size = file.metadata().ok()?.len();
        let mut hashing = Hashing::new(&file);
        let copied = io::copy(&mut (&mut hashing).take(size.saturating_add(1)), &mut io::sink());
        let (_, found, _) = hashing.finish();
        if copied.is_err() || found != *digest {
            tracing::debug!(%digest, "the cached content is damaged, and is pulled again");
            let _ = fs::remove_file(&path);
            return None;
        }
        // The least recently used files are removed first. This fails if the cache is read-only.
        let _ = file.set_modified(SystemTime::now());
        (&file).rewind().ok()?;
        tracing::debug!(%digest, bytes = size, "from the cache");
        Some(file)
    }

    /// The same as bytes, if there are at most so many.
    pub(super) fn bytes(&self, digest: &Digest, most: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.get(digest)?.take(most.saturating_add(1)).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= most && Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Adds content that was checked against its digest. A failure is only reported: the cache is not needed.
    pub(super) fn put(&self, digest: &Digest, content: &mut dyn io::Read) {
        if self.unwritable.load(Ordering::Relaxed) || self.path(digest).exists() {
            return;
        }
        match self.write(digest, content) {
            Ok(()) => self.grown.store(true, Ordering::Relaxed),
            Err(error) => {
                if !self.unwritable.swap(true, Ordering::Relaxed) {
                    let folder = self.folder.display();
                    tracing::debug!(%folder, %error, "the cache cannot be written, and is not used");
                }
            }
        }
    }

    fn write(&self, digest: &Digest, content: &mut dyn io::Read) -> io::Result<()> {
        let blobs = self.folder.join(BLOBS);
        make_private(&blobs)?;
        let tag = self.folder.join(TAG);
        if !tag.exists() {
            fs::write(tag, TAG_TEXT)?;
        }
        // It need not be synced: damaged content is found when it is read.
        let file = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(&blobs)?;
        let (mut file, path) = file.keep().map_err(|error| error.error)?;
        let partial = Scratch::file(path);
        io::copy(content, &mut file)?;
        fs::rename(partial.path(), self.path(digest))?;
        partial.keep();
        Ok(())
    }

    /// Removes everything. Files that do not belong to a cache stay.
    ///
    /// # Errors
    /// A folder that cannot be read, and files that cannot be removed.
    pub fn clean(&self) -> io::Result<Size> {
        let mut removed = Size::default();
        for file in self.files(true)? {
            remove(&file.path)?;
            removed.files += usize::from(!file.partial);
            removed.bytes += file.size;
        }
        if self.folder.is_dir() {
            remove(&self.folder.join(TAG))?;
        }
        // Folders with files of others stay.
        for folder in [self.folder.join(BLOBS), self.folder.join("blobs"), self.folder.clone()] {
            let _ = fs::remove_dir(folder);
        }
        Ok(removed)
    }

    /// Removes the least recently used files until the rest is within the limit.
    fn trim(&self) -> io::Result<()> {
        let limit = CACHE_BYTES.get();
        let mut files = self.files(false)?;
        let mut bytes: u64 = files.iter().map(|file| file.size).sum();
        files.sort_by_key(|file| file.used);
        for file in files {
            if file.partial || bytes > limit {
                remove(&file.path)?;
                bytes = bytes.saturating_sub(file.size);
                tracing::debug!(file = %file.path.display(), bytes = file.size, "removed from the cache");
            }
        }
        Ok(())
    }

    /// Its files. Unfinished ones may belong to a running process; old ones do not.
    fn files(&self, unfinished: bool) -> io::Result<Vec<Cached>> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(self.folder.join(BLOBS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let partial = name.starts_with(PARTIAL);
            // Another process may have removed it.
            let Ok(data) = entry.metadata() else { continue };
            let used = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let is_stale = || unfinished || used.elapsed().is_ok_and(|age| age > STALE);
            let is_ours = if partial { is_stale() } else { format!("sha256:{name}").parse::<Digest>().is_ok() };
            if is_ours && data.is_file() {
                found.push(Cached { path: entry.path(), size: data.len(), used, partial });
            }
        }
        Ok(found)
    }
}

struct Cached {
    path: PathBuf,
    size: u64,
    used: SystemTime,
    partial: bool,
}

impl Drop for Cache {
    fn drop(&mut self) {
        if self.grown.load(Ordering::Relaxed)
            && let Err(error) = self.trim()
        {
            tracing::debug!(folder = %self.folder.display(), %error, "the cache cannot be tidied up");
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Creates folders that only this user can read: images may be private.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cache: &Cache, digest: &Digest) -> Option<Vec<u8>> {
        cache.bytes(digest, 100)
    }

    #[test]
    fn content_is_checked_whenever_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("a/b"));
        let digest = Digest::of(b"content");
        assert_eq!(read(&cache, &digest), None);
        cache.put(&digest, &mut &b"content"[..]);
        assert_eq!(read(&cache, &digest).unwrap(), b"content");
        assert_eq!(cache.bytes(&digest, 3), None);
        let file = cache.path(&digest);
        for damage in [&b"contenT"[..], b"", b"content and more"] {
            fs::write(&file, damage).unwrap();
            assert_eq!(read(&cache, &digest), None);
            assert!(!file.exists(), "it is removed");
            cache.put(&digest, &mut &b"content"[..]);
        }
        // A link to a device or a folder in its place is not read.
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
        assert_eq!(read(&cache, &digest), None);
        assert_eq!(cache.clean().unwrap(), Size::default());
    }

    #[test]
    fn only_its_own_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        assert_eq!(cache.clean().unwrap(), Size::default());
        for content in ["one", "three"] {
            cache.put(&Digest::of(content.as_bytes()), &mut content.as_bytes());
        }
        fs::write(cache.folder().join(BLOBS).join(".partial-x"), "").unwrap();
        let other = cache.folder().join(BLOBS).join("notes.txt");
        fs::write(&other, "mine").unwrap();
        assert_eq!(cache.clean().unwrap(), Size { files: 2, bytes: 8 });
        assert!(other.exists());
        fs::remove_file(other).unwrap();
        cache.clean().unwrap();
        assert!(!cache.folder().exists());
    }

    #[test]
    fn the_least_recently_used_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let digests: Vec<Digest> = (0..4u8).map(|i| Digest::of(&[i; 1000])).collect();
        for (i, digest) in (0..4u8).zip(&digests) {
            cache.put(digest, &mut &[i; 1000][..]);
            let age = Duration::from_secs(1000 - u64::from(i));
            File::open(cache.path(digest)).unwrap().set_modified(SystemTime::now() - age).unwrap();
        }
        // The first one is used again.
        assert!(cache.get(&digests[0]).is_some());
        "cache-bytes=2500".parse::<crate::limits::Setting>().unwrap().apply();
        cache.trim().unwrap();
        let left: Vec<bool> = digests.iter().map(|digest| cache.path(digest).exists()).collect();
        assert_eq!(left, [true, false, false, true]);
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let cache = Cache::new(folder.path().join("file/cache"));
        let digest = Digest::of(b"x");
        cache.put(&digest, &mut &b"x"[..]);
        assert_eq!(read(&cache, &digest), None);
        assert_eq!(cache.clean().unwrap_or_default(), Size::default());
    }
}
