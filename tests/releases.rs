//! The verbs that change what maintainers write by hand: `init`, `import`, `promote`, `deprecate`, `withdraw`.
//!
//! A case is a folder `tests/import/<case>` with a `run.txt`. The folder is copied, and the commands of `run.txt`, the lines
//! that begin with `$`, run in the copy, one after the other. `BLESS=1` writes what they print below them. `$ cat FILE` shows a
//! file, `$ ls FOLDER` the files below a folder, `< FILE` is the standard input of a command, and `> FILE` keeps what it
//! prints. Words may be in single quotes.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
mod common;
#[path = "common/distribution.rs"]
mod distribution;
#[path = "releases/from_nothing.rs"]
mod from_nothing;
#[path = "common/images.rs"]
mod images;
#[allow(dead_code, reason = "only the served program is used here")]
#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let is_run = |folder: &PathBuf| folder.join("run.txt").exists();
    let mut trials: Vec<Trial> = cases::folders("import").into_iter().filter(is_run).map(case).collect();
    assert!(!trials.is_empty());
    trials.push(Trial::test("the_documented_commands", documented));
    trials.push(Trial::ignorable_test("from_an_empty_folder_to_a_query", from_nothing::run));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn case(folder: PathBuf) -> Trial {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    Trial::test(format!("run/{name}"), move || run(&folder))
}

/// The commands of `docs/releases.md`, one after the other.
fn documented() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    copy(Path::new("tests/releases/documented"), folder.path())?;
    cases::expect_shown(Path::new("docs/releases.md"), |arguments| {
        let words = words(&arguments.join(" "));
        let run = cli::catalog_in(folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.status, Some(0), "{arguments:?}: {}", run.stderr);
        run.stdout + &run.stderr
    })
}

fn run(case: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    copy(case, folder.path())?;
    let file = case.join("run.txt");
    let mut told = String::new();
    for command in fs::read_to_string(&file)?.lines().filter_map(|line| line.strip_prefix("$ ")) {
        told += &format!("$ {command}\n");
        let words = words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["cat", name] => told += &fs::read_to_string(folder.path().join(name))?,
            ["ls", name] => {
                let mut found = Vec::new();
                list(&folder.path().join(name), name, &mut found)?;
                found.sort();
                found.iter().for_each(|line| told += &format!("{line}\n"));
            }
            ["catalog", ref arguments @ .., "<", input] => {
                let input = fs::read_to_string(folder.path().join(input))?;
                told += &shown(cli::catalog_with(folder.path(), arguments, &input))?;
            }
            ["catalog", ref arguments @ .., ">", output] => {
                let run = cli::catalog_in(folder.path(), arguments);
                fs::write(folder.path().join(output), &run.stdout)?;
                told += &shown(cli::Run { stdout: String::new(), ..run })?;
            }
            ["catalog", ref arguments @ ..] => told += &shown(cli::catalog_in(folder.path(), arguments))?,
            _ => return Err(format!("{command} is not a command of these tests").into()),
        }
        told.push('\n');
    }
    cases::expect_text(&file, &told)
}

fn shown(run: cli::Run) -> Result<String, Failed> {
    let status = run.status.ok_or("the program was killed")?;
    Ok(format!("{}{}exit status: {status}\n", run.stdout, run.stderr))
}

/// The words of a command.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in command.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    words.push(word);
    words
}

fn list(folder: &Path, name: &str, found: &mut Vec<String>) -> Result<(), Failed> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &name, found)?;
        } else {
            found.push(name);
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&to)?;
            copy(&entry.path(), &to)?;
        } else if entry.file_name() != "run.txt" {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
