//! OCI images, built without a container engine, and the OCI layout that stores them on disk.
//!
//! The same files give the same image, byte for byte, on any machine and at any time: entries are sorted, times are
//! zero, owners are root, and the compressor is the one that `Cargo.lock` pins. An image's digest is therefore known
//! before anything is written or pushed, and a catalog can pin its bundles by digest before they exist anywhere.
//!
//! 1. [`layer`]: builds a layer from files.
//! 2. [`Image`]: an image of layers and a configuration; [`bundle_image`] and [`catalog_image`] make the two kinds that
//!    OLM uses. [`PlatformImage`]: an index of images for several platforms.
//! 3. [`Layout`]: writes images to a folder, and reads them back.
//!
//! The formats: <https://github.com/opencontainers/image-spec/blob/v1.1.1/spec.md>.

mod blob;
mod bundle;
mod catalog;
mod error;
mod layer;
mod layout;
mod multi;
mod platform;
mod program;
mod program_layer;
mod repository;
pub mod spec;

pub use crate::digest::{BadDigest, Digest, Hashing};
pub use blob::Blob;
pub use bundle::{ANNOTATIONS, LABELS, PACKAGE_LABEL, bundle_image};
pub use catalog::{
    CONFIGS, CONFIGS_LABEL, OPERATORS_LABEL, TITLE_LABEL, VENDOR_LABEL, catalog_image, configs_layer,
    platform_catalog_image, program_image,
};
pub use error::Error;
pub use layer::{Entry, Layer, layer};
pub use layout::{Layout, Staged};
pub use multi::{Artifact, PlatformImage};
pub use platform::{BadPlatform, Platform};
pub use program::Program;
pub use program_layer::ProgramLayer;
pub use repository::{BadRepository, Repository};

use spec::{ImageConfig, MediaType, RootFs};

/// An image for one platform: its manifest, its configuration and its layers.
#[derive(Clone, Debug)]
pub struct Image {
    manifest: Blob,
    config: Blob,
    layers: Vec<Blob>,
}

impl Image {
    /// An image of layers, the lowest first. The configuration's list of layers is filled in.
    #[must_use]
    pub fn new(mut config: ImageConfig, layers: Vec<Layer>) -> Self {
        config.rootfs = RootFs::of(layers.iter().map(|layer| layer.diff_id.clone()));
        Self::assembled(&config, layers.into_iter().map(|layer| layer.blob).collect())
    }

    /// The image with another last layer. Only for images that this module built: additional fields in a foreign
    /// configuration would be lost.
    ///
    /// # Errors
    /// A configuration that this module did not write.
    pub fn with_last_layer(&self, layer: Layer) -> Result<Self, Error> {
        let mut config: ImageConfig = serde_json::from_slice(&self.config.bytes()?).map_err(Error::Config)?;
        let mut layers = self.layers.clone();
        config.rootfs.diff_ids.pop();
        config.rootfs.diff_ids.push(layer.diff_id);
        layers.pop();
        layers.push(layer.blob);
        Ok(Self::assembled(&config, layers))
    }

    /// The image with further labels. Only for images that this module built, as with [`Self::with_last_layer`].
    ///
    /// # Errors
    /// A configuration that this module did not write.
    pub fn with_labels(&self, labels: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        let mut config: ImageConfig = serde_json::from_slice(&self.config.bytes()?).map_err(Error::Config)?;
        config.config.labels.extend(labels);
        Ok(Self::assembled(&config, self.layers.clone()))
    }

    /// The platform that its configuration names. Only for images that this module built, as with
    /// [`Self::with_last_layer`].
    ///
    /// # Errors
    /// A configuration that this module did not write.
    pub fn platform(&self) -> Result<spec::Platform, Error> {
        let ImageConfig { architecture, os, .. } =
            serde_json::from_slice(&self.config.bytes()?).map_err(Error::Config)?;
        Ok(spec::Platform { architecture, os })
    }

    fn assembled(config: &ImageConfig, layers: Vec<Blob>) -> Self {
        let config = Blob::json(MediaType::CONFIG, config);
        let descriptors = layers.iter().map(|layer| layer.descriptor().clone()).collect();
        let manifest = spec::Manifest::new(config.descriptor().clone(), descriptors);
        Self { manifest: Blob::json(MediaType::MANIFEST, &manifest), config, layers }
    }

    /// The digest in references: that of its manifest.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        self.manifest.digest()
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Blob {
        &self.manifest
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Blob {
        &self.config
    }

    /// The layers, the lowest first.
    #[must_use]
    pub fn layers(&self) -> &[Blob] {
        &self.layers
    }

    /// The blobs that the manifest refers to: the layers and the configuration.
    pub fn parts(&self) -> impl Iterator<Item = &Blob> {
        self.layers.iter().chain([&self.config])
    }
}
