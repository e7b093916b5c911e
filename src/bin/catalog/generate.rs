//! `catalog generate`: bundles from operator definitions.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use olm_catalog::changes::{self, Change};
use olm_catalog::diagnostic::{Severity, Sources};
use olm_catalog::generate::generate;
use olm_catalog::operator::{self, Operator};
use olm_catalog::{errln, outln, terminal};
use rayon::prelude::*;

use crate::{Outcome, output};

/// Write the bundles of operators, from their operator.yaml.
#[derive(clap::Args)]
#[command(after_help = "\
EXAMPLES:
  catalog generate                             every operator in the folder bundles
  catalog generate dbaas-operator              one of them
  catalog generate --check                     fail where a bundle is not as its definition says

Exit status: 0 done, 1 a definition is wrong, or with --check a bundle differs, 2 could not do it.")]
pub(crate) struct Args {
    /// The packages. Without any: all.
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Write nothing; print how the bundles differ from what would be written.
    #[arg(long)]
    check: bool,
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
            let definition = Operator::read(&folder.join(operator::FILE))?;
            Ok((folder, generate(&definition)?))
        };
        let made: Vec<anyhow::Result<_>> = packages.par_iter().map(made).collect();
        let (mut releases, mut findings) = (Vec::new(), Vec::new());
        for made in made {
            let (folder, generated) = made?;
            findings.extend(generated.findings);
            releases.extend(
                generated.bundles.into_iter().map(|(version, bundle)| (folder.join(version.to_string()), bundle)),
            );
        }
        if !findings.is_empty() {
            output::print_findings(&findings, &Sources::disk());
        }
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            errln!("nothing was written");
            return Ok(Outcome::Findings);
        }
        // All are compared before any is written, so that what cannot be read leaves nothing half-written.
        let compared = releases.into_par_iter().map(|(folder, bundle)| Ok((bundle.changes(&folder)?, folder)));
        let compared: Vec<Result<_, changes::Error>> = compared.collect();
        let all: Vec<_> = compared.into_iter().collect::<Result<_, _>>()?;
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
        Ok(outcome)
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
        Ok(name.filter(|_| entry.path().join(operator::FILE).is_file()))
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
