//! Pushes a catalog and its bundles to a registry.

use std::collections::BTreeSet;

use super::{BundleImage, CatalogLayout, Error};
use crate::image::{Artifact, Digest, Repository};
use crate::registry::{Client, Progress, Reference, Uploaded};

/// What was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The catalog's image.
    pub catalog: PushedImage,
    /// The bundles' images, in the order of the layout.
    pub bundles: Vec<PushedImage>,
    /// The repository that the built catalog's references named, if the pushed one's differ.
    pub relocated_from: Option<Repository>,
}

/// A pushed image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedImage {
    /// Its reference by tag.
    pub reference: Reference,
    /// Its digest.
    pub digest: Digest,
    /// The number of its blobs and manifests that were sent.
    pub sent: usize,
    /// The number of those that the registry already had.
    pub skipped: usize,
    /// The image that had the tag before, if it was another one.
    pub replaced: Option<Digest>,
}

/// Pushes one image, and tags it once all of it is uploaded.
///
/// # Errors
/// A target without a tag, a registry that cannot be reached, refuses or fails.
pub fn push_image(
    client: &Client,
    target: &Reference,
    image: &dyn Artifact,
    progress: Progress<'_>,
) -> Result<PushedImage, Error> {
    let tag = tag_of(target)?;
    let place = Repository::from(target);
    let uploaded = client.upload(&place, &[image], progress)?;
    let before = client.tag(&place, &[(image, tag)])?.pop().flatten();
    Ok(summary(&place, image, tag, before, &uploaded))
}

fn tag_of(target: &Reference) -> Result<&str, Error> {
    match (target.tag.as_deref(), &target.digest) {
        (Some(tag), None) => Ok(tag),
        _ => Err(Error::Target { target: target.to_string() }),
    }
}

impl CatalogLayout {
    /// Pushes the bundles' images and then the catalog's. Everything is uploaded before anything is tagged, and the
    /// catalog's tag is the last one: a failure before that leaves the tags unchanged.
    ///
    /// The catalog's references are changed to `repository`, or to the target's repository if none is given, whatever
    /// they named when it was built. The bundles are checked to exist there.
    ///
    /// # Errors
    /// A target without a tag, a layout that cannot be read, a registry that cannot be reached, refuses or fails, and
    /// a `repository` that lacks a bundle.
    pub fn push(
        &self,
        client: &Client,
        target: &Reference,
        repository: Option<&Repository>,
        progress: Progress<'_>,
    ) -> Result<Pushed, Error> {
        let tag = tag_of(target)?;
        let place = Repository::from(target);
        let named = repository.unwrap_or(&place);
        let catalog = self.relocated(named)?;

        let images: Vec<&dyn Artifact> = self.bundles.iter().map(|bundle| &bundle.image as &dyn Artifact).collect();
        let mut uploaded = client.upload(&place, &images, progress)?;
        if *named != place {
            self.check_bundles(client, named)?;
        }
        uploaded += client.upload(&place, &[&catalog], progress)?;

        let tags: Vec<String> = self.bundles.iter().map(BundleImage::tag).collect();
        let tagged: Vec<_> = images.iter().copied().zip(tags.iter().map(String::as_str)).collect();
        let replaced = client.tag(&place, &tagged)?;
        let pushed =
            |image: &dyn Artifact, tag: &str, before: Option<Digest>| summary(&place, image, tag, before, &uploaded);
        let bundles = tagged.iter().zip(replaced).map(|((image, tag), before)| pushed(*image, tag, before)).collect();
        let before = client.tag(&place, &[(&catalog, tag)])?.pop().flatten();
        let relocated_from = Some(self.repository.clone()).filter(|built| built != named && !images.is_empty());
        Ok(Pushed { catalog: pushed(&catalog, tag, before), bundles, relocated_from })
    }

    /// Checks that a repository has every bundle.
    fn check_bundles(&self, client: &Client, repository: &Repository) -> Result<(), Error> {
        let mut missing = Vec::new();
        for bundle in &self.bundles {
            if !client.has(repository, bundle.image.digest())? {
                missing.push(format!("{} ({})", bundle.tag(), bundle.image.digest()));
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Error::Dangling { repository: repository.clone(), missing }) }
    }
}

fn summary(
    place: &Repository,
    image: &dyn Artifact,
    tag: &str,
    before: Option<Digest>,
    uploaded: &Uploaded,
) -> PushedImage {
    // The same layer can occur twice in an image. It is one blob.
    let blobs: BTreeSet<&Digest> = image.everything().map(|blob| blob.digest()).collect();
    let sent = blobs.iter().filter(|digest| uploaded.sent.contains(**digest)).count();
    PushedImage {
        reference: place.tagged(tag),
        digest: image.top().digest().clone(),
        sent,
        skipped: blobs.len() - sent,
        replaced: before.filter(|before| before != image.top().digest()),
    }
}
