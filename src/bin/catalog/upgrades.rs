//! `catalog upgrades`: the effects of every upgrade of a catalog on users.

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
/// Entries allow upgrades by replaces, skips and skipRange. For each upgrade, show what happens to existing resources
/// when the CustomResourceDefinitions change, which permissions the operator gains, and which webhooks, install modes,
/// Deployments and images change. Breaking upgrades come first: they lose data, or reject values that were accepted.
/// docs/upgrades.md explains the classes.
///
/// Upgrades that only a skipRange allows are shown only if OLM chooses them. --all shows the others too.
///
/// Exit status: 0 done, 1 with --breaking if an upgrade is breaking, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog file or folder, a catalog image, or `-` for standard input.
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,
    /// Show only the upgrades of this package.
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Show only the upgrades in channels of this name.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Show only breaking changes, and exit with 1 if there are any.
    #[arg(long)]
    breaking: bool,
    /// Also show upgrades that OLM does not choose.
    #[arg(long)]
    all: bool,
    /// Read manifests that the catalog does not contain from bundle folders, DIR/PACKAGE/VERSION.
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// The output format. JSON contains every detail of every upgrade.
    #[arg(short, long, value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  Show every upgrade of the catalog in this folder:
    catalog upgrades catalog --bundles bundles

  Show the upgrades of a package in a published catalog:
    catalog upgrades quay.io/operatorhubio/catalog:latest --package prometheus

  Fail if an upgrade in a channel is breaking:
    catalog upgrades catalog --package my-operator --channel stable --breaking

  Print the breaking upgrades in a script:
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
            Format::Text if self.breaking && upgrades.is_empty() => terminal::out(&"no breaking upgrades\n".into())?,
            Format::Text => terminal::out(&report::text(&upgrades))?,
        }
        if unusual > 0 && !self.breaking {
            errln!("note: omitted {} that only a skipRange allows and OLM does not choose; --all shows them", unusual);
        }
        Ok(if self.breaking && !upgrades.is_empty() { Outcome::Findings } else { Outcome::Done })
    }
}
