//! `catalog generate`: bundles from operator definitions.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use olm_catalog::changes::{self, Change};
use olm_catalog::diagnostic::{Finding, Place, Severity, Sources};
use olm_catalog::generate::generate;
use olm_catalog::operator::{self, Operator};
use olm_catalog::report::{self, State};
use olm_catalog::terminal::{self, Progress};
use olm_catalog::{errln, outln};
use rayon::prelude::*;

use crate::report::{Found, Output, file, print};
use crate::{Outcome, folders, leftover, output};

/// Generate the bundles of operators from their operator.yaml.
///
/// A bundle is written to DIR/PACKAGE/VERSION, and a bundle that is up to date is not touched.
///
/// Exit status: 0 done, 1 a definition has errors, or with --check a bundle differs, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The packages [default: all].
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Write nothing. Print how the bundles differ from what would be written.
    #[arg(long)]
    check: bool,
    /// If an operator.yaml and its manifests differ, write nothing and exit with status 1.
    #[arg(long)]
    strict: bool,
    /// Remove the bundles of releases that operator.yaml no longer lists. Only files that this program wrote are
    /// removed.
    #[arg(long)]
    prune: bool,
    /// The folder of bundles, with one folder per package [default: bundles in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::bundles(), hide_default_value = true)]
    bundles: PathBuf,
    /// Print only differences and problems.
    #[arg(long, short)]
    quiet: bool,
    /// The output format. docs/schemas/generate.json describes the JSON.
    #[arg(long, short, value_name = "FORMAT", default_value = "text", conflicts_with = "quiet")]
    output: Output,
}

/// The rule of annotations about bundles that no release makes.
const UNLISTED: &str = "bundle-unlisted";

const EXAMPLES: &str = "\
Examples:
  Generate the bundles of every operator in the folder bundles:
    catalog generate

  Generate the bundles of one operator:
    catalog generate dbaas-operator

  Fail if a bundle differs from its definition:
    catalog generate --check

  Fail if a definition and its manifests differ:
    catalog generate --strict

  Remove the bundles of removed releases too:
    catalog generate --prune

  Annotate a pull request in GitHub Actions:
    catalog generate --check -o github";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        folders::check()?;
        let (found, mut report) = (Found::new(self.output), report::Generate::default());
        let outcome = self.generate(&found, &mut report)?;
        if self.output == Output::Json {
            report.findings = found.collected();
            print(&report)?;
        }
        Ok(outcome)
    }

    fn generate(&self, found: &Found, report: &mut report::Generate) -> anyhow::Result<Outcome> {
        let packages = if self.packages.is_empty() { packages(&self.bundles)? } else { self.packages.clone() };
        let progress = Progress::count("generating bundles", packages.len());
        let made = |package: &String| {
            let folder = package_folder(&self.bundles, package)?;
            let file = folder.join(operator::FILE);
            if file.symlink_metadata().is_err() {
                return Err(unknown(package, &self.bundles));
            }
            let definition = read_definition(&file)?;
            let generated = generate(&definition)?;
            progress.advance();
            Ok((folder, generated))
        };
        let made: Vec<anyhow::Result<_>> = packages.par_iter().map(made).collect();
        drop(progress);
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
        found.add(&findings, &Sources::disk())?;
        let is_text = self.output != Output::Json;
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            if is_text {
                errln!("nothing was written");
            }
            return Ok(Outcome::Findings);
        }
        // All are compared before any is written, so that a read error leaves nothing half-written.
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
                changes.iter().try_for_each(|change| found.out_of_date(&change.file, "generate"))?;
                if is_text {
                    terminal::out(&changes.iter().map(Change::diff).collect())?;
                }
                report.bundles.push(file(&folder, State::Different));
                outcome = Outcome::Findings;
                continue;
            }
            for change in &changes {
                change.make()?;
            }
            let state = if changes.is_empty() { State::Unchanged } else { State::Written };
            report.bundles.push(file(&folder, state));
            if !self.quiet && is_text {
                outln!("{}: {}", folder.display(), state.as_str())?;
            }
        }
        for folder in left {
            if self.prune && !self.check {
                leftover::remove(&self.bundles, &folder)?;
                report.bundles.push(file(&folder, State::Removed));
                if is_text {
                    outln!("{}: removed", folder.display())?;
                }
                continue;
            }
            report.bundles.push(file(&folder, State::Kept));
            let what = format!("is the bundle of a release that {} does not list", operator::FILE);
            let remedy = "`catalog generate --prune` removes it";
            match self.output {
                Output::Text => errln!("warning: {} {}; {}", folder.display(), what, remedy),
                Output::Json => {}
                Output::Github => {
                    let message = format!("{} {what}", folder.display());
                    let finding = Finding::warning(UNLISTED, Place::file(&folder), message).help(remedy);
                    found.add(&[finding], &Sources::disk())?;
                }
            }
            if self.check {
                outcome = Outcome::Findings;
            }
        }
        Ok(outcome)
    }
}

/// Reads a definition. If it is not valid YAML, the line is shown.
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

/// The error for an unknown package, with the package that was probably meant.
pub(crate) fn unknown(package: &str, bundles: &Path) -> anyhow::Error {
    let known = packages(bundles).unwrap_or_default();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let plain = |name: &str| name.replace(['-', '.', '_'], "");
    let same = names.iter().find(|name| plain(name) == plain(package)).copied();
    let close = same.or_else(|| similar::get_close_matches(package, &names, 1, 0.6).first().copied());
    let file = bundles.join(package).join(operator::FILE);
    if package == "dockerfile" {
        return anyhow::anyhow!(
            "there is no package dockerfile\nhelp: a catalog needs no Dockerfile: use `catalog build DIR`"
        );
    }
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
        bail!("{package} is not a valid package name");
    }
    Ok(bundles.join(package))
}

/// The packages that have a definition, sorted.
fn packages(bundles: &Path) -> anyhow::Result<Vec<String>> {
    let mut packages = Vec::new();
    let read = |entry: std::io::Result<std::fs::DirEntry>| -> anyhow::Result<Option<String>> {
        let entry = entry.with_context(|| format!("cannot read {}", bundles.display()))?;
        let name = entry.file_name().to_str().map(str::to_owned);
        // A definition that cannot be read is not skipped here: it becomes an error later.
        Ok(name.filter(|_| entry.path().join(operator::FILE).symlink_metadata().is_ok()))
    };
    let unread = || {
        let remedy = match bundles.symlink_metadata() {
            Ok(_) => "",
            Err(_) => {
                ": there is no such folder\nhelp: `catalog init` starts a repository; --bundles, or `bundles` in [layout] of \
                 catalog.toml, names another folder"
            }
        };
        format!("cannot read {}{remedy}", bundles.display())
    };
    let entries = std::fs::read_dir(bundles).with_context(unread)?;
    for entry in entries {
        packages.extend(read(entry)?);
    }
    if packages.is_empty() {
        bail!("no folder in {} contains an {}", bundles.display(), operator::FILE);
    }
    packages.sort();
    Ok(packages)
}
