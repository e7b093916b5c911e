//! `catalog diff` and `catalog validate --published`.
//!
//! A case is a folder `tests/published/cases/<case>` with `old.yaml` and `new.yaml`: the program's output in every
//! format is in its `output.txt`, which `BLESS=1` writes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
mod common;
#[path = "published/history.rs"]
mod history;
#[path = "published/laws.rs"]
mod laws;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::published::rule;

fn main() {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let folders = cases().into_iter();
    let cases = folders
        .map(|folder| Trial::test(format!("case::{}", folder.file_name().unwrap().display()), move || case(&folder)));
    let mut trials: Vec<Trial> = cases.collect();
    trials.push(Trial::test("every_finding_has_a_case_and_a_document", every_finding_has_a_case_and_a_document));
    trials.push(Trial::test("what_cannot_be_read_is_exit_2", what_cannot_be_read_is_exit_2));
    trials.extend(laws::trials());
    trials.extend(history::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn cases() -> Vec<PathBuf> {
    cases::folders("published/cases")
}

fn case(folder: &Path) -> Result<(), Failed> {
    let side = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (old, new) = (side("old.yaml"), side("new.yaml"));
    let mut output = String::new();
    let mut run = |arguments: &[&str], shown: &str| -> Result<(), Failed> {
        let run = cli::catalog(arguments, "");
        let status = run.status.ok_or("ended by a signal")?;
        output += &format!("$ catalog {shown}\n{}{}exit {status}\n\n", run.stdout, run.stderr);
        Ok(())
    };
    run(&["diff", &old, &new], "diff old.yaml new.yaml")?;
    run(&["validate", &new, "--published", &old], "validate new.yaml --published old.yaml")?;
    // The other formats have the same parts.
    if ["all-changes", "pruned", "foreign-text"].iter().any(|name| folder.ends_with(name)) {
        for format in ["json", "github", "markdown"] {
            run(&["diff", &old, &new, "--format", format], &format!("diff old.yaml new.yaml --format {format}"))?;
        }
    }
    cases::expect_text(&folder.join("output.txt"), &output)
}

fn every_finding_has_a_case_and_a_document() -> Result<(), Failed> {
    let output: String = cases().iter().map(|case| fs::read_to_string(case.join("output.txt")).unwrap()).collect();
    let document = fs::read_to_string("docs/published.md")?;
    for id in rule::EVERY.map(|rule| rule.id) {
        assert!(output.contains(&format!("[{id}]")), "no case has {id}");
        assert!(document.contains(&format!("| `{id}` |")), "docs/published.md has no {id}");
    }
    Ok(())
}

fn what_cannot_be_read_is_exit_2() -> Result<(), Failed> {
    let good = "tests/published/cases/equal/old.yaml";
    for arguments in [["diff", good, "./gone"], ["diff", "./gone", good]] {
        let run = cli::catalog(&arguments, "");
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains("./gone does not exist"), "{run:?}");
    }
    let run = cli::catalog(&["validate", good, "--published", "./gone"], "");
    assert_eq!(run.status, Some(2), "{run:?}");
    // The content of a catalog that cannot be read does not count as removed.
    let bad = tempfile::tempdir()?;
    let path = bad.path().join("bad.yaml");
    fs::write(&path, "schema: olm.package\nname: [demo]\n")?;
    let run = cli::catalog(&["validate", path.to_str().unwrap(), "--published", good, "-o", "json"], "");
    assert!(run.status == Some(1) && !run.stdout.contains("published-"), "{run:?}");
    Ok(())
}
