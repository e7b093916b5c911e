//! Images in a folder: the OCI image layout.
//!
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md>

mod stage;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::spec::{Descriptor, Index, Manifest, MediaType};
use super::{Blob, Digest, Error, Image, PlatformImage};
use crate::files;

pub use stage::Staged;

/// A folder of images.
#[derive(Clone, Debug)]
pub struct Layout {
    folder: PathBuf,
    index: Index,
}

/// The file that identifies a layout, and its contents.
const MARK: &str = "oci-layout";
const MARK_TEXT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
/// The file that lists the images.
const INDEX: &str = "index.json";
/// The folder of the blobs.
const BLOBS: &str = "blobs/sha256";
/// The file that exists while a build is running. The build locks it.
const UNFINISHED: &str = ".unfinished";
/// Its contents while the catalog folder and the layout may be from different builds.
const SWITCHING: &str = "switching";
/// The size limit of an index, a manifest or a configuration: registries do not accept larger manifests.
const MAX_JSON: u64 = 4 << 20;

impl Layout {
    /// Reads a layout's index.
    ///
    /// # Errors
    /// A folder that is not a layout.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        if files::read_small(&folder.join(UNFINISHED), MAX_JSON).is_ok_and(|text| text == SWITCHING.as_bytes()) {
            let why = "a build was killed while it moved its result into place; run `catalog build` again".to_owned();
            return Err(Error::NoLayout { path: folder.to_owned(), why });
        }
        Self::open_unfinished(folder)
    }

    /// The same, even if a build was killed.
    pub(crate) fn open_unfinished(folder: &Path) -> Result<Self, Error> {
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
    /// Files that are missing or damaged, and a manifest that is not an image manifest.
    pub fn image(&self, descriptor: &Descriptor) -> Result<Image, Error> {
        let bare = Descriptor { annotations: None, platform: None, ..descriptor.clone() };
        let (manifest, bytes) = self.small(bare)?;
        let path = self.path(manifest.digest());
        let Manifest { config, layers, .. } = serde_json::from_slice(&bytes)
            .map_err(|error| Error::NoLayout { path, why: format!("it is not an image manifest: {error}") })?;
        let layers = layers.into_iter().map(|layer| self.blob(layer)).collect();
        Ok(Image { manifest, config: self.small(config)?.0, layers })
    }

    /// The same for an image that may be an index of images for several platforms.
    ///
    /// # Errors
    /// Those of [`Self::image`], for each of its images.
    pub fn platform_image(&self, descriptor: &Descriptor) -> Result<PlatformImage, Error> {
        if descriptor.media_type != MediaType::INDEX {
            return Ok(self.image(descriptor)?.into());
        }
        let (index, bytes) = self.small(Descriptor { annotations: None, ..descriptor.clone() })?;
        let bad = |why: String| Error::NoLayout { path: self.path(index.digest()), why };
        let Index { manifests, .. } =
            serde_json::from_slice(&bytes).map_err(|error| bad(format!("it is not an image index: {error}")))?;
        if manifests.is_empty() {
            return Err(bad("it lists no images".to_owned()));
        }
        let images = manifests.iter().map(|entry| self.image(entry)).collect::<Result<_, _>>()?;
        Ok(PlatformImage { images, index: Some(index) })
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(BLOBS).join(digest.hex())
    }

    fn blob(&self, descriptor: Descriptor) -> Blob {
        let path = self.path(&descriptor.digest);
        Blob::file(descriptor, path)
    }

    /// A blob in memory, and its bytes.
    fn small(&self, descriptor: Descriptor) -> Result<(Blob, Vec<u8>), Error> {
        let path = self.path(&descriptor.digest);
        let bytes = read_small(&path)?;
        if Digest::of(&bytes) != descriptor.digest {
            return Err(Error::Damaged { path, digest: descriptor.digest });
        }
        Ok((Blob::hashed(&descriptor.media_type, descriptor.digest, bytes.clone()), bytes))
    }
}

fn read_small(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    files::open(path).map_err(failed)?.take(MAX_JSON + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_JSON {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "it is larger than 4 MiB")));
    }
    Ok(bytes)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    serde_json::from_slice(&read_small(path)?)
        .map_err(|error| Error::NoLayout { path: path.to_owned(), why: error.to_string() })
}
