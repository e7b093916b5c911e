//! `catalog plan`: the cases of `tests/plan`, and the texts of `docs/plan.md`.
//!
//! A case is a folder with `catalog.yaml`, and bundles in `bundles` if it needs some. Each line of its `runs` has
//! options for `catalog plan catalog.yaml --package demo`; the output is in `output.txt`, which `BLESS=1` writes.

use std::fs;
use std::path::Path;

use olm_catalog::catalog::{Catalog, Scan};
use olm_catalog::plan::{End, Request};
use olm_catalog::published::{Outcome, compare};
use olm_catalog::safety::Known;
use olm_catalog::validate::Context;
use proptest::prelude::*;

use crate::cases::{expect_shown, expect_text, folders};
use crate::cli;
use crate::drawn::{all_good, printed};

#[test]
fn plans_are_as_before() {
    let case = |folder: &std::path::PathBuf| {
        let inside = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
        let mut output = String::new();
        for options in fs::read_to_string(folder.join("runs"))?.lines() {
            let words =
                options.split_whitespace().map(|word| if word == "bundles" { inside(word) } else { word.to_owned() });
            let mut arguments = vec!["plan".to_owned(), inside("catalog.yaml")];
            if !options.contains("--package") {
                arguments.extend(["--package".to_owned(), "demo".to_owned()]);
            }
            arguments.extend(words);
            let run = cli::catalog(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), "");
            let status = run.status.ok_or("ended by a signal")?;
            output += &format!("$ catalog plan catalog.yaml {options}\n{}{}exit {status}\n\n", run.stdout, run.stderr);
        }
        expect_text(&folder.join("output.txt"), &output.replace(&inside(""), ""))
    };
    all_good(folders("plan").iter().map(case));
}

#[test]
fn the_document_shows_what_is_printed() {
    all_good([expect_shown(Path::new("docs/plan.md"), printed)]);
}

/// The entry that an entry replaces, one that it can skip, and its range, all by their minor versions.
type Edges = (usize, Option<usize>, Option<(u64, u64)>);

/// A catalog of one package with one channel. Entry `i` is `v1.<i>.0`, replaces and skips others, and can have a range.
fn catalog_of(edges: &[Edges]) -> String {
    let mut text = "schema: olm.package\nname: demo\ndefaultChannel: stable\n---\nschema: olm.channel\npackage: demo\nname: stable\nentries:\n".to_owned();
    for (i, (replaces, skips, range)) in edges.iter().enumerate() {
        text += &format!("- name: demo.v1.{i}.0\n  replaces: demo.v1.{replaces}.0\n");
        skips.iter().for_each(|skipped| text += &format!("  skips: [demo.v1.{skipped}.0]\n"));
        range.iter().for_each(|(low, high)| text += &format!("  skipRange: '>=1.{low}.0 <1.{high}.0'\n"));
    }
    for i in 0..edges.len() {
        text += &format!(
            "---\nschema: olm.bundle\npackage: demo\nname: demo.v1.{i}.0\nproperties:\n- type: olm.package\n  value: {{packageName: demo, version: 1.{i}.0}}\n"
        );
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    /// `catalog diff` follows the users of every version with separate code.
    #[test]
    fn the_path_is_that_of_the_users(
        edges in proptest::collection::vec((0_usize..7, proptest::option::of(0_usize..7), proptest::option::of((0_u64..7, 0_u64..7))), 1..7),
    ) {
        let scan = olm_catalog::catalog::read_text(&catalog_of(&edges), Path::new("catalog.yaml"));
        let Scan { catalog, .. } = &scan;
        let context = Context::new(&scan, Path::new("catalog.yaml"));
        // Without the package's icon, so that it differs and its users are listed.
        let mut old = catalog.clone();
        old.packages[0].description = "old".to_owned();
        let difference = compare(&old, catalog, Path::new("catalog.yaml")).difference;
        for user in &difference.packages[0].users {
            let request = Request { package: "demo", from: Some(&user.bundle), ..Request::default() };
            let plan = request.way(&context).expect("all of it is there").plan(&Known::of(&Catalog::default()));
            let outcome = match plan.end {
                End::Head => Outcome::Head,
                End::Stuck { .. } => Outcome::Stuck,
                End::Circle { .. } => Outcome::Circle,
                End::Unordered { .. } => Outcome::Unordered,
                End::Kubernetes { .. } | End::Conflict { .. } => unreachable!("nothing is required"),
            };
            prop_assert_eq!(outcome, user.outcome, "{:?}", user);
            let csvs: Vec<&str> = plan.install_plans.iter().map(|plan| plan.csv.as_str()).collect();
            let way: Vec<&str> = user.way.iter().skip(1).map(String::as_str).take(csvs.len()).collect();
            prop_assert_eq!(csvs, way);
        }
        prop_assert!(!difference.packages[0].users.is_empty());
    }
}
