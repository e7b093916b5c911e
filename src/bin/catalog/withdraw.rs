//! `catalog withdraw`: a version that nobody should install any more.

use semver::Version;

use crate::Outcome;
use crate::edits::Template;
use crate::import::a_version;

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
    #[command(flatten)]
    template: Template,
}

const EXAMPLES: &str = "\
Examples:
  catalog withdraw demo-operator 1.1.0 --reason 'It deletes backups that are in use.' --use 1.1.1
  catalog withdraw demo-operator 1.1.0 --reason 'It does not start on Kubernetes 1.32.' --dry-run";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let (reason, instead) = (&self.reason, self.instead.as_ref());
        self.template.edit(&self.package, |channels| channels.withdraw(&self.withdrawn, reason, instead))
    }
}
