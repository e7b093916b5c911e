//! `catalog promote`: a version of one channel at the head of another.

use semver::Version;

use crate::Outcome;
use crate::edits::Template;
use crate::import::a_version;

/// Add a version of one channel at the head of another channel.
///
/// The version stays in the first channel. The template of the package is edited in place: comments and its order stay. The new
/// head takes over the skipRange of the old one where the channel's heads have one.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The package.
    package: String,
    /// The version.
    #[arg(value_parser = a_version)]
    promoted: Version,
    /// The channel that has it: for olm.semver a list (candidate, fast, stable) or one of its channels, such as fast-v1.
    #[arg(long, value_name = "CHANNEL")]
    from: String,
    /// The channel that it is added to.
    #[arg(long, value_name = "CHANNEL")]
    to: String,
    #[command(flatten)]
    template: Template,
}

const EXAMPLES: &str = "\
Examples:
  catalog promote demo-operator 1.1.0 --from candidate --to stable
  catalog promote demo-operator 1.1.0 --from fast --to stable --dry-run";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        self.template.edit(&self.package, |channels| channels.promote(&self.promoted, &self.from, &self.to))
    }
}
