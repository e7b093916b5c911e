//! `catalog generate`: bundles from operator definitions.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use olm_catalog::bundle::Change;
use olm_catalog::diagnostic::{Finding, Place, Severity, Spot};
use olm_catalog::generate::generate;
use olm_catalog::operator::{self, Operator};
use olm_catalog::yaml;
use similar::TextDiff;

use crate::Outcome;

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
        let (mut releases, mut findings) = (Vec::new(), Vec::new());
        for package in packages {
            if Path::new(&package).components().count() != 1 || package.starts_with('.') {
                bail!("{package} is not the name of a package");
            }
            let folder = self.bundles.join(&package);
            let definition = Operator::read(&folder.join(operator::FILE))?;
            let generated = generate(&definition)?;
            findings.extend(generated.findings);
            releases.extend(
                generated.bundles.into_iter().map(|(version, bundle)| (folder.join(version.to_string()), bundle)),
            );
        }
        if !findings.is_empty() {
            findings.iter().for_each(tell);
            anstream::eprintln!("nothing was written: {} findings", findings.len());
            return Ok(Outcome::Findings);
        }
        // All are compared before any is written, so that what cannot be read leaves nothing half-written.
        let mut all = Vec::new();
        for (folder, bundle) in releases {
            let changes = bundle.changes(&folder)?;
            all.push((folder, changes));
        }
        let mut outcome = Outcome::Done;
        for (folder, changes) in all {
            if self.check && !changes.is_empty() {
                changes.iter().for_each(print_difference);
                outcome = Outcome::Findings;
                continue;
            }
            for change in &changes {
                change.make()?;
            }
            if !self.quiet {
                let state = if changes.is_empty() { "unchanged" } else { "written" };
                anstream::println!("{}: {state}", folder.display());
            }
        }
        Ok(outcome)
    }
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

fn print_difference(change: &Change) {
    let name = change.file.display().to_string();
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let header = |bytes: &Option<Vec<u8>>| if bytes.is_some() { name.clone() } else { "/dev/null".to_owned() };
    let (old, new) = (text(&change.old), text(&change.new));
    let difference = TextDiff::from_lines(&old, &new);
    anstream::print!("{}", difference.unified_diff().header(&header(&change.old), &header(&change.new)));
}

fn tell(finding: &Finding) {
    let Finding { rule, severity, message, place, help } = finding;
    let severity = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    anstream::eprintln!("{}: {severity}[{rule}]: {message}", position(place));
    if let Some(help) = help {
        anstream::eprintln!("  help: {help}");
    }
}

fn position(place: &Place) -> String {
    let file = place.file.display();
    match &place.spot {
        Spot::File => file.to_string(),
        Spot::Position { line, column } => format!("{file}:{line}:{column}"),
        Spot::Value { document, route } => {
            let text = std::fs::read_to_string(&place.file).unwrap_or_default();
            match yaml::locate(&text, *document, route) {
                Some(found) => format!("{file}:{}:{}: {route}", found.line, found.column),
                None => format!("{file}: {route}"),
            }
        }
    }
}
