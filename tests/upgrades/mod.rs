//! `catalog upgrades`: a case is a folder `tests/upgrades/cases/<case>` with `catalog.yaml`. The output for it, as text
//! and JSON, is in its `upgrades.txt`, which `BLESS=1` writes together with the blocks of `docs/upgrades.md`.

mod crdify;

use std::path::Path;

use libtest_mimic::{Failed, Trial};

use crate::{cases, cli};

pub(crate) fn trials() -> Vec<Trial> {
    let case = |folder: std::path::PathBuf| {
        let name = format!("upgrades::{}", folder.file_name().expect("a name").display());
        Trial::test(name, move || case(&folder))
    };
    let document = Trial::test("upgrades_document", || {
        cases::expect_shown(Path::new("docs/upgrades.md"), |arguments| cli::catalog(arguments, "").stdout)
    });
    let wrong = Trial::test("upgrades_of_what_is_not_there", wrong);
    let crdify = Trial::test("upgrades_beside_crdify", crdify::verdicts_differ_as_listed);
    cases::folders("upgrades/cases").into_iter().map(case).chain([document, wrong, crdify]).collect()
}

fn case(folder: &Path) -> Result<(), Failed> {
    let catalog = folder.join("catalog.yaml");
    let mut told = String::new();
    for options in [&[][..], &["--all"], &["--channel", "stable", "--breaking"], &["-o", "json"]] {
        let run = cli::catalog(&[&["upgrades", catalog.to_str().ok_or("a path")?], options].concat(), "");
        told += &format!("$ catalog {}\n", [&["upgrades", "catalog.yaml"], options].concat().join(" "));
        told += &format!("{}{}exit {}\n\n", run.stdout, run.stderr, run.status.ok_or("ended by a signal")?);
    }
    cases::expect_text(&folder.join("upgrades.txt"), &told)
}

fn wrong() -> Result<(), Failed> {
    let catalog = "tests/upgrades/cases/unknown/catalog.yaml";
    for (arguments, message) in [
        (&["--package", "x"][..], "error: the catalog has no package \"x\"; it has \"demo\"\n"),
        (&["--bundles", "tests/upgrades/cases"], ""),
        (
            &["--limit", "upgrade-edges=1"],
            "error: package demo has too many upgrades: it exceeds the limit upgrade-edges of 1; \
             `--limit upgrade-edges=VALUE` raises it\n",
        ),
    ] {
        let run = cli::catalog(&[&["upgrades", catalog, "--breaking"], arguments].concat(), "");
        // Folders that are not in the package are ignored, and there is a breaking upgrade.
        let status = if message.is_empty() { 1 } else { 2 };
        assert_eq!((run.status, run.stderr.as_str()), (Some(status), message), "{arguments:?}");
    }
    Ok(())
}
