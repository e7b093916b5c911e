//! `catalog deprecate`: a package, a channel or a version that users should leave.

use olm_catalog::maintain::Part;
use semver::Version;

use crate::Outcome;
use crate::edits::Template;
use crate::import::a_version;

/// Deprecate a version, a channel or a whole package.
///
/// The message is added to the olm.deprecations blob in the template of the package, and consoles show it to users. Upgrades stay
/// as they are. The message of a part that is deprecated already is replaced.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The package.
    package: String,
    /// The version. Without it and without --channel, the package is deprecated.
    #[arg(value_parser = a_version, conflicts_with = "channel")]
    deprecated: Option<Version>,
    /// The channel, by its name in the catalog, such as stable-v1.
    #[arg(long)]
    channel: Option<String>,
    /// The message for users: what they should use instead.
    #[arg(long)]
    message: String,
    #[command(flatten)]
    template: Template,
}

const EXAMPLES: &str = "\
Examples:
  catalog deprecate demo-operator 1.0.0 --message 'It loses backups. Upgrade to 1.0.1.'
  catalog deprecate demo-operator --channel fast-v1 --message 'Use stable-v1.'
  catalog deprecate demo-operator --message 'No longer maintained.' --dry-run";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let part = match (self.deprecated, self.channel) {
            (Some(version), _) => Part::Version(version),
            (None, Some(channel)) => Part::Channel(channel),
            (None, None) => Part::Package,
        };
        self.template.edit(&self.package, |channels| channels.deprecate(&part, &self.message))
    }
}
