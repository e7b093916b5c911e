//! `catalog render`: catalogs and bundles to the blobs of a file-based catalog.

use olm_catalog::render::ImageTemplate;

use crate::client::Registry;
use crate::output::{Format, Migrate};
use crate::{Outcome, references};

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
        let catalog = references::read(&self.references, &self.registry, self.migrate.level, self.image_ref_template)?;
        self.format.print(&catalog)?;
        Ok(Outcome::Done)
    }
}
