//! `install-catalog man`: manual pages.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;
use olm_catalog::terminal;

use crate::{Cli, Outcome};

/// Write the manual pages of this program and its verbs.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Write the pages where man finds them:
    install-catalog man ~/.local/share/man/man1")]
pub(crate) struct Args {
    /// The folder to write to. Existing pages are replaced.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        terminal::write_manual(Cli::command(), &self.folder)
            .with_context(|| format!("cannot write {}", self.folder.display()))?;
        Ok(Outcome::Done)
    }
}
