//! `catalog diff`: the changes between two catalogs, and their effects on the users of the old one.

use std::path::Path;

use clap::ValueEnum;
use olm_catalog::catalog::Scan;
use olm_catalog::diagnostic::{Finding, Sources};
use olm_catalog::published::{compare, report};
use olm_catalog::terminal;

use crate::client::Registry;
use crate::{Outcome, references};

/// Compare two catalogs, and show what happens to the users of every published version.
///
/// Show the packages, channels, bundles, edges and deprecations that were added, removed or changed. For every version
/// in the old catalog, show the versions to which OLM upgrades its users, one after the other. Findings report what
/// hurts users: a version whose users no longer reach the head of their channel, and published content that is missing
/// or changed. docs/published.md explains each finding, and how to withdraw a version.
///
/// Exit status: 0 no errors (there may be changes and warnings), 1 errors, 2 a catalog could not be read.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Compare the published catalog with the one in this folder:
    catalog diff quay.io/example/catalog:latest catalog

  Print the differences for a program:
    catalog diff old/catalog.yaml new/catalog.yaml -o json

  Write a comment for a pull request:
    catalog diff quay.io/example/catalog:v1 quay.io/example/catalog:v2 -o markdown > comment.md

  Annotate the lines of a pull request in GitHub Actions:
    catalog diff quay.io/example/catalog:latest catalog -o github")]
pub(crate) struct Args {
    /// The published catalog: a file, a folder or an image.
    old: String,
    /// The catalog to publish: a file, a folder or an image.
    new: String,
    /// The output format.
    #[arg(short, long, visible_alias = "format", value_enum, default_value = "text", value_name = "FORMAT")]
    output: Format,
    #[command(flatten)]
    registry: Registry,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people: the changes, the users' upgrade paths, and each finding with its line.
    Text,
    /// One JSON object.
    Json,
    /// The findings as workflow commands of GitHub Actions, which shows each at its line.
    Github,
    /// Markdown for a comment on a pull request.
    Markdown,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let read = |reference: &String| references::read_one(reference, &self.registry);
        // One after the other if images are pulled, so that their messages do not mix.
        let (old, new) = match [&self.old, &self.new].iter().all(|side| Path::new(side).exists()) {
            true => rayon::join(|| read(&self.old), || read(&self.new)),
            false => (read(&self.old), read(&self.new)),
        };
        let comparison = compare(&old?, &new?, Path::new(&self.new));
        let sources = Sources::disk();
        match self.output {
            Format::Text => terminal::out(&report::text(&comparison, &sources))?,
            Format::Json => terminal::json(&report::json(&comparison, &sources))?,
            Format::Github => terminal::data(&report::github(&comparison, &sources))?,
            Format::Markdown => terminal::data(&terminal::guarded(&report::markdown(&comparison)))?,
        }
        Ok(if comparison.hurts() { Outcome::Findings } else { Outcome::Done })
    }
}

/// The published catalog for the comparison of `catalog validate`.
#[derive(clap::Args)]
pub(crate) struct Published {
    /// Also compare with the published catalog (a file, a folder or an image), and report changes that hurt its users.
    #[arg(long = "published", value_name = "IMAGE|DIR", help_heading = "Checks")]
    reference: Option<String>,
}

impl Published {
    /// Whether there is a published catalog.
    pub(crate) fn is_named(&self) -> bool {
        self.reference.is_some()
    }

    /// The changes that hurt the users of the published catalog; none if there is no such catalog. If blobs could not
    /// be read, it is unknown what is missing, so nothing is compared.
    pub(crate) fn findings(
        &self,
        scan: &Scan,
        root: &Path,
        registry: &Registry,
    ) -> anyhow::Result<Option<Vec<Finding>>> {
        let Some(reference) = self.reference.as_ref().filter(|_| scan.bad.is_empty()) else { return Ok(None) };
        let published = references::read_one(reference, registry)?;
        Ok(Some(compare(&published, &scan.catalog, root).findings))
    }
}
