//! `install-catalog completions`: completion scripts for shells.

use clap::CommandFactory;
use clap_complete::Shell;
use olm_catalog::terminal;

use crate::{Cli, Outcome};

/// Print a completion script for a shell.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Complete commands in every new bash:
    install-catalog completions bash > /etc/bash_completion.d/install-catalog

  Complete commands in this zsh:
    source <(install-catalog completions zsh)")]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        terminal::completions(self.shell, Cli::command())?;
        Ok(Outcome::Done)
    }
}
