//! `catalog withdraw`: a version that nobody should install any more.

use std::path::PathBuf;

use semver::Version;

use crate::edits::{self, in_file};
use crate::import::a_version;
use crate::{Outcome, folders};

/// Take a version out of every channel, and say why.
///
/// The version is added to the withdrawn list in the template of the package, which `catalog diff` and `catalog validate
/// --published` read. With --use, users of the version come to that newer version. Its bundle and its release in operator.yaml
/// are kept.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The package.
    package: String,
    /// The version.
    #[arg(value_parser = a_version)]
    withdrawn: Version,
    /// Why it is withdrawn.
    #[arg(long)]
    reason: String,
    /// The newer version that users of it come to. Without it, they stay with what they have.
    #[arg(long = "use", value_name = "VERSION", value_parser = a_version)]
    instead: Option<Version>,
    /// Write nothing. Show how the template would change.
    #[arg(long)]
    dry_run: bool,
    /// The folder of channel templates, one per package [default: channels in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::channels(), hide_default_value = true)]
    channels: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  catalog withdraw demo-operator 1.1.0 --reason 'It deletes backups that are in use.' --use 1.1.1
  catalog withdraw demo-operator 1.1.0 --reason 'It does not start on Kubernetes 1.32.' --dry-run";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        folders::check()?;
        let (file, mut channels) = edits::existing(&self.channels, &self.package)?;
        let done = channels.withdraw(&self.withdrawn, &self.reason, self.instead.as_ref());
        done.map_err(|error| in_file(&file, error))?;
        edits::finish(&self.channels, &file, &channels, self.dry_run)?;
        Ok(Outcome::Done)
    }
}
