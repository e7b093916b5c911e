//! Images in a folder: the OCI image layout.
//!
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md>

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::spec::{Descriptor, Index, Manifest};
use super::{Blob, Digest, Error, Hashing, Image};
use crate::files;
use crate::temporary::Noted;

/// A folder of images.
#[derive(Clone, Debug)]
pub struct Layout {
    folder: PathBuf,
    index: Index,
}

/// The file that makes a folder a layout, and what it says.
const MARK: &str = "oci-layout";
const MARK_TEXT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
/// The file that lists the images.
const INDEX: &str = "index.json";
/// The folder of the blobs.
const BLOBS: &str = "blobs/sha256";
/// What files are called while they are written.
const PARTIAL: &str = ".partial-";
/// The most that an index, a manifest or a configuration takes: registries take no larger manifests.
const MAX_JSON: u64 = 4 << 20;

impl Layout {
    /// Writes images, each with the annotations of its entry in the index, in place of what the layout held.
    ///
    /// The index is written last and at once: whoever is interrupted before, or runs out of disk, leaves the older
    /// layout as it was. Blobs that nothing needs any more are removed after that.
    ///
    /// # Errors
    /// A folder that holds something else, and files that cannot be read or written.
    pub fn write(folder: &Path, images: &[(&Image, BTreeMap<String, String>)]) -> Result<Self, Error> {
        Self::stage(folder, images)?.switch()
    }

    /// The first part of [`Self::write`], which takes long and may run out of disk: after it the layout still is the older
    /// one.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn stage(folder: &Path, images: &[(&Image, BTreeMap<String, String>)]) -> Result<Staged, Error> {
        let blobs = folder.join(BLOBS);
        prepare(folder)?;
        fs::create_dir_all(&blobs).map_err(|source| Error::Write { path: blobs.clone(), source })?;
        write_file(&folder.join(MARK), MARK_TEXT.as_bytes())?;
        let mut needed = BTreeSet::new();
        let mut index = Index::new(Vec::new());
        for (image, annotations) in images {
            for blob in image.parts().chain([image.manifest()]) {
                if needed.insert(blob.digest().hex().to_owned()) {
                    write_blob(&blobs, blob)?;
                }
            }
            let mut entry = image.manifest().descriptor().clone();
            entry.annotations = Some(annotations.clone()).filter(|annotations| !annotations.is_empty());
            index.manifests.push(entry);
        }
        let json = serde_json::to_vec_pretty(&index).expect("an index is JSON");
        Ok(Staged { layout: Self { folder: folder.to_owned(), index }, json, needed })
    }

    /// Reads a layout's index.
    ///
    /// # Errors
    /// A folder that is no layout.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        if !folder.join(MARK).is_file() {
            let why = format!("it has no file {MARK}; `catalog build` writes one");
            return Err(Error::NoLayout { path: folder.to_owned(), why });
        }
        let index = read_json(&folder.join(INDEX))?;
        Ok(Self { folder: folder.to_owned(), index })
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The manifests of its images, with their annotations.
    #[must_use]
    pub fn manifests(&self) -> &[Descriptor] {
        &self.index.manifests
    }

    /// One of its images. The manifest and the configuration are read and checked; layers are read later, and
    /// checked by [`Blob::verify`].
    ///
    /// # Errors
    /// Files that are missing or damaged, and a manifest that is no image's.
    pub fn image(&self, descriptor: &Descriptor) -> Result<Image, Error> {
        let bare = Descriptor { annotations: None, ..descriptor.clone() };
        let (manifest, bytes) = self.small(bare)?;
        let path = self.path(manifest.digest());
        let Manifest { config, layers, .. } = serde_json::from_slice(&bytes)
            .map_err(|error| Error::NoLayout { path, why: format!("it is not an image manifest: {error}") })?;
        let layers = layers.into_iter().map(|layer| self.blob(layer)).collect();
        Ok(Image { manifest, config: self.small(config)?.0, layers })
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(BLOBS).join(digest.hex())
    }

    fn blob(&self, descriptor: Descriptor) -> Blob {
        let path = self.path(&descriptor.digest);
        Blob::file(descriptor, path)
    }

    /// A blob that is held in memory, and its bytes.
    fn small(&self, descriptor: Descriptor) -> Result<(Blob, Vec<u8>), Error> {
        let path = self.path(&descriptor.digest);
        let bytes = read_small(&path)?;
        if Digest::of(&bytes) != descriptor.digest {
            return Err(Error::Damaged { path, digest: descriptor.digest });
        }
        Ok((Blob::hashed(&descriptor.media_type, descriptor.digest, bytes.clone()), bytes))
    }
}

/// A layout whose blobs are there, and whose index is not yet.
#[derive(Debug)]
pub struct Staged {
    layout: Layout,
    json: Vec<u8>,
    needed: BTreeSet<String>,
}

impl Staged {
    /// Makes it the folder's layout.
    ///
    /// # Errors
    /// Files that cannot be written or removed.
    pub fn switch(self) -> Result<Layout, Error> {
        let folder = self.layout.folder();
        write_file(&folder.join(INDEX), &self.json)?;
        remove_unneeded(&folder.join(BLOBS), &self.needed)?;
        Ok(self.layout)
    }
}

/// Refuses a folder that holds anything but a layout: the blobs of a layout are removed when nothing needs them.
fn prepare(folder: &Path) -> Result<(), Error> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(Error::Read { path: folder.to_owned(), source }),
    };
    if entries.next().is_none() || folder.join(MARK).is_file() {
        return Ok(());
    }
    let why = "it holds other files, and is left alone; name another folder or an empty one".to_owned();
    Err(Error::NoLayout { path: folder.to_owned(), why })
}

/// Writes a file under another name, and gives it its own when it is whole.
fn replace(path: &Path, write: impl FnOnce(&mut fs::File) -> Result<(), Error>) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(PARTIAL);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    let _noted = Noted::new(file.path());
    write(file.as_file_mut())?;
    // What has its name is whole, whatever happens to the machine.
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    files::sync_folder(folder).map_err(failed)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace(path, |file| file.write_all(bytes).map_err(|source| Error::Write { path: path.to_owned(), source }))
}

fn write_blob(blobs: &Path, blob: &Blob) -> Result<(), Error> {
    let path = blobs.join(blob.digest().hex());
    let mut from = Hashing::new(blob.open()?);
    replace(&path, |file| {
        io::copy(&mut from, file).map_err(|source| Error::Write { path: path.clone(), source })?;
        let (_, digest, _) = from.finish();
        if digest == *blob.digest() {
            Ok(())
        } else {
            Err(Error::Damaged { path: path.clone(), digest: blob.digest().clone() })
        }
    })
}

fn remove_unneeded(blobs: &Path, needed: &BTreeSet<String>) -> Result<(), Error> {
    let failed = |source| Error::Write { path: blobs.to_owned(), source };
    for entry in fs::read_dir(blobs).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let blob = format!("sha256:{name}").parse::<Digest>().is_ok() && !needed.contains(&*name);
        if blob || name.starts_with(PARTIAL) {
            fs::remove_file(entry.path()).map_err(|source| Error::Write { path: entry.path(), source })?;
        }
    }
    Ok(())
}

fn read_small(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(failed)?.take(MAX_JSON + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_JSON {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "it is larger than 4 MiB")));
    }
    Ok(bytes)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    serde_json::from_slice(&read_small(path)?)
        .map_err(|error| Error::NoLayout { path: path.to_owned(), why: error.to_string() })
}
