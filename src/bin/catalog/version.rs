//! `catalog version`: for scripts that were written for opm.

use olm_catalog::outln;

use crate::Outcome;

/// Print the version of this program, as the option --version does and as scripts for opm expect it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  catalog version")]
pub(crate) struct Args {}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        outln!("catalog {}", env!("CARGO_PKG_VERSION"))?;
        Ok(Outcome::Done)
    }
}
