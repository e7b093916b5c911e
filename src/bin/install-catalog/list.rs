//! `install-catalog list`.

use std::time::Duration;

use anyhow::bail;
use olm_catalog::install::list::{self, Channel, Package};
use olm_catalog::install::{labels, packages};
use olm_catalog::terminal::{Text, table};
use olm_catalog::text;

use crate::Outcome;
use crate::output::Output;
use crate::target::{Target, duration};

/// List the packages, channels, versions and deprecations of a catalog.
///
/// Without --image, list the installed catalog, as OLM's package server shows it. A new Subscription gets the head of
/// its channel. A star marks the default channel.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The packages [default: all].
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// A catalog image to pull from its registry. The cluster is not used.
    #[arg(long, value_name = "REFERENCE")]
    image: Option<String>,
    /// The time limit for the registry.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration)]
    wait: Duration,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    target: Target,
}

const EXAMPLES: &str = "\
Examples:
  List a catalog before it is installed:
    install-catalog list --image registry.example.com/dbaas/catalog:1.0

  List a package of the installed catalog:
    install-catalog list victoriametrics-operator

  Print the names of the packages in a script:
    install-catalog list -o json | jq -r '.[].name'";

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let mut found = match &self.image {
            Some(image) => {
                let catalog = labels::packages(image, self.wait).await;
                list::of_catalog(&catalog.map_err(|why| anyhow::anyhow!("cannot list {image}: {why}"))?)
            }
            None => {
                let cluster = self.target.connect().await?;
                let places = self.target.places();
                list::of_manifests(&packages::of(&cluster, &places.olm_namespace, &places.catalog).await?)
            }
        };
        if let Some(unknown) = self.packages.iter().find(|name| !found.iter().any(|package| package.name == **name)) {
            let names: Vec<&str> = found.iter().map(|package| package.name.as_str()).collect();
            bail!("the catalog has no package {unknown}; it has {}", names.join(", "));
        }
        found.retain(|package| self.packages.is_empty() || self.packages.contains(&package.name));
        self.output.format.print(&found, |found| text(found))?;
        Ok(Outcome::Done)
    }
}

fn text(packages: &[Package]) -> Text {
    if packages.is_empty() {
        return "the catalog has no packages\n".into();
    }
    let rows: Vec<_> =
        packages.iter().flat_map(|package| package.channels.iter().map(|channel| row(package, channel))).collect();
    let table = table(&["PACKAGE", "CHANNEL", "HEAD", "VERSIONS"], &rows);
    let notes: Text = packages.iter().flat_map(deprecations).collect();
    let empty = packages.iter().filter(|package| package.channels.is_empty());
    let empty: Text = empty.map(|package| text!("{} has no channels\n", package.name)).collect();
    let between = if notes.is_empty() && empty.is_empty() { Text::new() } else { "\n".into() };
    table + between + empty + notes
}

fn row(package: &Package, channel: &Channel) -> Vec<String> {
    let star = if channel.name == package.default_channel { "*" } else { "" };
    let versions: Vec<&str> =
        channel.versions.iter().map(|it| if it.version.is_empty() { &*it.name } else { &*it.version }).collect();
    vec![package.name.clone(), format!("{}{star}", channel.name), channel.head.clone(), versions.join(", ")]
}

fn deprecations(package: &Package) -> Vec<Text> {
    let told = |what: String, message: &Option<String>| {
        message.as_ref().map(|message| text!("deprecated: {}: {}\n", what, Text::lines(message)))
    };
    let mut all: Vec<Text> = told(format!("package {}", package.name), &package.deprecation).into_iter().collect();
    for channel in &package.channels {
        all.extend(told(format!("channel {} of package {}", channel.name, package.name), &channel.deprecation));
    }
    let versions = package.channels.iter().flat_map(|channel| &channel.versions);
    let mut bundles: Vec<_> = versions.filter(|version| version.deprecation.is_some()).collect();
    bundles.sort_by(|a, b| a.name.cmp(&b.name));
    bundles.dedup_by(|a, b| a.name == b.name);
    all.extend(
        bundles.into_iter().filter_map(|version| told(format!("bundle {}", version.name), &version.deprecation)),
    );
    all
}
