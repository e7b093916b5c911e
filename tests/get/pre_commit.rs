//! pre-commit itself runs the hooks, in a repository of a user.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Completion;

use crate::{CATALOG, Outcome, project, repository, succeeds, text};

/// The program pre-commit, in an environment of its own in the target folder.
fn pre_commit() -> Result<PathBuf, String> {
    const VERSION: &str = "pre-commit==4.7.0";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("tools").join(VERSION);
    let program = folder.join("bin/pre-commit");
    if program.is_file() {
        return Ok(program);
    }
    let run = |program: &Path, arguments: &[&str]| match Command::new(program).args(arguments).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            Err(format!("{VERSION} cannot be installed: {}", text(&output.stderr).lines().last().unwrap_or_default()))
        }
        Err(error) => Err(format!("{VERSION} is installed with {}, which cannot be run: {error}", program.display())),
    };
    run(Path::new("python3"), &["-m", "venv", folder.to_str().unwrap()])?;
    run(&folder.join("bin/python"), &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", VERSION])?;
    Ok(program)
}

pub(crate) fn runs_the_hooks() -> Outcome {
    let pre_commit = match pre_commit() {
        Ok(program) => program,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    let (hooks, user, home) = (tempfile::tempdir()?, repository(), tempfile::tempdir()?);
    let git = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]);
        succeeds(command.args(arguments).current_dir(folder).env("HOME", home.path()))
    };
    // A repository with the hooks of this one.
    fs::copy(project().join(".pre-commit-hooks.yaml"), hooks.path().join(".pre-commit-hooks.yaml"))?;
    for folder in [hooks.path(), user.path()] {
        git(folder, &["init", "--quiet"]);
        git(folder, &["add", "."]);
        git(folder, &["commit", "--quiet", "--message", "first"]);
    }
    let path = format!("{}:{}", Path::new(CATALOG).parent().unwrap().display(), std::env::var("PATH")?);
    let try_repo = || {
        let mut command = Command::new(&pre_commit);
        command.args(["try-repo", "--color", "never", "--all-files"]).arg(hooks.path()).current_dir(user.path());
        let output = command.env("PATH", &path).env("HOME", home.path()).output().unwrap();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (status, printed) = try_repo();
    assert_eq!(status, Some(0), "{printed}");
    assert_eq!(printed.matches("Passed").count(), 3, "{printed}");

    let file = user.path().join("catalog/victoriametrics-operator/catalog.yaml");
    fs::write(&file, fs::read_to_string(&file)?.replace("defaultChannel: ", "defaultChannel: not-"))?;
    let (status, printed) = try_repo();
    assert_eq!(status, Some(1), "{printed}");
    let passed = |name: &str| printed.lines().any(|line| line.starts_with(name) && line.ends_with("Passed"));
    assert!(passed("catalog generate") && !passed("catalog validate") && !passed("catalog build"), "{printed}");
    assert!(printed.contains("not-stable"), "{printed}");
    Ok(Completion::Completed)
}
