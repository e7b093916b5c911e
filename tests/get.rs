//! How users get the programs and run them in CI: manual pages, the files of a release, krew, pre-commit, the action for
//! GitHub, and the workflows.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "get/action.rs"]
mod action;
#[path = "get/archive.rs"]
mod archive;
mod common;
#[path = "../ci/dist/release.rs"]
mod dist;
#[path = "common/distribution.rs"]
mod distribution;
#[path = "get/image.rs"]
mod image;
#[path = "get/krew.rs"]
mod krew;
#[path = "get/manual.rs"]
mod manual;
#[path = "get/pre_commit.rs"]
mod pre_commit;
#[path = "get/workflows.rs"]
mod workflows;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

type Outcome = Result<Completion, Failed>;
type Test = fn() -> Outcome;

fn main() -> ExitCode {
    let tests: [(&str, Test); 17] = [
        ("manual::every_verb_has_a_page", manual::every_verb_has_a_page),
        ("manual::older_pages_are_replaced", manual::older_pages_are_replaced),
        ("manual::completions_are_scripts", manual::completions_are_scripts),
        ("manual::plugins_of_kubectl_have_its_name", manual::plugins_of_kubectl_have_its_name),
        ("archive::has_what_users_need", archive::has_what_users_need),
        ("archive::is_the_same_twice", archive::is_the_same_twice),
        ("archive::sbom_is_cyclonedx", archive::sbom_is_cyclonedx),
        ("image::runs_the_program", image::runs_the_program),
        ("krew::manifests_are_valid", krew::manifests_are_valid),
        ("krew::installs_the_plugins", krew::installs_the_plugins),
        ("action::annotates_findings", action::annotates_findings),
        ("action::builds_and_pushes", action::builds_and_pushes),
        ("action::checks_generated_files", action::checks_generated_files),
        ("action::downloads_releases", action::downloads_releases),
        ("action::inputs_are_not_commands", action::inputs_are_not_commands),
        ("pre_commit::runs_the_hooks", pre_commit::runs_the_hooks),
        ("workflows::are_valid", workflows::are_valid),
    ];
    let trials = tests.into_iter().map(|(name, test)| Trial::ignorable_test(name, test)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The program under test.
const CATALOG: &str = env!("CARGO_BIN_EXE_catalog");
const INSTALL_CATALOG: &str = env!("CARGO_BIN_EXE_install-catalog");

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The output of a command that must succeed.
fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}: {}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The folder of the static programs of a release, or why they are not here.
fn programs() -> Result<PathBuf, &'static str> {
    Ok(common::static_program()?.parent().expect("a program is in a folder").to_owned())
}

/// A repository with one operator of this one, up to date.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let package = "victoriametrics-operator";
    let places = [
        "bundles/repository.yaml",
        &format!("bundles/{package}"),
        &format!("channels/{package}.yaml"),
        &format!("catalog/{package}"),
    ];
    for place in places {
        let to = folder.path().join(place);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        succeeds(Command::new("cp").arg("-r").arg(project().join(place)).arg(to));
    }
    folder
}
