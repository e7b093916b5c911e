//! `catalog upgrades`: what every upgrade of a catalog does to users.

use std::path::{Path, PathBuf};

use olm_catalog::draw::Selection;
use olm_catalog::safety::Known;
use olm_catalog::safety::report::{self, Upgrade};
use olm_catalog::validate::Context;
use olm_catalog::{errln, terminal, yaml};

use crate::client::Registry;
use crate::{Outcome, references};

/// Show what every upgrade in a catalog does to users and their resources.
///
/// Upgrades are what entries allow by replaces, skips and skipRange. Shows of each what happens to resources that exist when
/// the CustomResourceDefinitions change, which permissions the operator gains, and which webhooks, install modes, Deployments
/// and images change. Breaking upgrades come first: they lose data, or reject what was accepted. docs/upgrades.md explains the
/// classes.
///
/// Upgrades that only a range allows, and that OLM does not choose as a newer version is allowed too, are shown with --all.
///
/// Exit status: 0 done, 2 could not do it. With --breaking: 1 where there is a breaking upgrade.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog file or folder, a catalog image, or `-` for standard input.
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,
    /// Show the upgrades of this package alone.
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Show the upgrades in the channels of this name alone.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Show the breaking upgrades with what is breaking in them alone, and exit with 1 where there is one.
    #[arg(long)]
    breaking: bool,
    /// Show the upgrades too that OLM does not choose.
    #[arg(long)]
    all: bool,
    /// Where bundle folders are, DIR/PACKAGE/VERSION, of which the catalog does not hold the manifests.
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// How to print them. JSON has everything of every upgrade.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  catalog upgrades catalog --bundles bundles
  catalog upgrades quay.io/operatorhubio/catalog:latest --package prometheus
  catalog upgrades catalog --package my-operator --channel stable --breaking
  catalog upgrades catalog -o json | jq -r '.[] | select(.class == \"breaking\") | .from + \" \" + .to'";

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Blocks for people.
    Text,
    /// One JSON array.
    Json,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let scan = references::read_catalog(&self.references, &self.registry)?;
        let context = Context::new(&scan, Path::new(""));
        let mut known = Known::of(&scan.catalog);
        if let Some(folder) = &self.bundles {
            known.add_folders(folder)?;
        }
        let selection = Selection { package: self.package.as_deref(), channel: self.channel.as_deref() };
        let mut upgrades = report::upgrades(&context, &known, &selection)?;
        let all = upgrades.len();
        upgrades.retain(|upgrade| self.all || upgrade.is_usual());
        let unusual = all - upgrades.len();
        if self.breaking {
            upgrades = upgrades.into_iter().filter_map(Upgrade::breaking).collect();
        }
        match self.output {
            Format::Json => terminal::json(&yaml::to_json(&upgrades)?)?,
            Format::Text if self.breaking && upgrades.is_empty() => terminal::out(&"no breaking upgrade\n".into())?,
            Format::Text => terminal::out(&report::text(&upgrades))?,
        }
        if unusual > 0 && !self.breaking {
            errln!("note: left out {} that only a range allows and OLM does not choose; --all shows them", unusual);
        }
        Ok(if self.breaking && !upgrades.is_empty() { Outcome::Findings } else { Outcome::Done })
    }
}
