//! References on the command line: reads what they name, and combines it.

use std::path::Path;

use anyhow::{Context as _, bail};
use olm_catalog::catalog::{Catalog, MigrateLevel, Scan, read_text};
use olm_catalog::files;
use olm_catalog::limits::FILE_BYTES;
use olm_catalog::render::{self, ImageTemplate, Renderer};

use crate::client::Registry;
use crate::output;

/// The blobs of catalogs and bundles: files, folders, images, and `-` for standard input.
pub(crate) fn read(
    references: &[String],
    registry: &Registry,
    level: MigrateLevel,
    image: Option<ImageTemplate>,
) -> anyhow::Result<Catalog> {
    let renderer = Renderer {
        level,
        image,
        pull: &|reference| {
            let _progress = registry.progress(reference)?;
            render::pull(registry.client()?, reference, &output::warn_passed_over)
        },
        tell: &output::warn_passed_over,
    };
    let mut catalog = Catalog::default();
    for reference in references {
        catalog.merge(match reference.as_str() {
            "-" => renderer.finish(read_stdin()?, "standard input")?,
            _ => renderer.render(reference)?,
        });
    }
    Ok(catalog)
}

/// The same for a single reference.
pub(crate) fn read_one(reference: &String, registry: &Registry) -> anyhow::Result<Catalog> {
    read(std::slice::from_ref(reference), registry, MigrateLevel::None, None)
}

/// The same for verbs that show packages and channels, which a bundle alone does not have.
pub(crate) fn read_catalog(references: &[String], registry: &Registry) -> anyhow::Result<Scan> {
    let catalog = read(references, registry, MigrateLevel::None, None)?;
    if catalog.packages.is_empty() && catalog.channels.is_empty() {
        let what = references.join(", ");
        bail!("{what} has no packages and no channels\nhelp: name a catalog's file, folder or image, not a bundle's");
    }
    Ok(Scan { catalog, ..Scan::default() })
}

fn read_stdin() -> anyhow::Result<Catalog> {
    let text = files::read_from(std::io::stdin(), &FILE_BYTES).context("cannot read standard input")?;
    let Scan { catalog, bad, .. } = read_text(&text, Path::new("standard input"));
    bad.into_iter().next().map_or(Ok(catalog), |bad| Err(bad.into()))
}
