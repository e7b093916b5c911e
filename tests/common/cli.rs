//! Running the program.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The result of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `catalog` in the project's folder, with an input.
pub(crate) fn catalog(arguments: &[&str], input: &str) -> Run {
    run(Path::new("."), arguments, input)
}

/// Runs `catalog` in another folder.
pub(crate) fn catalog_in(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, arguments, "")
}

/// Runs `catalog` in another folder, with an input.
pub(crate) fn catalog_with(folder: &Path, arguments: &[&str], input: &str) -> Run {
    run(folder, arguments, input)
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1").env("COLUMNS", "100");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that reads no input can close it.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}
