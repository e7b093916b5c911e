//! The command line of the programs.

use std::path::Path;
use std::process::ExitCode;

use clap::{Command, Parser};

use super::usage;

/// A blank at which clap does not break a line.
const UNBROKEN: &str = "\u{a0}";

/// Parses the command line. Prints help, and what is wrong with the command line.
///
/// Examples keep their lines on a narrow terminal too: a command that is broken into two lines cannot be pasted.
/// A program that is called as a plugin of kubectl calls itself `kubectl NAME`.
///
/// # Errors
/// The exit status after help (0), or after a wrong command line (2).
pub fn arguments<P: Parser>() -> Result<P, ExitCode> {
    let mut command = P::command();
    if let Some(name) = std::env::args_os().next().and_then(|program| as_plugin(Path::new(&program))) {
        let own = command.get_name().to_owned();
        command =
            with_examples(command.bin_name(&name), &|help| help.replace(&format!("  {own} "), &format!("  {name} ")));
    }
    command = with_examples(command, &|help| help.replace(' ', UNBROKEN));
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

/// What users type to call the program, if it is a plugin of kubectl: `kubectl install-catalog` runs the program
/// `kubectl-install_catalog`.
fn as_plugin(program: &Path) -> Option<String> {
    let name = program.file_name()?.to_str()?.strip_prefix("kubectl-")?;
    Some(format!("kubectl {}", name.replace('-', " ").replace('_', "-")))
}

/// Changes the examples of all verbs.
fn with_examples(command: Command, change: &impl Fn(String) -> String) -> Command {
    let command = command.mut_subcommands(|verb| with_examples(verb, change));
    match command.get_after_help().map(|help| change(help.to_string())) {
        Some(help) => command.after_help(help),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_of_kubectl_have_its_name() {
        let called = |program: &str| as_plugin(Path::new(program));
        assert_eq!(called("/krew/bin/kubectl-install_catalog").as_deref(), Some("kubectl install-catalog"));
        assert_eq!(called("kubectl-catalog").as_deref(), Some("kubectl catalog"));
        assert_eq!(called("/usr/bin/catalog"), None);
        assert_eq!(called(""), None);
    }
}
