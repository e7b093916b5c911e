//! `catalog graph`: draws the upgrade graphs of channels.

use std::path::Path;

use anyhow::bail;
use olm_catalog::draw::{self, MERMAID_EDGES, Picture, Selection};
use olm_catalog::validate::Context;
use olm_catalog::{errln, terminal};

use crate::client::Registry;
use crate::{Outcome, references};

/// Draw the upgrade graphs of channels.
///
/// Draw each entry once, the newest at the top, with all upgrades that lead to it: replaces, skips and skipRange. Mark
/// the head, skipped and deprecated entries, and entries that are not in the channel. A broken channel is drawn too,
/// with its defects: several heads, no head, cycles, and stranded entries.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog file or folder, a catalog image, or `-` for standard input.
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,
    /// Draw only the channels of this package.
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Draw only channels with this name.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// The output format.
    #[arg(short, long, visible_alias = "format", value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  Draw the channels of a package:
    catalog graph catalog --package my-operator

  Draw one channel of a published catalog:
    catalog graph quay.io/example/catalog:latest --package my-operator --channel stable

  Write a picture:
    catalog graph catalog --package my-operator -o svg > graph.svg

  Write a picture with Graphviz:
    catalog graph catalog/my-operator -o dot | dot -Tpng > graph.png

  Write a page for GitHub:
    { echo '```mermaid'; catalog graph catalog/my-operator -o mermaid; echo '```'; } > graph.md";

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Text for a terminal.
    Text,
    /// Mermaid, for Markdown on GitHub and GitLab.
    Mermaid,
    /// The language of Graphviz.
    Dot,
    /// An SVG picture for light and dark pages.
    Svg,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let scan = references::read_catalog(&self.references, &self.registry)?;
        let context = Context::new(&scan, Path::new(""));
        let selection = Selection { package: self.package.as_deref(), channel: self.channel.as_deref() };
        let pictures = draw::pictures(&context, &selection)?;
        if pictures.is_empty() {
            bail!("the catalog has no channels");
        }
        match self.output {
            Format::Text => terminal::out(&draw::text(&pictures))?,
            Format::Dot => terminal::data(&draw::dot(&pictures))?,
            Format::Svg => terminal::data(&draw::svg(&pictures))?,
            Format::Mermaid => {
                terminal::data(&draw::mermaid(&pictures))?;
                warn_of_many_arrows(&pictures);
            }
        }
        Ok(Outcome::Done)
    }
}

/// Mermaid rejects the whole graph.
fn warn_of_many_arrows(pictures: &[Picture<'_>]) {
    let arrows: usize = pictures.iter().map(|picture| picture.arrows.len()).sum();
    if arrows > MERMAID_EDGES {
        errln!("warning: the graph has {} arrows, but Mermaid draws at most {} on GitHub", arrows, MERMAID_EDGES);
        errln!("help: use --package or --channel to draw less; -o svg has no such limit");
    }
}
