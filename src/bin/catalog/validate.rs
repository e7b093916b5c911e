//! `catalog validate`: every defect of a catalog, with its place.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use olm_catalog::catalog::{self, Scan};
use olm_catalog::diagnostic::{Finding, Severity, Sources, github, json, text};
use olm_catalog::terminal::{self, Text};
use olm_catalog::text;
use olm_catalog::validate::{self, RuleFacts};

use crate::client::Registry;
use crate::diff::Published;
use crate::select::Select;
use crate::{Outcome, rules};

/// Check a file-based catalog, and show every defect with its place.
///
/// A catalog is valid where opm takes it: errors are what opm refuses, warnings are what it takes although it hurts.
/// Unlike opm, this shows all defects at once. Several paths are read as one catalog.
///
/// Exit status: 0 no errors (there may be warnings), 1 errors, 2 a file could not be read or is neither YAML nor JSON.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  catalog validate catalog
  catalog validate catalog/my-operator/catalog.yaml -o json
  catalog validate catalog -o github        in a workflow of GitHub Actions
  catalog validate catalog --published quay.io/example/catalog:latest
  catalog validate catalog --deny warnings --ignore dependency-absent
  catalog validate --explain entry-stranded")]
pub(crate) struct Args {
    /// Files or folders of the catalog. Files that an .indexignore file in a folder names are left out.
    #[arg(value_name = "PATH", required_unless_present_any = ["list_rules", "explain"])]
    paths: Vec<PathBuf>,
    /// How to print what is found.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    published: Published,
    #[command(flatten)]
    registry: Registry,
    /// Print findings alone, without the line that sums them up.
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    select: Select,
    /// List the rules, as `catalog rules` does.
    #[arg(long, conflicts_with_all = ["paths", "explain"])]
    list_rules: bool,
    /// Explain a rule: what it finds, why that is bad, and what to do.
    #[arg(long, value_name = "RULE", conflicts_with = "paths", value_parser = a_rule(), hide_possible_values = true)]
    explain: Option<RuleFacts>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people: each with the line it is about.
    Text,
    /// One JSON array.
    Json,
    /// Commands of GitHub Actions, which show each at its line.
    Github,
}

/// A rule by its id.
pub(crate) fn a_rule() -> impl clap::builder::TypedValueParser<Value = RuleFacts> {
    PossibleValuesParser::new(RuleFacts::all().map(|rule| PossibleValue::new(rule.id).help(rule.summary)))
        .try_map(|id| RuleFacts::find(&id).ok_or("there is no such rule"))
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        if let Some(rule) = self.explain {
            terminal::out(&Text::laid_out(&rule.explain()))?;
            return Ok(Outcome::Done);
        }
        if self.list_rules {
            terminal::out(&rules::list())?;
            return Ok(Outcome::Done);
        }
        let selection = self.select.read()?;
        let mut scan = Scan::default();
        let mut unread = Vec::new();
        let roots = roots(&self.paths);
        for path in &roots {
            match catalog::scan(path) {
                Ok(found) => scan.merge(found),
                Err(error) => unread.push(error),
            }
        }
        let root = self.paths.first().context("no path")?;
        // Where nothing could be read, there is nothing to sum up.
        if unread.len() == roots.len() {
            return Err(unread.swap_remove(0).into());
        }
        let mut findings = validate::validate(&scan, root);
        if unread.is_empty() {
            findings.extend(self.published.findings(&scan, root, &self.registry)?);
        }
        let findings = selection.apply(findings, &scan);
        self.show(&findings, &scan)?;
        let bad_files = scan.bad.iter().filter(|bad| bad.syntax).count();
        match (unread.into_iter().next(), bad_files) {
            (Some(error), _) => Err(error.into()),
            (None, 0) if findings.iter().any(|finding| finding.severity == Severity::Error) => Ok(Outcome::Findings),
            (None, 0) => Ok(Outcome::Done),
            (None, 1) => Err(anyhow!("a file of the catalog could not be read")),
            (None, number) => Err(anyhow!("{number} files of the catalog could not be read")),
        }
    }

    fn show(&self, findings: &[Finding], scan: &Scan) -> io::Result<()> {
        let sources = Sources::disk();
        match self.output {
            Format::Json => terminal::json(&json::render(findings, &sources)),
            Format::Github => terminal::data(&github::render(findings, &sources)),
            Format::Text => {
                let found = text::render(findings, &sources);
                let summary = if self.quiet { Text::new() } else { summary(findings, scan) };
                terminal::out(&(found + summary))
            }
        }
    }
}

/// The paths, without those inside of others.
fn roots(paths: &[PathBuf]) -> Vec<&Path> {
    let real: Vec<PathBuf> = paths.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect();
    let inside = |i: usize| {
        let other = |j: usize| real[i].starts_with(&real[j]) && (real[i] != real[j] || j < i);
        (0..real.len()).any(|j| j != i && other(j))
    };
    (0..paths.len()).filter(|&i| !inside(i)).map(|i| paths[i].as_path()).collect()
}

/// `3 errors, 1 warning in 2 files (1 package, 2 channels, 3 bundles)`
fn summary(findings: &[Finding], scan: &Scan) -> Text {
    let catalog = &scan.catalog;
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let parts = [
        count(catalog.packages.len(), "package"),
        count(catalog.channels.len(), "channel"),
        count(catalog.bundles.len(), "bundle"),
    ];
    text!("{} ({})\n", text::summary(findings), parts.join(", "))
}
