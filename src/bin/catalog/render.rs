//! `catalog render`: catalogs and bundles to the blobs of a file-based catalog.

use std::path::Path;

use anyhow::Context as _;
use olm_catalog::catalog::{Catalog, Scan, read_text};
use olm_catalog::files;
use olm_catalog::limits::FILE_BYTES;
use olm_catalog::render::{ImageTemplate, Renderer};

use crate::Outcome;
use crate::client::Registry;
use crate::output::{self, Format, Migrate};
use crate::source;

/// Print the file-based catalog of catalogs and bundles.
///
/// A reference is a catalog's file or folder, a bundle's folder, an image of either, or `-` for standard input. All are
/// put together and printed package by package, so that the same blobs are always the same text.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog file or folder, a bundle folder, a catalog or bundle image, or `-`.
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    migrate: Migrate,
    /// The image reference of bundle folders, with {{.Package}}, {{.Name}} and {{.Version}} in it. Without it, the
    /// catalog holds the bundle's objects in place of an image.
    #[arg(long, value_name = "TEMPLATE")]
    image_ref_template: Option<ImageTemplate>,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
EXAMPLES:
  catalog render catalog                           the whole catalog, in canonical order
  catalog render -o json bundles/demo/1.0.0        one bundle, with its objects
  catalog render --migrate-level all catalog       with olm.csv.metadata in place of the objects
  catalog render quay.io/example/demo-bundle:v1    a bundle image
  catalog render --image-ref-template 'registry.example.com/{{.Package}}:v{{.Version}}' bundles/demo/1.0.0";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let renderer = Renderer {
            level: self.migrate.level,
            image: self.image_ref_template,
            pull: &|reference| source::pull(&self.registry, reference),
            tell: &output::warn_passed_over,
        };
        let mut catalog = Catalog::default();
        for reference in &self.references {
            catalog.merge(match reference.as_str() {
                "-" => renderer.finish(read_stdin()?, "standard input")?,
                _ => renderer.render(reference)?,
            });
        }
        self.format.print(&catalog)?;
        Ok(Outcome::Done)
    }
}

fn read_stdin() -> anyhow::Result<Catalog> {
    let text = files::read_from(std::io::stdin(), &FILE_BYTES).context("cannot read standard input")?;
    let Scan { catalog, bad, .. } = read_text(&text, Path::new("standard input"));
    bad.into_iter().next().map_or(Ok(catalog), |bad| Err(bad.into()))
}
