//! Bytes with a media type and a digest, in memory or in a file.

use std::io::{self, Cursor, Read};
use std::path::PathBuf;

use bytes::Bytes;
use serde::Serialize;

use super::spec::Descriptor;
use super::{Digest, Error, Hashing};
use crate::files;
use crate::limits::BLOB_BYTES;

/// Bytes with a media type and a digest. Clones share them.
#[derive(Clone, Debug)]
pub struct Blob {
    descriptor: Descriptor,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Memory(Bytes),
    File(PathBuf),
}

impl Blob {
    /// Bytes in memory.
    #[must_use]
    pub fn new(media_type: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::hashed(media_type, Digest::of(&bytes), bytes)
    }

    /// Bytes in memory whose digest is known.
    pub(super) fn hashed(media_type: &str, digest: Digest, bytes: impl Into<Bytes>) -> Self {
        let (media_type, bytes) = (media_type.to_owned(), bytes.into());
        let descriptor = Descriptor { media_type, digest, size: bytes.len() as u64, platform: None, annotations: None };
        Self { descriptor, content: Content::Memory(bytes) }
    }

    /// A value as compact JSON.
    pub(super) fn json(media_type: &str, value: &impl Serialize) -> Self {
        let text = serde_json::to_vec(value).expect("the structs of the image format are JSON");
        Self::new(media_type, text)
    }

    /// A file whose digest is known; see [`Self::verify`].
    pub(super) fn file(descriptor: Descriptor, path: PathBuf) -> Self {
        Self { descriptor, content: Content::File(path) }
    }

    /// Its media type, digest and size.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.descriptor.digest
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.descriptor.size
    }

    /// Its bytes, one after another.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, Error> {
        match &self.content {
            Content::Memory(bytes) => Ok(Box::new(Cursor::new(bytes.clone()))),
            Content::File(path) => match files::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(source) => Err(Error::Read { path: path.clone(), source }),
            },
        }
    }

    /// All its bytes at once, for the small ones.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn bytes(&self) -> Result<Bytes, Error> {
        match &self.content {
            Content::Memory(bytes) => Ok(bytes.clone()),
            Content::File(path) => match files::read(path, &BLOB_BYTES) {
                Ok(bytes) => Ok(bytes.into()),
                Err(source) => Err(Error::Read { path: path.clone(), source }),
            },
        }
    }

    /// Checks the contents of a file against its digest.
    ///
    /// # Errors
    /// A file that cannot be read, or has other contents.
    pub fn verify(&self) -> Result<(), Error> {
        let Content::File(path) = &self.content else { return Ok(()) };
        let mut file = Hashing::new(self.open()?);
        // One byte more shows that the file is too long.
        io::copy(&mut (&mut file).take(self.size().saturating_add(1)), &mut io::sink())
            .map_err(|source| Error::Read { path: path.clone(), source })?;
        let (_, digest, size) = file.finish();
        if (&digest, size) == (self.digest(), self.size()) {
            return Ok(());
        }
        Err(Error::Damaged { path: path.clone(), digest: self.digest().clone() })
    }
}
