//! Completion scripts of the programs.

use std::io;

use clap::Command;
use clap_complete::Shell;

/// Prints the completion script of a program for a shell.
///
/// # Errors
/// Standard output cannot be written.
pub fn completions(shell: Shell, mut command: Command) -> io::Result<()> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    super::data(&String::from_utf8_lossy(&script))
}
