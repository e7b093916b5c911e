//! `catalog generate`: bundles from operator definitions.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use olm_catalog::changes::{self, Change};
use olm_catalog::diagnostic::{Finding, Place, Severity, Sources};
use olm_catalog::generate::generate;
use olm_catalog::operator::{self, Operator};
use olm_catalog::{errln, outln, terminal};
use rayon::prelude::*;

use crate::{Outcome, leftover, output};

/// Write the bundles of operators, from their operator.yaml.
#[derive(clap::Args)]
#[command(after_help = "\
EXAMPLES:
  catalog generate                             every operator in the folder bundles
  catalog generate dbaas-operator              one of them
  catalog generate --check                     fail where a bundle is not as its definition says
  catalog generate --strict                    fail where a definition and its manifests differ
  catalog generate --prune                     remove the bundles of releases that are gone too

Exit status: 0 done, 1 a definition is wrong, or with --check a bundle differs, 2 could not do it.")]
pub(crate) struct Args {
    /// The packages. Without any: all.
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Write nothing; print how the bundles differ from what would be written.
    #[arg(long)]
    check: bool,
    /// Write nothing where an operator.yaml and its manifests say different things, and exit with status 1.
    #[arg(long)]
    strict: bool,
    /// Remove the bundles of releases that operator.yaml does not have any more. Only files that are as this program
    /// writes them are removed.
    #[arg(long)]
    prune: bool,
    /// The folder with a folder for each package.
    #[arg(long, value_name = "DIR", default_value = "bundles")]
    bundles: PathBuf,
    /// Print nothing but differences and what is wrong.
    #[arg(long, short)]
    quiet: bool,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let packages = if self.packages.is_empty() { packages(&self.bundles)? } else { self.packages.clone() };
        let made = |package: &String| {
            let folder = package_folder(&self.bundles, package)?;
            let file = folder.join(operator::FILE);
            if file.symlink_metadata().is_err() {
                return Err(unknown(package, &self.bundles));
            }
            let definition = read_definition(&file)?;
            Ok((folder, generate(&definition)?))
        };
        let made: Vec<anyhow::Result<_>> = packages.par_iter().map(made).collect();
        let (mut releases, mut findings, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for made in made {
            let (folder, generated) = made?;
            findings.extend(generated.findings);
            left.extend(leftover::find(&folder, &generated.versions)?);
            releases.extend(
                generated.bundles.into_iter().map(|(version, bundle)| (folder.join(version.to_string()), bundle)),
            );
        }
        if self.strict {
            let differs = findings.iter_mut().filter(|finding| finding.rule == operator::rule::DIFFERS);
            differs.for_each(|finding| finding.severity = Severity::Error);
        }
        if !findings.is_empty() {
            output::print_findings(&findings, &Sources::disk());
        }
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            errln!("nothing was written");
            return Ok(Outcome::Findings);
        }
        // All are compared before any is written, so that what cannot be read leaves nothing half-written.
        let compared =
            releases.into_par_iter().map(|(folder, bundle)| Ok((bundle.changes(&self.bundles, &folder)?, folder)));
        let compared: Vec<Result<_, changes::Error>> = compared.collect();
        let all: Vec<_> = compared.into_iter().collect::<Result<_, _>>()?;
        if self.prune && !self.check {
            left.iter().try_for_each(|folder| leftover::check(&self.bundles, folder))?;
        }
        let mut outcome = Outcome::Done;
        for (changes, folder) in all {
            if self.check && !changes.is_empty() {
                terminal::out(&changes.iter().map(Change::diff).collect())?;
                outcome = Outcome::Findings;
                continue;
            }
            for change in &changes {
                change.make()?;
            }
            if !self.quiet {
                let state = if changes.is_empty() { "unchanged" } else { "written" };
                outln!("{}: {}", folder.display(), state)?;
            }
        }
        for folder in left {
            if self.prune && !self.check {
                leftover::remove(&self.bundles, &folder)?;
                outln!("{}: removed", folder.display())?;
                continue;
            }
            errln!(
                "warning: {} is the bundle of a release that {} does not have; `catalog generate --prune` removes it",
                folder.display(),
                operator::FILE
            );
            if self.check {
                outcome = Outcome::Findings;
            }
        }
        Ok(outcome)
    }
}

/// Reads a definition. Of what is not YAML the line is shown.
pub(crate) fn read_definition(file: &Path) -> anyhow::Result<Operator> {
    Operator::read(file)
        .inspect_err(|error| {
            if let operator::Error::Yaml { path, source } = error {
                let place = Place::position(path, source.line, source.column);
                let finding = Finding::error(operator::rule::SCHEMA, place, source.message.clone());
                output::print_findings(&[finding], &Sources::disk());
            }
        })
        .map_err(Into::into)
}

/// There is no such package: which one may have been meant?
pub(crate) fn unknown(package: &str, bundles: &Path) -> anyhow::Error {
    let known = packages(bundles).unwrap_or_default();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let plain = |name: &str| name.replace(['-', '.', '_'], "");
    let same = names.iter().find(|name| plain(name) == plain(package)).copied();
    let close = same.or_else(|| similar::get_close_matches(package, &names, 1, 0.6).first().copied());
    let file = bundles.join(package).join(operator::FILE);
    match close {
        Some(close) => {
            anyhow::anyhow!("there is no package {package} ({} is missing); did you mean {close}?", file.display())
        }
        None => anyhow::anyhow!("there is no package {package}: {} is missing", file.display()),
    }
}

/// The folder of a package.
pub(crate) fn package_folder(bundles: &Path, package: &str) -> anyhow::Result<PathBuf> {
    if Path::new(package).components().count() != 1 || package.starts_with('.') || package.contains('/') {
        bail!("{package} is not the name of a package");
    }
    Ok(bundles.join(package))
}

/// The packages that have a definition, sorted.
fn packages(bundles: &Path) -> anyhow::Result<Vec<String>> {
    let mut packages = Vec::new();
    let read = |entry: std::io::Result<std::fs::DirEntry>| -> anyhow::Result<Option<String>> {
        let entry = entry.with_context(|| format!("cannot read {}", bundles.display()))?;
        let name = entry.file_name().to_str().map(str::to_owned);
        // One that cannot be read is an error later, and not passed over here.
        Ok(name.filter(|_| entry.path().join(operator::FILE).symlink_metadata().is_ok()))
    };
    let entries = std::fs::read_dir(bundles).with_context(|| format!("cannot read {}", bundles.display()))?;
    for entry in entries {
        packages.extend(read(entry)?);
    }
    if packages.is_empty() {
        bail!("no folder in {} has an {}", bundles.display(), operator::FILE);
    }
    packages.sort();
    Ok(packages)
}
