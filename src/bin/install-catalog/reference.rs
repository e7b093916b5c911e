//! `install-catalog reference`: the page of the command line in the documentation.

use clap::CommandFactory as _;
use olm_catalog::terminal;

use crate::{Cli, Outcome};

/// Print the reference of the command line as Markdown: docs/reference/install-catalog.md.
#[derive(clap::Args)]
#[command(hide = true)]
pub(crate) struct Args {}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        terminal::data(&terminal::reference(Cli::command()))?;
        Ok(Outcome::Done)
    }
}
