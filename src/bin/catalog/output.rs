//! What several verbs print: catalogs and findings.

use std::borrow::Cow;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use olm_catalog::bundle::{Contents, PassedOver};
use olm_catalog::catalog::{Blob, Catalog, MigrateLevel};
use olm_catalog::diagnostic::{Finding, Sources, text};
use olm_catalog::yaml::WriteError;
use olm_catalog::{errln, terminal};
use rayon::prelude::*;

/// The format of a catalog.
#[derive(clap::Args)]
pub(crate) struct Format {
    /// The format to print, in the form in which opm prints it.
    #[arg(short, long, value_enum, default_value = "json", value_name = "FORMAT")]
    output: Output,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Output {
    Json,
    Yaml,
}

impl Format {
    /// The text of a catalog, and the extension of its file.
    pub(crate) fn write(&self, catalog: &Catalog) -> Result<(String, &'static str), WriteError> {
        match self.output {
            Output::Yaml => Ok((catalog.to_go_yaml()?, "yaml")),
            Output::Json => Ok((catalog.to_json()?, "json")),
        }
    }

    /// Prints a catalog on standard output. A closed standard output is not an error.
    pub(crate) fn print(&self, catalog: &Catalog) -> anyhow::Result<()> {
        // It may be large, and goes into files that are compared with those of other programs. Hidden characters in
        // YAML are therefore escaped only on a terminal.
        let hidden = terminal::out_is_terminal();
        match self.output {
            Output::Yaml => print(catalog, |blob| blob.to_go_yaml(), |text| terminal::yaml_text(text, hidden)),
            Output::Json => print(catalog, |blob| blob.to_json(), terminal::json_text),
        }
    }
}

/// How many blobs are written in parallel, and are in memory as text.
const BLOBS: usize = 64;

fn print(
    catalog: &Catalog,
    write: impl Fn(Blob<'_>) -> Result<String, WriteError> + Sync,
    escape: impl Fn(&str) -> Cow<'_, str> + Sync,
) -> anyhow::Result<()> {
    for blobs in catalog.blobs().chunks(BLOBS) {
        let texts = blobs.par_iter().map(|blob| {
            let text = write(*blob)?;
            let escaped = match escape(&text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(escaped) => Some(escaped),
            };
            Ok(escaped.unwrap_or(text))
        });
        let texts: Result<String, WriteError> = texts.collect();
        terminal::data(&texts?)?;
    }
    Ok(())
}

/// The migrations to run on a catalog.
#[derive(clap::Args)]
pub(crate) struct Migrate {
    /// The last migration to run. bundle-object-to-csv-metadata replaces the objects of every bundle that has an image
    /// with olm.csv.metadata.
    #[arg(long = "migrate-level", value_name = "LEVEL", default_value_t, value_parser = levels())]
    level: MigrateLevel,
    /// Run all migrations, like --migrate-level all.
    #[arg(long, conflicts_with = "level")]
    migrate: bool,
}

impl Migrate {
    /// The last migration to run.
    pub(crate) fn level(&self) -> MigrateLevel {
        if self.migrate { MigrateLevel::All } else { self.level }
    }
}

fn levels() -> impl clap::builder::TypedValueParser<Value = MigrateLevel> {
    PossibleValuesParser::new(MigrateLevel::EVERY.map(MigrateLevel::as_str))
        .try_map(|name| name.parse::<MigrateLevel>())
}

/// Prints findings on standard error, with the lines that they are about, and their number.
pub(crate) fn print_findings(findings: &[Finding], sources: &Sources) {
    errln!("{}{}", text::render(findings, sources), text::summary(findings));
}

/// Warns about parts of a bundle's files that opm and OLM ignore, and that this program therefore ignores too. The
/// bundle is a folder or an image.
pub(crate) fn warn_passed_over(bundle: &str, contents: &Contents) {
    warn_parts(bundle, &contents.passed_over);
}

/// The same for parts only.
pub(crate) fn warn_parts(bundle: &str, passed_over: &[PassedOver]) {
    let bundle = bundle.trim_end_matches('/');
    for part in passed_over {
        match part {
            PassedOver::Document { file, line } => {
                let place = format!("{bundle}/{file}:{line}");
                let why = "opm and OLM read only the first document of a file, so this one is not in the catalog";
                errln!("warning: {}: {}; move it into a separate file", place, why);
            }
            PassedOver::Metadata { fault } => {
                let fault = format!("{bundle}/{fault}");
                let why =
                    "opm and OLM ignore a metadata file that they cannot read, so nothing from it is in the catalog";
                errln!("warning: {}; {}", fault, why);
            }
        }
    }
}
