//! `catalog list`: the content of a catalog.

use std::path::Path;

use olm_catalog::draw::Selection;
use olm_catalog::list::{self, Channel, Entry, Package};
use olm_catalog::terminal::{self, Text, table};
use olm_catalog::validate::Context;
use olm_catalog::words::shortened;
use olm_catalog::{text, yaml};

use crate::client::Registry;
use crate::{Outcome, references};

/// List the packages, channels, heads, versions and deprecations of a catalog.
///
/// A star marks the default channel of a package. A channel has one head, which new Subscriptions get. If a channel has
/// no head or several heads, `catalog validate` explains why. With --channel or --versions, list every version with the
/// versions that it upgrades.
///
/// Exit status: 0 done, 2 an error.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog file or folder, a catalog image, or `-` for standard input.
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,
    /// List only this package.
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// List every version of the channels of this name, and no other channels.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// List every version of every channel.
    #[arg(long)]
    versions: bool,
    /// The output format. JSON and YAML contain every version, and complete lists of skips.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  List the packages and channels of a catalog:
    catalog list catalog

  List a package of a published catalog:
    catalog list quay.io/operatorhubio/catalog:latest --package prometheus

  List the versions of a channel:
    catalog list catalog --package my-operator --channel stable

  Print the heads in a script:
    catalog list catalog -o json | jq -r '.[].channels[].heads[]'";

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Tables for people.
    Text,
    /// One JSON array.
    Json,
    /// YAML.
    Yaml,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let scan = references::read_catalog(&self.references, &self.registry)?;
        let context = Context::new(&scan, Path::new(""));
        let selection = Selection { package: self.package.as_deref(), channel: self.channel.as_deref() };
        let packages = list::packages(&context, &selection)?;
        match self.output {
            Format::Json => terminal::json(&yaml::to_json(&packages)?)?,
            Format::Yaml => terminal::yaml(&yaml::to_yaml(&packages)?)?,
            Format::Text if self.versions || self.channel.is_some() => terminal::out(&text(&packages, versions))?,
            Format::Text => terminal::out(&text(&packages, channels))?,
        }
        Ok(Outcome::Done)
    }
}

/// A table, followed by everything that does not fit into one.
fn text(packages: &[Package], table: fn(&[Package]) -> Text) -> Text {
    let empty = packages.iter().filter(|package| package.channels.is_empty());
    let empty = empty.map(|package| text!("{} has no channels\n", package.name));
    let notes: Text = empty.chain(packages.iter().flat_map(deprecations)).collect();
    let table = table(packages);
    let between = if notes.is_empty() || table.is_empty() { Text::new() } else { "\n".into() };
    table + between + notes
}

fn channels(packages: &[Package]) -> Text {
    let row = |package: &Package, channel: &Channel| {
        let head = match &channel.heads[..] {
            [] => "none".to_owned(),
            [head] => head.clone(),
            heads => format!("{} ({} heads)", shortened(heads), heads.len()),
        };
        vec![package.name.clone(), starred(channel), head, channel.entries.len().to_string()]
    };
    rows(packages, &["PACKAGE", "CHANNEL", "HEAD", "VERSIONS"], |package, channel| vec![row(package, channel)])
}

fn versions(packages: &[Package]) -> Text {
    let row = |package: &Package, channel: &Channel, entry: &Entry| {
        let version = entry.version.clone().unwrap_or_default();
        let edges = [entry.replaces.clone(), shortened(&entry.skips), entry.skip_range.clone()];
        [package.name.clone(), starred(channel), version, entry.name.clone()].into_iter().chain(edges).collect()
    };
    let headings = ["PACKAGE", "CHANNEL", "VERSION", "BUNDLE", "REPLACES", "SKIPS", "SKIPRANGE"];
    rows(packages, &headings, |package, channel| {
        channel.entries.iter().map(|entry| row(package, channel, entry)).collect()
    })
}

fn rows(packages: &[Package], headings: &[&str], of: impl Fn(&Package, &Channel) -> Vec<Vec<String>>) -> Text {
    let channels = packages.iter().flat_map(|package| package.channels.iter().map(move |channel| (package, channel)));
    table(headings, &channels.flat_map(|(package, channel)| of(package, channel)).collect::<Vec<_>>())
}

fn starred(channel: &Channel) -> String {
    format!("{}{}", channel.name, if channel.default { "*" } else { "" })
}

/// `deprecated: bundle demo.v1.0.0: use demo.v1.0.1`
fn deprecations(package: &Package) -> Vec<Text> {
    let deprecated = |what: &str, name: &str, message: &Option<String>| {
        message.as_ref().map(|message| text!("deprecated: {} {}: {}\n", what, name, Text::lines(message)))
    };
    let mut all: Vec<Text> = deprecated("package", &package.name, &package.deprecation).into_iter().collect();
    for channel in &package.channels {
        let name = format!("{} of package {}", channel.name, package.name);
        all.extend(deprecated("channel", &name, &channel.deprecation));
    }
    let entries = package.channels.iter().flat_map(|channel| &channel.entries);
    let mut bundles: Vec<&Entry> = entries.filter(|entry| entry.deprecation.is_some()).collect();
    bundles.sort_by(|a, b| a.name.cmp(&b.name));
    bundles.dedup_by(|a, b| a.name == b.name);
    all.extend(bundles.into_iter().filter_map(|entry| deprecated("bundle", &entry.name, &entry.deprecation)));
    all
}
