//! The programs of a published image, for use in images that are built.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use super::pull::{temporary, until};
use super::{Client, Error, Reference};
use crate::image::spec::{Index, Manifest};
use crate::image::{self, Platform, ProgramLayer, Repository};

impl Client {
    /// Pulls the layer with the program from the image of `catalog` itself, or of a catalog, for each wanted platform;
    /// without wanted ones, for all that the image has.
    ///
    /// # Errors
    /// Those of [`Self::pull`], an image without one of the platforms, and an image whose first
    /// layer contains something else.
    pub fn programs(
        &self,
        reference: &Reference,
        wanted: Option<&BTreeSet<Platform>>,
    ) -> Result<BTreeMap<Platform, ProgramLayer>, Error> {
        let connection = self.connection(&Repository::from(reference))?;
        let (about, until) = (reference.to_string(), until());
        let unsupported = |why: String| Error::Unsupported { reference: about.clone(), why };
        let (top, _) = connection.cached_manifest(reference, &about, until)?;
        let mut manifests = Vec::new();
        if top.get("manifests").is_some() {
            let index: Index = connection.parsed(&about, top)?;
            for entry in &index.manifests {
                let Some(platform) = entry.platform.as_ref().and_then(Platform::of) else { continue };
                if wanted.is_none_or(|wanted| wanted.contains(&platform)) {
                    let name = connection.about(&entry.digest);
                    let pinned = connection.repository.pinned(&entry.digest);
                    manifests.push((Some(platform), connection.cached_manifest(&pinned, &name, until)?.0));
                }
            }
        } else {
            manifests.push((None, top));
        }
        let mut found = BTreeMap::new();
        for (listed, manifest) in manifests {
            let Manifest { layers, .. } = connection.parsed(&about, manifest)?;
            let layer = layers.first().ok_or_else(|| unsupported("it has no layers".to_owned()))?;
            let limit = self.options.max_download.min(crate::limits::BLOB_BYTES.get());
            if layer.size > limit {
                return Err(Error::TooLarge { reference: about, what: "the layer with its program", limit });
            }
            let mut bytes = Vec::new();
            connection
                .download(layer, until)?
                .read_to_end(&mut bytes)
                .map_err(|error| temporary(error, &std::env::temp_dir()))?;
            let program = ProgramLayer::read(bytes).map_err(|error| unsupported(error.to_string()))?;
            if let Some(wanted) = listed.filter(|listed| *listed != program.platform()) {
                let what = format!("the one that {about} lists for {wanted}");
                return Err(image::Error::OtherPlatform { what, found: program.platform(), wanted }.into());
            }
            found.entry(program.platform()).or_insert(program);
        }
        let missing: Vec<_> = wanted.into_iter().flatten().filter(|platform| !found.contains_key(platform)).collect();
        if let Some(missing) = missing.first() {
            return Err(unsupported(format!("it has no program for {missing}")));
        }
        if found.is_empty() {
            return Err(unsupported("it has no program for a supported platform".to_owned()));
        }
        found.retain(|platform, _| wanted.is_none_or(|wanted| wanted.contains(platform)));
        Ok(found)
    }
}
