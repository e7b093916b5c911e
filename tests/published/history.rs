//! The history of real catalogs: the released ones of four operators, against this repository's, and before and after a
//! version is withdrawn as maintainers did it: its line is taken out of the template, and nothing else is done.
//!
//! What is said of each is in `tests/published/history/<package>.txt`, which `BLESS=1` writes.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use olm_catalog::catalog::Catalog;
use olm_catalog::diagnostic::Severity;
use olm_catalog::published::{Comparison, Outcome, compare};

use crate::{cases, cli, common};

pub(crate) fn trials() -> Vec<Trial> {
    let Some(shared) = common::shared() else {
        let none = Trial::test("history", || Ok(())).with_ignored_flag(true).with_kind("needs the folder shared");
        return vec![none];
    };
    let entries = fs::read_dir(shared.join("upstream")).unwrap();
    let mut released: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path().join("catalog.yaml")).collect();
    released.retain(|path| path.is_file());
    released.sort();
    assert!(!released.is_empty(), "no catalog is there");
    let trial = |path: PathBuf| {
        let package = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(format!("history::{package}"), move || history(&path, &package))
    };
    let mut trials: Vec<Trial> = released.into_iter().map(trial).collect();
    trials.push(Trial::test("history::a_large_catalog_has_no_difference_to_itself", move || {
        let large = shared.join("corpus/catalogs/community-v4.16");
        let run = cli::catalog(&["diff", large.to_str().unwrap(), large.to_str().unwrap()], "");
        assert_eq!((run.status, &*run.stdout, &*run.stderr), (Some(0), "no difference, no findings\n", ""));
        Ok(())
    }));
    trials
}

fn history(released: &Path, package: &str) -> Result<(), Failed> {
    let released = Catalog::read(released)?;
    let ours = Catalog::read(&Path::new("catalog").join(package))?;
    let mut said = String::from("# The users of the released catalog, in the catalog of this repository\n\n");
    said += &ways(&compare(&released, &ours, Path::new("catalog")));
    let names: Vec<&String> = released.bundles.iter().map(|bundle| &bundle.name).collect();
    for name in names {
        let comparison = compare(&released, &without(&released, name), Path::new("catalog.yaml"));
        said += &format!("\n# The released catalog without {name}\n\n{}", errors(&comparison));
        assert!(comparison.hurts(), "{name} is published");
    }
    cases::expect_text(&Path::new("tests/published/history").join(format!("{package}.txt")), &said)
}

/// The catalog of the template without the version: what replaced it replaces what it replaced.
fn without(catalog: &Catalog, name: &str) -> Catalog {
    let mut catalog = catalog.clone();
    catalog.bundles.retain(|bundle| bundle.name != name);
    for channel in &mut catalog.channels {
        let replaced = channel.entries.iter().find(|entry| entry.name == name).map(|entry| entry.replaces.clone());
        channel.entries.retain(|entry| entry.name != name);
        for entry in &mut channel.entries {
            entry.skips.retain(|skipped| skipped != name);
            if entry.replaces == name {
                entry.replaces = replaced.clone().unwrap_or_default();
            }
        }
    }
    catalog.channels.retain(|channel| !channel.entries.is_empty());
    catalog
}

fn ways(comparison: &Comparison) -> String {
    let users = comparison.difference.packages.iter().flat_map(|package| &package.users);
    users
        .map(|way| {
            let before = if way.reached_before { "reached the head" } else { "did not reach the head" };
            let after = if way.outcome == Outcome::Head { "reach it" } else { "do not" };
            format!("{}: {}; {before}, {after}\n", way.channel, way.way.join(" -> "))
        })
        .collect()
}

fn errors(comparison: &Comparison) -> String {
    let errors = comparison.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| format!("[{}] {}\n", finding.rule, finding.message)).collect()
}
