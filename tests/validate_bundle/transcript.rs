//! The output for each kind of input: `tests/validate_inputs/<case>.txt` has the command in its first line, followed by
//! its output and exit status. `BLESS=1` writes the rest.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

use crate::cases::expect_text;
use crate::cli;

pub(super) fn trials() -> Vec<Trial> {
    let entries = fs::read_dir("tests/validate_inputs").expect("the cases");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("a case").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    cases.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    cases.into_iter().map(|path| Trial::test(format!("input/{}", name(&path)), move || transcript(&path))).collect()
}

fn transcript(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let command = text.lines().next().and_then(|line| line.strip_prefix("$ catalog ")).ok_or("no command")?;
    let run = cli::catalog(&command.split(' ').collect::<Vec<_>>(), "");
    let status = run.status.ok_or("the program was killed")?;
    expect_text(path, &format!("$ catalog {command}\n{}{}exit status: {status}\n", run.stdout, run.stderr))
}
