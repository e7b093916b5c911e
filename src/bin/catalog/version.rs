//! `catalog version`: for scripts that ask opm so.

use olm_catalog::outln;

use crate::Outcome;

/// Print the version, as --version does.
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        outln!("catalog {}", env!("CARGO_PKG_VERSION"))?;
        Ok(Outcome::Done)
    }
}
