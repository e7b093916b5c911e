//! Changes the repository in a catalog image's references to its bundles.

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::GzDecoder;

use super::{CatalogLayout, Error};
use crate::image::{Artifact as _, CONFIGS, Entry, PlatformImage, Repository, configs_layer};
use crate::limits::CATALOG_BYTES;

impl CatalogLayout {
    /// The catalog's image with `repository` in its references to its bundles. Only those references change, and the
    /// order stays the same. The bundles' digests stay; the catalog's digest changes with its references.
    ///
    /// # Errors
    /// A catalog's image that this program did not build, or that cannot be read.
    pub fn relocated(&self, repository: &Repository) -> Result<PlatformImage, Error> {
        if *repository == self.repository {
            return Ok(self.catalog.clone());
        }
        let digests = self.bundles.iter().map(|bundle| bundle.image.digest().hex()).collect();
        let files = configs(&self.catalog)?;
        let entries = files.into_iter().map(|(path, bytes)| {
            let bytes = match String::from_utf8(bytes) {
                Ok(text) => replaced(&text, &self.repository, repository, &digests).into_bytes(),
                Err(binary) => binary.into_bytes(),
            };
            Entry::file(path, bytes)
        });
        let layer = configs_layer(entries)?;
        Ok(self.catalog.map(|image| image.with_last_layer(layer.clone()))?)
    }
}

/// The catalog's files. The last layer contains nothing else, and is the same for all platforms.
fn configs(catalog: &PlatformImage) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let bad = |why: String| Error::Configs { why };
    let mut last = catalog.images().iter().map(|image| image.layers().last());
    let layer = last.next().flatten().ok_or_else(|| bad("it has no layers".into()))?;
    if last.any(|other| other.is_none_or(|other| other.digest() != layer.digest())) {
        return Err(bad("its platforms have different catalogs".into()));
    }
    layer.verify()?;
    let mut archive = tar::Archive::new(GzDecoder::new(layer.open()?));
    let unread = |error: std::io::Error| bad(format!("its last layer cannot be read: {error}"));
    let (mut files, mut left) = (Vec::new(), CATALOG_BYTES.get());
    for entry in archive.entries().map_err(unread)? {
        let entry = entry.map_err(unread)?;
        if entry.header().entry_type().is_dir() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let within = path.strip_prefix(CONFIGS).and_then(|path| path.strip_prefix('/'));
        let (Some(within), true) = (within, entry.header().entry_type().is_file()) else {
            return Err(bad(format!("its last layer contains {path}, which is not a file of the catalog")));
        };
        let mut bytes = Vec::new();
        entry.take(left.saturating_add(1)).read_to_end(&mut bytes).map_err(unread)?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| bad(format!("the files of its last layer are too large: {}", CATALOG_BYTES.exceeded())))?;
        files.push((within.to_owned(), bytes));
    }
    Ok(files)
}

/// Replaces the repository in references to these digests.
fn replaced(text: &str, from: &Repository, to: &Repository, digests: &BTreeSet<&str>) -> String {
    let (from, to) = (from.to_string(), to.to_string());
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, pinned) in text.match_indices(&format!("{from}@sha256:")) {
        // A match at the end of a longer name, such as that of a mirror, is another reference.
        let longer = text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c));
        let digest = text.get(start + pinned.len()..start + pinned.len() + 64);
        if !longer && digest.is_some_and(|digest| digests.contains(digest)) {
            out.push_str(&text[done..start]);
            // In YAML, an IPv6 address in brackets would begin a list unless it is quoted.
            let is_bare = to.starts_with('[') && [": ", "- "].iter().any(|before| text[..start].ends_with(before));
            let quote = if is_bare { "\"" } else { "" };
            out.push_str(quote);
            out.push_str(&to);
            let end = start + pinned.len() + 64;
            out.push_str(&text[start + from.len()..end]);
            out.push_str(quote);
            done = end;
        }
    }
    out.push_str(&text[done..]);
    out
}
