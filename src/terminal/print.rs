//! The one place that prints.
#![allow(clippy::disallowed_methods, reason = "here is where it is printed")]

use std::io::{self, IsTerminal as _, Write as _};
#[cfg(feature = "cli")]
use std::process::ExitCode;

use super::progress::aside;
use super::{Text, guarded, json_text, yaml_text};

/// Prints a text on standard output, in colour if that is a terminal. A closed standard output is not an error.
///
/// # Errors
/// Standard output cannot be written.
pub fn out(text: &Text) -> io::Result<()> {
    write_out(&guarded(text.as_str()))
}

/// Prints a text on standard error, in colour if that is a terminal. A failure is ignored: there is no other place to
/// report it.
pub fn err(text: &Text) {
    let _ = aside(|| anstream::stderr().write_all(guarded(text.as_str()).as_bytes()));
}

/// Prints a JSON document as one line on standard error, with the escapes of [`json_text`]. A failure is ignored, as
/// in [`err`].
pub fn err_json(text: &str) {
    let line = format!("{}\n", json_text(text));
    let _ = aside(|| io::stderr().write_all(line.as_bytes()));
}

/// Prints a JSON document on standard output, with the escapes of [`json_text`].
///
/// # Errors
/// Those of [`out`].
pub fn json(text: &str) -> io::Result<()> {
    write_raw(&json_text(text))
}

/// Prints YAML that this crate wrote on standard output, with the escapes of [`yaml_text`].
///
/// # Errors
/// Those of [`out`].
pub fn yaml(text: &str) -> io::Result<()> {
    write_raw(&yaml_text(text, true))
}

/// Prints data on standard output unchanged: scripts, commands for CI. Foreign text in it must be escaped by the data's
/// own rules.
///
/// # Errors
/// Those of [`out`].
pub fn data(text: &str) -> io::Result<()> {
    write_raw(text)
}

/// Prints a question on standard output, without an end of line, and reads the answer.
///
/// # Errors
/// Those of [`out`], and standard input that cannot be read.
pub fn prompt(question: &Text) -> io::Result<String> {
    out(question)?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer)
}

/// Whether the user can be asked: standard input and output are terminals.
#[must_use]
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && out_is_terminal()
}

/// Whether standard output is a terminal.
#[must_use]
pub fn out_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether standard error is a terminal.
#[must_use]
pub fn err_is_terminal() -> bool {
    io::stderr().is_terminal()
}

fn write_out(text: &str) -> io::Result<()> {
    unless_closed(aside(|| anstream::stdout().write_all(text.as_bytes())))
}

fn write_raw(text: &str) -> io::Result<()> {
    let print = || {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    };
    unless_closed(aside(print))
}

fn unless_closed(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Prints clap's message about the command line, which repeats the arguments: help on standard output, mistakes (status
/// 2) on standard error.
#[cfg(feature = "cli")]
pub(super) fn usage(ansi: &str, status: i32) -> ExitCode {
    let text = Text::laid_out(ansi);
    match status {
        0 if out(&text).is_ok() => ExitCode::SUCCESS,
        0 => ExitCode::from(2),
        _ => {
            err(&text);
            ExitCode::from(2)
        }
    }
}
