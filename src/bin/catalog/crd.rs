//! `catalog crd`: commands about CustomResourceDefinitions.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use olm_catalog::bundle::Bundle;
use olm_catalog::crd::{self, Class, Kind};
use olm_catalog::files;
use olm_catalog::limits::FOLDER_FILES;
use olm_catalog::safety::DefinitionChange;
use olm_catalog::terminal::{self, Ink, Text};
use olm_catalog::text;
use semver::Version;

use crate::generate::unknown;
use crate::{Outcome, folders};

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
/// Descriptions and other texts are not compared, and the order of lists that are sets does not count. For each change
/// that is not safe, show what it does to existing resources: breaking changes lose data or reject values that were
/// accepted, and risky changes may do so, depending on the resource.
///
/// Exit status: 0 no differences, 1 differences (with --breaking, breaking ones), 2 something could not be read.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Compare two releases of an operator:
    catalog crd diff dbaas-operator@0.1.9 dbaas-operator@0.1.17

  Fail if a change is breaking:
    catalog crd diff --breaking old/crds.yaml new/crds.yaml

  Compare a released file with a bundle, for a program:
    catalog crd diff released/crd.yaml bundles/my-operator/1.0.0 -o json")]
struct Diff {
    /// A manifest file, a folder of manifests, a bundle folder, or PACKAGE@VERSION in the folder of bundles.
    a: String,
    /// The other side of the comparison, of the same kinds.
    b: String,
    /// The folder of PACKAGE@VERSION [default: bundles in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::bundles(), hide_default_value = true)]
    bundles: PathBuf,
    /// Show only breaking changes, and exit with 1 only if there are any.
    #[arg(long)]
    breaking: bool,
    /// The output format.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON array.
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
        let all = DefinitionChange::all(changes).into_iter();
        let changes: Vec<_> = all.filter(|change| !self.breaking || change.class == Class::Breaking).collect();
        match self.output {
            Format::Json => terminal::json(&olm_catalog::yaml::to_json(&changes)?)?,
            Format::Text if self.breaking && changes.is_empty() => terminal::out(&"no breaking changes\n".into())?,
            Format::Text => terminal::out(&text(&changes))?,
        }
        Ok(if changes.is_empty() { Outcome::Done } else { Outcome::Findings })
    }

    fn path(&self, side: &str) -> anyhow::Result<PathBuf> {
        let Some((package, version)) = side.split_once('@').filter(|_| !Path::new(side).exists()) else {
            return Ok(side.into());
        };
        let part = |name: &str| !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
        let named = part(package) && part(version);
        if !named {
            bail!("{side} is not PACKAGE@VERSION");
        }
        folders::check()?;
        let folder = self.bundles.join(package);
        if !folder.is_dir() {
            return Err(unknown(package, &self.bundles));
        }
        if !folder.join(version).is_dir() {
            bail!("{package} has no version {version} in {}; it has {}", folder.display(), versions(&folder)?);
        }
        Ok(folder.join(version))
    }
}

/// The versions that have a bundle in a package's folder, sorted.
fn versions(package: &Path) -> anyhow::Result<String> {
    let unread = || format!("cannot read {}", package.display());
    let folders = files::list(package, &FOLDER_FILES).with_context(unread)?;
    let version = |folder: &PathBuf| Version::parse(folder.file_name()?.to_str()?).ok();
    let mut versions: Vec<Version> =
        folders.iter().filter(|folder| Bundle::is_at(folder)).filter_map(version).collect();
    versions.sort();
    Ok(match versions.as_slice() {
        [] => "none".to_owned(),
        versions => versions.iter().map(Version::to_string).collect::<Vec<_>>().join(", "),
    })
}

fn text(changes: &[DefinitionChange]) -> Text {
    let mut text = Text::new();
    let mut under = None;
    for DefinitionChange { change, class, effect, .. } in changes {
        let head = (&change.crd, &change.version);
        if under != Some(head) {
            let version = change.version.as_deref().unwrap_or_default();
            text += text!("{} {}", change.crd, version).trim_end() + "\n".into();
            under = Some(head);
        }
        let value = |side: &Option<serde_json::Value>| {
            side.as_ref().map(|value| match value {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        let (sign, ink) = match change.change {
            Kind::Added => ('+', Ink::Good),
            Kind::Removed => ('-', Ink::Bad),
            Kind::Changed => ('~', Ink::Changed),
        };
        let path = if change.path.is_empty() { "the whole definition" } else { &change.path };
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
        text += text!("  {}{}{}\n", ink.on(format!("{sign} {path}")), what, below);
        if *class > Class::Safe {
            text += text!("      {}: {}\n", class.to_string(), *effect);
        }
    }
    let count = |kind| changes.iter().filter(|change| change.change.change == kind).count();
    text + match changes.len() {
        0 => "no differences\n".into(),
        _ => {
            text!("{} added, {} removed, {} changed\n", count(Kind::Added), count(Kind::Removed), count(Kind::Changed))
        }
    }
}
