//! `catalog render`: turns catalogs and bundles into the blobs of a file-based catalog.

use olm_catalog::render::ImageTemplate;

use crate::client::Registry;
use crate::output::{Format, Migrate};
use crate::{Outcome, references};

/// Print catalogs and bundles as one file-based catalog.
///
/// A reference is a catalog file or folder, a bundle folder, an image of either, or `-` for standard input. All are
/// combined and printed package by package, so the same blobs always give the same text.
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
    /// The image reference of bundle folders, with the placeholders {{.Package}}, {{.Name}} and {{.Version}}. Without
    /// it, the catalog contains the bundle's objects instead of an image.
    #[arg(long, alias = "alpha-image-ref-template", value_name = "TEMPLATE")]
    image_ref_template: Option<ImageTemplate>,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  Render the whole catalog, in canonical order:
    catalog render catalog

  Render a catalog as YAML, with the same bytes as opm:
    catalog render -o yaml catalog

  Render one bundle, with its objects:
    catalog render bundles/demo/1.0.0

  Render with olm.csv.metadata in place of the objects:
    catalog render --migrate-level all catalog

  Render a bundle image:
    catalog render quay.io/example/demo-bundle:v1

  Render a bundle folder that has an image:
    catalog render --image-ref-template 'registry.example.com/{{.Package}}:v{{.Version}}' bundles/demo/1.0.0";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let catalog =
            references::read(&self.references, &self.registry, self.migrate.level(), self.image_ref_template)?;
        self.format.print(&catalog)?;
        Ok(Outcome::Done)
    }
}
