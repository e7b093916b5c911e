//! `catalog template`: renders a template to the file-based catalog of its package.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use anyhow::Context as _;
use olm_catalog::build::BundleImage;
use olm_catalog::channel::{self, Error, Package, Template, schema};
use olm_catalog::diagnostic::Sources;
use olm_catalog::image::Repository;
use olm_catalog::limits::TEXT_BYTES;
use olm_catalog::terminal::Progress;
use olm_catalog::{files, registry};

use crate::client::Registry;
use crate::output::{Format, Migrate};
use crate::{Outcome, output};

/// Print the file-based catalog that a template makes.
///
/// The template's bundles are images, or bundle folders if they begin with ./ or ../ (relative to the template's file).
/// Documents after the template add to the result: a description or icon of the package, deprecations, the skipRange of
/// an entry.
///
/// Exit status: 0 done, 1 the template has errors, 2 something could not be read.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The kind of template: semver derives the channels from the bundles' versions, basic lists them.
    #[arg(value_enum)]
    kind: Kind,
    /// The template's file, or `-` for standard input.
    file: PathBuf,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    migrate: Migrate,
    /// The folder that local bundles must be in [default: the current folder, or the template's folder if that is
    /// elsewhere].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// The repository of the local bundles' images. The catalog then names them by the digests that they will have.
    /// Without it, the catalog contains the bundles' objects instead of images.
    #[arg(long, value_name = "REGISTRY/REPOSITORY", value_parser = Repository::from_str)]
    repository: Option<Repository>,
    #[command(flatten)]
    registry: Registry,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Semver,
    Basic,
}

const EXAMPLES: &str = "\
Examples:
  catalog template semver channels/demo.yaml
  catalog template basic -o json --migrate-level all channels/demo.yaml
  catalog template semver --repository quay.io/example/catalog channels/demo.yaml";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let (text, path) = self.read()?;
        let rendered = Template::parse(&text, &path).map_err(Error::Findings).and_then(|template| {
            self.check_kind(&template)?;
            self.render(&template)
        });
        match rendered {
            Ok(package) => {
                for local in &package.bundles {
                    output::warn_passed_over(&local.path.to_string_lossy(), &local.contents);
                }
                let mut catalog = package.catalog;
                catalog.migrate(self.migrate.level)?;
                self.format.print(&catalog)?;
                Ok(Outcome::Done)
            }
            Err(Error::Findings(findings)) => {
                output::print_findings(&findings, &Sources::disk().with(path, text));
                Ok(Outcome::Findings)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self) -> anyhow::Result<(String, PathBuf)> {
        if self.file == Path::new("-") {
            let text = files::read_from(std::io::stdin(), &TEXT_BYTES).context("cannot read standard input")?;
            return Ok((text, "standard input".into()));
        }
        let text = files::read_text(&self.file, &TEXT_BYTES)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        Ok((text, self.file.clone()))
    }

    fn check_kind(&self, template: &Template) -> Result<(), Error> {
        let wanted = match self.kind {
            Kind::Semver => schema::SEMVER,
            Kind::Basic => schema::BASIC,
        };
        template.expect_schema(wanted).map_err(Error::Findings)
    }

    fn render(&self, template: &Template) -> Result<Package, Error> {
        let root = self.root.clone().unwrap_or_else(|| channel::root_of(template.file()));
        let progress = Progress::count("reading bundles", template.images().len());
        let sources = channel::Sources {
            root: &root,
            image: &|bundle, contents| {
                let Some(repository) = &self.repository else { return Ok(String::new()) };
                Ok(BundleImage::new(&contents.package, contents.version(), bundle)?.reference(repository))
            },
            pull: &|reference| {
                let pulled = self.registry.client()?.pull_bundle(&registry::reference(reference)?)?;
                progress.advance();
                let contents = pulled.bundle.contents()?;
                output::warn_passed_over(reference, &contents);
                Ok(contents.render(reference)?)
            },
        };
        channel::render(template, &sources).map_err(Error::Findings)
    }
}
