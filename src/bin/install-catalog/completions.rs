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
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "install-catalog", &mut script);
        terminal::data(&String::from_utf8(script)?)?;
        Ok(Outcome::Done)
    }
}
