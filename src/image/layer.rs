//! Builds a layer from files: a sorted tar archive without times and owners, compressed with gzip.

use std::borrow::Cow;
use std::collections::BTreeMap;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

use super::spec::MediaType;
use super::{Blob, Digest, Error, Hashing};
use crate::files;

/// The compression level of gzip. It affects every digest: do not change it.
const LEVEL: u32 = 6;

/// The number of bytes that the compressor gets at once. Its output may depend on that, so it is always the same.
const BLOCK: usize = 64 * 1024;

/// A layer: the blob, and the digest of the archive within it.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The compressed archive.
    pub blob: Blob,
    /// The digest of the archive before compression, which the image's configuration names.
    pub diff_id: Digest,
}

/// A file, folder or link of a layer.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    path: String,
    mode: u32,
    body: Body<'a>,
}

#[derive(Clone, Debug)]
enum Body<'a> {
    Folder,
    Bytes(Cow<'a, [u8]>),
    File(PathBuf),
    Symlink(String),
}

impl<'a> Entry<'a> {
    /// A file with these bytes, mode 644. Paths are relative to the image's root, with `/`.
    pub fn file(path: impl Into<String>, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { path: path.into(), mode: 0o644, body: Body::Bytes(bytes.into()) }
    }

    /// A file with the bytes of another one, which is read when the layer is built, mode 644.
    pub fn copy(path: impl Into<String>, source: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), mode: 0o644, body: Body::File(source.into()) }
    }

    /// A folder, mode 755. The folders of files are added automatically.
    pub fn folder(path: impl Into<String>) -> Self {
        Self { path: path.into(), mode: 0o755, body: Body::Folder }
    }

    /// A symbolic link.
    pub fn symlink(path: impl Into<String>, target: impl Into<String>) -> Self {
        Self { path: path.into(), mode: 0o777, body: Body::Symlink(target.into()) }
    }

    /// With other permissions.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    /// In a folder.
    pub(super) fn within(self, folder: &str) -> Self {
        Self { path: format!("{folder}/{}", self.path), ..self }
    }
}

/// Builds a layer. The compressed archive is kept in memory; the files that it copies are not.
///
/// # Errors
/// Paths that leave the image, occur twice, or are inside a file; files that cannot be read.
pub fn layer<'a>(entries: impl IntoIterator<Item = Entry<'a>>) -> Result<Layer, Error> {
    let entries = complete(entries)?;
    let compressed = Hashing::new(Vec::new());
    // Without a name, a time and an operating system, gzip's header has nothing of this machine.
    let gzip = GzBuilder::new().write(compressed, Compression::new(LEVEL));
    let mut archive = tar::Builder::new(Hashing::new(Blocks::new(gzip)));
    for entry in entries.values() {
        append(&mut archive, entry)?;
    }
    let (blocks, diff_id, _) = archive.into_inner().map_err(memory)?.finish();
    let (bytes, digest, _) = blocks.finish().map_err(memory)?.finish();
    Ok(Layer { blob: Blob::hashed(MediaType::LAYER_GZIP, digest, bytes), diff_id })
}

/// Only reading a copied file can fail; the archive is written to memory.
fn memory(source: io::Error) -> Error {
    Error::Write { path: PathBuf::from("(a layer in memory)"), source }
}

type Archive = tar::Builder<Hashing<Blocks<GzEncoder<Hashing<Vec<u8>>>>>>;

/// Sorts the entries and adds their folders.
fn complete<'a>(entries: impl IntoIterator<Item = Entry<'a>>) -> Result<BTreeMap<String, Entry<'a>>, Error> {
    let mut named = BTreeMap::new();
    for entry in entries {
        let bad = |why| Error::Entry { path: entry.path.clone(), why };
        if !entry.path.split('/').all(|name| !matches!(name, "" | "." | "..") && !name.contains('\0')) {
            return Err(bad("its path must be relative, without empty names, `.` or `..`"));
        }
        if named.contains_key(&entry.path) {
            return Err(bad("it occurs twice"));
        }
        named.insert(entry.path.clone(), entry);
    }
    let mut folders = BTreeMap::new();
    for path in named.keys() {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            match named.get(folder) {
                None => drop(folders.insert(folder.to_owned(), Entry::folder(folder))),
                Some(Entry { body: Body::Folder, .. }) => {}
                Some(_) => {
                    return Err(Error::Entry { path: path.clone(), why: "its parent is not a folder" });
                }
            }
        }
    }
    named.extend(folders);
    Ok(named)
}

fn append(archive: &mut Archive, entry: &Entry<'_>) -> Result<(), Error> {
    let mut header = Header::new_gnu();
    header.set_mode(entry.mode);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    match &entry.body {
        Body::Folder => {
            header.set_entry_type(EntryType::Directory);
            archive.append_data(&mut header, format!("{}/", entry.path), io::empty()).map_err(memory)
        }
        Body::Symlink(target) => {
            header.set_entry_type(EntryType::Symlink);
            archive.append_link(&mut header, &entry.path, target).map_err(memory)
        }
        Body::Bytes(bytes) => {
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, &entry.path, &**bytes).map_err(memory)
        }
        Body::File(source) => append_file(archive, &mut header, &entry.path, source),
    }
}

fn append_file(archive: &mut Archive, header: &mut Header, path: &str, source: &Path) -> Result<(), Error> {
    let read = |error| Error::Read { path: source.to_owned(), source: error };
    let file = files::open(source).map_err(read)?;
    let size = file.metadata().map_err(read)?.len();
    header.set_size(size);
    let mut counted = (&file).take(size);
    archive.append_data(header, path, &mut counted).map_err(read)?;
    let short = counted.limit() > 0;
    // The size comes before the bytes, so a file that shrinks or grows in the meantime would corrupt the archive.
    if short || (&file).read(&mut [0]).map_err(read)? > 0 {
        return Err(Error::Changed { path: source.to_owned() });
    }
    Ok(())
}

/// Passes on bytes in blocks of a fixed size.
struct Blocks<W> {
    inner: W,
    block: Vec<u8>,
}

impl<W: Write> Blocks<W> {
    fn new(inner: W) -> Self {
        Self { inner, block: Vec::with_capacity(BLOCK) }
    }
}

impl Blocks<GzEncoder<Hashing<Vec<u8>>>> {
    fn finish(mut self) -> io::Result<Hashing<Vec<u8>>> {
        self.inner.write_all(&self.block)?;
        self.inner.finish()
    }
}

impl<W: Write> Write for Blocks<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK {
            self.inner.write_all(&self.block)?;
            self.block.clear();
        }
        Ok(taken)
    }

    /// Does nothing: a flush would end a block early.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
