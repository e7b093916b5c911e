//! `catalog template`: renders a template to the file-based catalog of its package.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use anyhow::{Context as _, bail};
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
    /// The kind of template, if it must be of that kind: semver derives the channels from the bundles' versions, basic
    /// lists them, and substitutes puts rebuilt bundles into a catalog. By default, the template's schema decides.
    #[arg(value_name = "KIND")]
    kind: Option<String>,
    /// The template's file, or `-` for standard input, which is also the default.
    file: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    migrate: Migrate,
    /// The folder that local bundles must be in [default: the root of the repository, or the template's folder if that is
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

/// The kinds of templates by their names in opm, with their schemas.
const KINDS: [(&str, &str); 3] =
    [("semver", schema::SEMVER), ("basic", schema::BASIC), ("substitutes", schema::SUBSTITUTES)];

/// The kind and the file that two words name: `KIND FILE`, `KIND`, `FILE` or nothing, as in opm.
pub(crate) fn kind_and_file(
    kind: Option<&str>,
    file: Option<&Path>,
) -> anyhow::Result<(Option<&'static str>, PathBuf)> {
    let known = |name: &str| KINDS.iter().find(|(kind, _)| *kind == name).map(|(_, schema)| *schema);
    match (kind, file) {
        (None, _) => Ok((None, "-".into())),
        (Some(only), None) => Ok(known(only).map_or_else(|| (None, only.into()), |schema| (Some(schema), "-".into()))),
        (Some(kind), Some(file)) => match known(kind) {
            Some(schema) => Ok((Some(schema), file.to_owned())),
            None => bail!("{kind} is not a kind of template; use {}", KINDS.map(|(kind, _)| kind).join(", ")),
        },
    }
}

const EXAMPLES: &str = "\
Examples:
  catalog template channels/demo.yaml
  catalog template basic -o yaml --migrate-level all channels/demo.yaml
  catalog template --repository quay.io/example/catalog channels/demo.yaml";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let (schema, file) = kind_and_file(self.kind.as_deref(), self.file.as_deref())?;
        let (text, path) = read(&file)?;
        let rendered = Template::parse(&text, &path).map_err(Error::Findings).and_then(|template| {
            if let Some(schema) = schema {
                template.expect_schema(schema).map_err(Error::Findings)?;
            }
            self.render(&template)
        });
        match rendered {
            Ok(package) => {
                for local in &package.bundles {
                    output::warn_passed_over(&local.path.to_string_lossy(), &local.contents);
                }
                let mut catalog = package.catalog;
                catalog.migrate(self.migrate.level())?;
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

fn read(file: &Path) -> anyhow::Result<(String, PathBuf)> {
    if file == Path::new("-") {
        let text = files::read_from(std::io::stdin(), &TEXT_BYTES).context("cannot read standard input")?;
        return Ok((text, "standard input".into()));
    }
    let text = files::read_text(file, &TEXT_BYTES).with_context(|| format!("cannot read {}", file.display()))?;
    Ok((text, file.to_owned()))
}
