//! The workflows of GitHub Actions: actionlint checks them, with the inputs of the action that they use.

use std::fs;
use std::process::Command;

use libtest_mimic::Completion;

use crate::{Outcome, common, project, text};

const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

pub(crate) fn are_valid() -> Outcome {
    let folder = project().join(".github/workflows");
    let workflows =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    for file in workflows.iter().chain([&project().join("action.yml")]) {
        for line in fs::read_to_string(file)?.lines() {
            let Some((_, action)) = line.split_once("uses: ").filter(|(_, action)| *action != "./") else { continue };
            let (commit, version) =
                action.split_once('@').and_then(|(_, pin)| pin.split_once(" # v")).unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && !version.is_empty(), "{}: pin {action} by a commit, with its version", file.display());
        }
    }
    let actionlint = match common::go::tool(ACTIONLINT) {
        Ok(program) => program,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    // Whether shellcheck is there changes what it finds.
    let lint = |root: &std::path::Path| {
        Command::new(&actionlint).args(["-no-color", "-shellcheck="]).current_dir(root).output()
    };
    let checked = lint(project())?;
    assert!(checked.status.success(), "{}", text(&checked.stdout));

    // It is a check: an input that the action does not have is found.
    let copy = tempfile::tempdir()?;
    fs::create_dir_all(copy.path().join(".github/workflows"))?;
    fs::create_dir(copy.path().join(".git"))?;
    fs::copy(project().join("action.yml"), copy.path().join("action.yml"))?;
    let wrong =
        fs::read_to_string(folder.join("ci.yml"))?.replace("        check: \"true\"\n", "        chek: \"true\"\n");
    fs::write(copy.path().join(".github/workflows/ci.yml"), wrong)?;
    let checked = lint(copy.path())?;
    assert!(!checked.status.success() && text(&checked.stdout).contains("chek"), "{}", text(&checked.stdout));
    Ok(Completion::Completed)
}
