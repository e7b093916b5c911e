//! `skipped.sh` lists what a run of the tests skipped, and refuses what must not be skipped.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::process::Command;

const OUTPUT: &str = "tests/skips/output.txt";

/// What the script prints, and its exit status.
fn skipped(output: &str, require: &str, accepted: &str) -> (String, Option<i32>) {
    let skips = tempfile::NamedTempFile::new().unwrap();
    fs::write(&skips, accepted).unwrap();
    let mut command = Command::new("tests/skipped.sh");
    command.arg(output).env("OLM_CATALOG_REQUIRE", require).env("OLM_CATALOG_SKIPS", skips.path());
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty() || output.status.code() == Some(2), "{output:?}");
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn skipped_tests_are_listed_with_reasons() {
    let (text, status) = skipped(OUTPUT, "", "");
    assert_eq!(status, Some(0));
    assert_eq!(text, fs::read_to_string("tests/skips/listed.txt").unwrap());
}

#[test]
fn required_tests_must_not_be_skipped() {
    let accepted = "# a comment\nbrowser *  why\nsrc/lib files::*::b  why\npeer texts*go_reads*  why\n";
    let (text, status) = skipped(OUTPUT, "tools", accepted);
    assert_eq!(status, Some(1));
    let refused: Vec<&str> = text.lines().filter(|line| line.ends_with("(not accepted)")).collect();
    assert_eq!(refused.len(), 2, "{text}");
    assert!(text.contains("2 skipped tests are not accepted with OLM_CATALOG_REQUIRE=tools"), "{text}");
    // The real data is not a tool.
    let (text, _) = skipped(OUTPUT, "all", accepted);
    assert!(text.contains("6 skipped tests are not accepted with OLM_CATALOG_REQUIRE=all"), "{text}");
    let all = format!("{accepted}data *  why\ndocumentation *  why\n");
    assert_eq!(skipped(OUTPUT, "all", &all).1, Some(0));
}

#[test]
fn nothing_skipped_and_wrong_values() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, "     Running tests/a.rs (a)\ntest b ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n")
        .unwrap();
    let file = file.path().to_str().unwrap();
    assert_eq!(skipped(file, "all", ""), ("no test was skipped\n".into(), Some(0)));
    assert_eq!(skipped(file, "every", "").1, Some(2));
}

/// Each line of the list names a suite and a test, and says why it may be skipped.
#[test]
fn accepted_skips_have_reasons() {
    for line in fs::read_to_string("tests/skips.txt").unwrap().lines().filter(|line| !line.starts_with('#')) {
        assert!(line.split_whitespace().count() > 4, "{line}: write the suite, the test, and why");
    }
}

/// A test that returns early passes, so the reason must not be printed only.
#[test]
fn no_test_is_skipped_without_a_trace() {
    let mut folders = vec![std::path::PathBuf::from("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("skips.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let silent = [
                    "shared() else { return }",
                    "start(None) else { return }",
                    "println!(\"ignored",
                    "println!(\"skipped",
                ];
                let found = silent.iter().find(|part| text.contains(*part));
                assert!(found.is_none(), "{}: use `common::skipped`, not {found:?}", path.display());
            }
        }
    }
}
