//! Renders a bundle to its blob in a file-based catalog.

use super::{Bundle, Contents, Error};
use crate::catalog;

impl Bundle {
    /// The `olm.bundle` blob of the bundle, as `opm render` renders a bundle image or folder, with its manifests as
    /// `olm.bundle.object` properties ([`catalog::Bundle::migrate`] turns these into `olm.csv.metadata`). `image` is
    /// the reference of the bundle's image. If it is empty, OLM installs from the objects in the catalog.
    ///
    /// # Errors
    /// Those of [`Bundle::contents`], and values in the manifests and metadata that opm would not accept either.
    pub fn render(&self, image: &str) -> Result<catalog::Bundle, Error> {
        self.contents()?.render(image)
    }
}

impl Contents {
    /// As [`Bundle::render`].
    ///
    /// # Errors
    /// Values in the manifests and metadata that opm would not accept either.
    pub fn render(&self, image: &str) -> Result<catalog::Bundle, Error> {
        Ok(catalog::Bundle {
            name: self.name().to_owned(),
            package: self.package.clone(),
            image: image.to_owned(),
            properties: self.all_properties()?,
            related_images: self.related_images(image)?,
            origin: catalog::Origin::default(),
        })
    }
}
