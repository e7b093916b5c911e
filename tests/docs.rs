//! The documentation: its links, its pages, the reference of the command line, and the commands that it shows.
//!
//! `BLESS=1` writes the reference pages, and the output below commands that print something else now.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "docs/accepted.rs"]
mod accepted;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;
#[path = "docs/links.rs"]
mod links;
#[path = "docs/shown.rs"]
mod shown;

use std::path::Path;
use std::process::{Command, ExitCode};

use distribution::DockerRegistry;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

fn main() -> ExitCode {
    let trials = vec![
        Trial::test("every_link_has_a_target", links::have_targets),
        Trial::test("every_page_is_in_the_summary", links::summary_is_complete),
        Trial::test("every_command_is_accepted", accepted::commands_are_accepted),
        Trial::test("the_reference_of_catalog_is_up_to_date", || reference(env!("CARGO_BIN_EXE_catalog"))),
        Trial::test("the_reference_of_install_catalog_is_up_to_date", || {
            reference(env!("CARGO_BIN_EXE_install-catalog"))
        }),
        Trial::test("readme_shows_what_is_printed", || shown::check(Path::new("README.md"), Path::new("."), None)),
        Trial::ignorable_test("the_tutorial_works", tutorial),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The page of a program in `docs/reference` is what the program prints.
fn reference(program: &str) -> Result<(), Failed> {
    let output = Command::new(program).arg("reference").output()?;
    assert!(output.status.success(), "{output:?}");
    let name = Path::new(program).file_name().unwrap().to_str().unwrap();
    cases::expect_text(&Path::new("docs/reference").join(format!("{name}.md")), &String::from_utf8(output.stdout)?)
}

/// Every step of the tutorial that needs no cluster, in an empty folder.
fn tutorial() -> Result<Completion, Failed> {
    let Some(registry) = DockerRegistry::start(None) else {
        return Ok(Completion::ignored_with("not installed: docker-registry"));
    };
    let folder = tempfile::tempdir()?;
    shown::check(Path::new("docs/tutorial.md"), folder.path(), Some(&registry))?;
    Ok(Completion::Completed)
}
