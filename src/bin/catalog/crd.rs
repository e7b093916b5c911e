//! `catalog crd`: what can be asked of CustomResourceDefinitions.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use olm_catalog::crd::{self, Change, Kind};

use crate::Outcome;

/// Compare CustomResourceDefinitions.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Diff(Diff),
}

/// Compare the structure of CustomResourceDefinitions, field by field.
///
/// Descriptions and other texts are no structure, and lists that are sets have no order. A removed field is one that an
/// upgrade prunes from users' resources. Exit status: 0 the same, 1 differences, 2 something could not be read.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  catalog crd diff dbaas-operator@0.1.9 dbaas-operator@0.1.17
  catalog crd diff released/crd.yaml bundles/my-operator/1.0.0 -o json")]
struct Diff {
    /// A manifest file, a folder of manifests, a bundle's folder, or PACKAGE@VERSION of the bundles folder.
    a: String,
    /// What to compare it with, likewise.
    b: String,
    /// The folder of PACKAGE@VERSION.
    #[arg(long, value_name = "DIR", default_value = "bundles")]
    bundles: PathBuf,
    /// How to print the differences.
    #[arg(short, long, value_enum, default_value = "text")]
    output: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.verb {
            Verb::Diff(diff) => diff.run(),
        }
    }
}

impl Diff {
    fn run(self) -> anyhow::Result<Outcome> {
        let a = crd::read(&self.path(&self.a)?)?;
        let b = crd::read(&self.path(&self.b)?)?;
        let changes = crd::diff(&a, &b);
        match self.output {
            Format::Json => anstream::print!("{}", olm_catalog::yaml::to_json(&changes)?),
            Format::Text => print(&changes),
        }
        Ok(if changes.is_empty() { Outcome::Done } else { Outcome::Findings })
    }

    fn path(&self, side: &str) -> anyhow::Result<PathBuf> {
        let Some((package, version)) = side.split_once('@').filter(|_| !Path::new(side).exists()) else {
            return Ok(side.into());
        };
        let part = |name: &str| !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
        let named = part(package) && part(version);
        named.then(|| self.bundles.join(package).join(version)).with_context(|| format!("{side} is no PACKAGE@VERSION"))
    }
}

fn print(changes: &[Change]) {
    let mut under = None;
    for change in changes {
        let head = (&change.crd, &change.version);
        if under != Some(head) {
            let version = change.version.as_deref().unwrap_or_default();
            anstream::println!("{}", format!("{} {version}", change.crd).trim_end());
            under = Some(head);
        }
        let value = |side: &Option<serde_json::Value>| {
            side.as_ref().map(|value| match value {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        let (sign, style) = match change.change {
            Kind::Added => ('+', GREEN),
            Kind::Removed => ('-', RED),
            Kind::Changed => ('~', YELLOW),
        };
        let path = if change.path.is_empty() { "all of it" } else { &change.path };
        let what = match (value(&change.from), value(&change.to)) {
            (Some(from), Some(to)) => format!("{from} -> {to}"),
            (from, to) => from.or(to).unwrap_or_default(),
        };
        let what = if what.is_empty() { what } else { format!("  {what}") };
        let below = match change.fields {
            0 => String::new(),
            1 => " (1 field below)".to_owned(),
            count => format!(" ({count} fields below)"),
        };
        anstream::println!("  {style}{sign} {path}{style:#}{what}{below}");
    }
    let count = |kind| changes.iter().filter(|change| change.change == kind).count();
    match changes.len() {
        0 => anstream::println!("no difference"),
        _ => anstream::println!(
            "{} added, {} removed, {} changed",
            count(Kind::Added),
            count(Kind::Removed),
            count(Kind::Changed)
        ),
    }
}

const GREEN: anstyle::Style = anstyle::AnsiColor::Green.on_default();
const RED: anstyle::Style = anstyle::AnsiColor::Red.on_default();
const YELLOW: anstyle::Style = anstyle::AnsiColor::Yellow.on_default();
