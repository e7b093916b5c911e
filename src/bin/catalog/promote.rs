//! `catalog promote`: a version of one channel at the head of another.

use std::path::PathBuf;

use semver::Version;

use crate::edits::{self, in_file};
use crate::import::a_version;
use crate::{Outcome, folders};

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
    /// Write nothing. Show how the template would change.
    #[arg(long)]
    dry_run: bool,
    /// The folder of channel templates, one per package [default: channels in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::channels(), hide_default_value = true)]
    channels: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  catalog promote demo-operator 1.1.0 --from candidate --to stable
  catalog promote demo-operator 1.1.0 --from fast --to stable --dry-run";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        folders::check()?;
        let (file, mut channels) = edits::existing(&self.channels, &self.package)?;
        channels.promote(&self.promoted, &self.from, &self.to).map_err(|error| in_file(&file, error))?;
        edits::finish(&self.channels, &file, &channels, self.dry_run)?;
        Ok(Outcome::Done)
    }
}
