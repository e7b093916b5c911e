//! `catalog crd diff`, and `catalog upgrades`.
//!
//! A case is a folder `tests/crd_diff/cases/<case>` with `a.yaml` and `b.yaml`: the output of the program, as text and
//! JSON, is in its `diff.txt`, which `BLESS=1` writes. The bundles of this repository are also compared with the
//! released ones: a file `tests/crd_diff/released/<package>@<version>.txt` has the intended differences, with the
//! reason above them; without the file there are none. The verdicts of OLM v1 are compared with crdify's in
//! `tests/crd_diff/crdify/cases.jsonl`, which `go run .` there writes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
mod common;
#[path = "upgrades/mod.rs"]
mod upgrades;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::bundle::Bundle;
use olm_catalog::crd::{self, Crd, crdify};
use serde_json::{Value, json};

fn main() {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let cases = cases::folders("crd_diff/cases")
        .into_iter()
        .map(|folder| Trial::test(format!("case::{}", folder.file_name().unwrap().display()), move || case(&folder)));
    let unknown = Trial::test("unknown_versions_are_reported", unknown_versions_are_reported);
    let crdify = Trial::test("crdify_says_the_same", crdify_says_the_same);
    libtest_mimic::run(
        &Arguments::from_args(),
        cases.chain(released()).chain([unknown, crdify]).chain(upgrades::trials()).collect(),
    )
    .exit();
}

fn crdify_says_the_same() -> Result<(), Failed> {
    let side = |value: &Value| -> Result<Crd, Failed> {
        match value.as_str() {
            Some(file) => Ok(crd::read(Path::new(file))?.remove(0)),
            None => Ok(Crd::from_manifest(value.clone())?),
        }
    };
    let mut different = String::new();
    for case in cases::json_lines("crd_diff/crdify/cases.jsonl") {
        let blocks = crdify::blocks(&side(&case["old"])?, &side(&case["new"])?);
        // If there are many, only the number per check is kept.
        let found = match case["found"].is_array() {
            true => {
                let mut found: Vec<_> =
                    blocks.iter().map(|block| json!([block.version, block.field, block.check])).collect();
                found.sort_by_key(|one| [0, 1, 2].map(|i| one[i].as_str().unwrap_or_default().to_owned()));
                found.dedup();
                json!(found)
            }
            false => {
                let mut counts = BTreeMap::new();
                blocks.iter().for_each(|block| *counts.entry(block.check).or_insert(0) += 1);
                json!(counts)
            }
        };
        if found != case["found"] {
            different += &format!("{} {}\n  ours:   {found}\n  crdify: {}\n", case["why"], case["new"], case["found"]);
        }
    }
    if different.is_empty() { Ok(()) } else { Err(different.into()) }
}

fn unknown_versions_are_reported() -> Result<(), Failed> {
    for (side, message) in [
        (
            "percona-xtradb-cluster-operator@9.9.9",
            "percona-xtradb-cluster-operator has no version 9.9.9 in bundles/percona-xtradb-cluster-operator; it has 1.10.0, 1.11.0, 1.12.0, 1.13.0",
        ),
        (
            "dbaas-operato@0.1.9",
            "there is no package dbaas-operato (bundles/dbaas-operato/operator.yaml is missing); did you mean dbaas-operator?",
        ),
        ("../x@1.0.0", "../x@1.0.0 is not PACKAGE@VERSION"),
    ] {
        let run = cli::catalog(&["crd", "diff", side, "dbaas-operator@0.1.17"], "");
        assert_eq!((run.status, run.stderr), (Some(2), format!("error: {message}\n")));
    }
    Ok(())
}

fn case(folder: &Path) -> Result<(), Failed> {
    let side = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (a, b) = (side("a.yaml"), side("b.yaml"));
    let mut told = String::new();
    for more in [&[][..], &["--breaking"], &["-o", "json"]] {
        let run = cli::catalog(&[&["crd", "diff", &a, &b], more].concat(), "");
        told += &format!(
            "$ catalog crd diff a.yaml b.yaml{}\n",
            more.iter().map(|word| format!(" {word}")).collect::<String>()
        );
        told += &format!("{}{}exit {}\n\n", run.stdout, run.stderr, run.status.ok_or("ended by a signal")?);
    }
    cases::expect_text(&folder.join("diff.txt"), &told)
}

fn released() -> Vec<Trial> {
    let Some(shared) = common::shared() else {
        return vec![common::without_data("released")];
    };
    let folders = |folder: PathBuf| {
        let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.retain(|path| path.is_dir());
        found.sort();
        found
    };
    let bundles: Vec<_> = folders(shared.join("upstream")).into_iter().flat_map(folders).collect();
    assert!(!bundles.is_empty(), "no bundle is there");
    let trials = bundles.into_iter().map(|folder| {
        // The name of the folder is an image's tag, which is not always the bundle's version.
        let contents = Bundle::read(&folder).unwrap().contents().unwrap();
        let ours = format!("{}@{}", contents.package, contents.version());
        Trial::test(format!("released::{ours}"), move || against_released(&folder, &ours))
    });
    trials.collect()
}

fn against_released(folder: &Path, ours: &str) -> Result<(), Failed> {
    let meant = Path::new("tests/crd_diff/released").join(format!("{ours}.txt"));
    let expected = match fs::read_to_string(&meant) {
        Ok(text) => text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect(),
        Err(_) => "no differences\n".to_owned(),
    };
    let run = cli::catalog(&["crd", "diff", folder.to_str().unwrap(), ours], "");
    if (&*run.stdout, &*run.stderr) == (&*expected, "") {
        return Ok(());
    }
    Err(format!("expected:\n{expected}found:\n{}{}", run.stdout, run.stderr).into())
}
