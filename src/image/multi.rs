//! Images for several platforms.

use super::spec::{Index, MediaType};
use super::{Blob, Digest, Error, Image};

/// Something with one digest in a registry: an image, or an index of images.
pub trait Artifact: Sync {
    /// The manifest or the index, whose digest names it.
    fn top(&self) -> &Blob;

    /// The images: itself, or those of the index.
    fn images(&self) -> &[Image];

    /// The blobs of the images, without their manifests. Images may share some.
    fn blobs(&self) -> Box<dyn Iterator<Item = &Blob> + '_> {
        Box::new(self.images().iter().flat_map(Image::parts))
    }

    /// Everything: the blobs, the manifests, and the index last.
    fn everything(&self) -> Box<dyn Iterator<Item = &Blob> + '_> {
        let manifests = self.images().iter().map(Image::manifest);
        let index = Some(self.top()).filter(|top| self.images().iter().all(|image| image.digest() != top.digest()));
        Box::new(self.blobs().chain(manifests).chain(index))
    }
}

impl Artifact for Image {
    fn top(&self) -> &Blob {
        self.manifest()
    }

    fn images(&self) -> &[Image] {
        std::slice::from_ref(self)
    }
}

/// An image for one platform, or an index with one image for each of several.
#[derive(Clone, Debug)]
pub struct PlatformImage {
    pub(super) images: Vec<Image>,
    pub(super) index: Option<Blob>,
}

impl PlatformImage {
    /// An index of images that this module built, for different platforms. The only image stays as it is.
    ///
    /// # Errors
    /// No image, several for one platform, and a configuration that this module did not write.
    pub fn new(images: Vec<Image>) -> Result<Self, Error> {
        match images.len() {
            0 => Err(Error::Platforms { why: "it has no image".to_owned() }),
            1 => Ok(Self { images, index: None }),
            _ => Self::indexed(images),
        }
    }

    fn indexed(images: Vec<Image>) -> Result<Self, Error> {
        let mut manifests = Vec::new();
        for image in &images {
            let platform = image.platform()?;
            let mut entry = image.manifest().descriptor().clone();
            entry.annotations = None;
            if manifests.iter().any(|other: &super::spec::Descriptor| other.platform.as_ref() == Some(&platform)) {
                let why = format!("two of its images are for {}/{}", platform.os, platform.architecture);
                return Err(Error::Platforms { why });
            }
            entry.platform = Some(platform);
            manifests.push(entry);
        }
        let index = Blob::json(MediaType::INDEX, &Index::new(manifests));
        Ok(Self { images, index: Some(index) })
    }

    /// The digest in references: that of the index, or of the only image.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        self.top().digest()
    }

    /// Whether it is an index.
    #[must_use]
    pub fn is_index(&self) -> bool {
        self.index.is_some()
    }

    /// The same with all its images changed.
    ///
    /// # Errors
    /// Those of the change, and a configuration that this module did not write.
    pub fn map(&self, change: impl Fn(&Image) -> Result<Image, Error>) -> Result<Self, Error> {
        let images = self.images.iter().map(change).collect::<Result<Vec<_>, _>>()?;
        if self.is_index() { Self::indexed(images) } else { Ok(Self { images, index: None }) }
    }

    /// The bytes that a registry stores for it, without manifests. Shared layers count once.
    #[must_use]
    pub fn size(&self) -> u64 {
        let sizes: std::collections::BTreeMap<_, _> = self.blobs().map(|blob| (blob.digest(), blob.size())).collect();
        sizes.values().sum()
    }
}

impl Artifact for PlatformImage {
    fn top(&self) -> &Blob {
        // Without an index there is exactly one image.
        self.index.as_ref().unwrap_or_else(|| self.images[0].manifest())
    }

    fn images(&self) -> &[Image] {
        &self.images
    }
}

impl From<Image> for PlatformImage {
    fn from(image: Image) -> Self {
        Self { images: vec![image], index: None }
    }
}
