//! `catalog site`: a catalog as a static web site.

use std::path::{Path, PathBuf};

use olm_catalog::safety::Known;
use olm_catalog::site::{self, Source};
use olm_catalog::terminal::Progress;
use olm_catalog::validate::Context;
use olm_catalog::{build, errln, image};

use crate::client::Registry;
use crate::{Outcome, references};

/// Write a static web site of a catalog.
///
/// The site has pages for packages, channels with their upgrade graphs, versions, API fields, and the effects of each
/// upgrade on users. It loads no external resources and works from a folder or any web server. Without JavaScript,
/// everything except the search works.
///
/// A catalog of bundle images does not contain their manifests. With --bundles, the site shows permissions and API
/// fields from the bundle folders.
///
/// The output folder must be new or empty, or contain only an earlier site. The new site replaces it in one step.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog file or folder, a catalog image, or `-` for standard input.
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,
    /// The folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Read manifests that the catalog does not contain from bundle folders, DIR/PACKAGE/….
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// The site's title [default: `displayName` in the repository.yaml of the bundle folder, or "Operator catalog"].
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Print only errors.
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  Write the site of the catalog in this folder, with the bundles' permissions and API fields:
    catalog site catalog --bundles bundles --out target/site

  Write the site of a published catalog:
    catalog site quay.io/operatorhubio/catalog:latest --out site --title OperatorHub";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let title = self.title()?;
        let scan = references::read_catalog(&self.references, &self.registry)?;
        let mut known = Known::of(&scan.catalog);
        if let Some(bundles) = &self.bundles {
            known.add_folders(bundles)?;
        }
        let context = Context::new(&scan, Path::new(""));
        let source = Source { context: &context, known: &known, bundles: self.bundles.as_deref(), title: &title };
        let progress = match self.quiet {
            true => Progress::hidden(),
            false => Progress::count("writing packages", context.packages.len()),
        };
        let written = site::write(&source, &self.out, &|| progress.advance());
        drop(progress);
        let written = written.map_err(|error| match error {
            site::Error::Foreign { .. } => {
                anyhow::anyhow!("{error}\nhelp: name an empty folder, or one that does not exist")
            }
            error => error.into(),
        })?;
        if !self.quiet {
            errln!("{}: {}", self.out.join("index.html").display(), written);
        }
        Ok(Outcome::Done)
    }

    fn title(&self) -> anyhow::Result<String> {
        if let Some(title) = &self.title {
            return Ok(title.clone());
        }
        let labels = self.bundles.as_deref().map(build::labels).transpose()?.unwrap_or_default();
        Ok(labels.get(image::TITLE_LABEL).cloned().unwrap_or_else(|| "Operator catalog".to_owned()))
    }
}
