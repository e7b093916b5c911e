//! The command line of the programs.

use std::process::ExitCode;

use clap::{Command, Parser};

use super::usage;

/// A blank at which clap does not break a line.
const UNBROKEN: &str = "\u{a0}";

/// Parses the command line. Prints help, and what is wrong with the command line.
///
/// Examples keep their lines on a narrow terminal too: a command that is broken into two lines cannot be pasted.
///
/// # Errors
/// The exit status after help (0), or after a wrong command line (2).
pub fn arguments<P: Parser>() -> Result<P, ExitCode> {
    let mut command = with_whole_examples(P::command());
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = parsed.and_then(|matches| P::from_arg_matches(&matches).map_err(|error| error.format(&mut command)));
    parsed.map_err(|error| {
        let text = error.render().ansi().to_string();
        match error.exit_code() {
            0 => usage(&text.replace(UNBROKEN, " "), 0),
            status => usage(&text, status),
        }
    })
}

fn with_whole_examples(command: Command) -> Command {
    let command = command.mut_subcommands(with_whole_examples);
    match command.get_after_help().map(|help| help.to_string().replace(' ', UNBROKEN)) {
        Some(help) => command.after_help(help),
        None => command,
    }
}
