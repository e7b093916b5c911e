//! The history of real catalogs: the released ones of four operators compared with this repository's, and before and
//! after a version is withdrawn the way maintainers do it: its line is removed from the template, from which the
//! channels are generated. With a withdrawn list and an upgrade for its users there is no error.
//!
//! The output for each is in `tests/published/history/<package>.txt`, which `BLESS=1` writes.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use olm_catalog::catalog::Catalog;
use olm_catalog::channel::Template;
use olm_catalog::diagnostic::{Finding, Severity};
use olm_catalog::published::{Comparison, Outcome, compare};

use crate::{cases, cli, common};

pub(crate) fn trials() -> Vec<Trial> {
    let Some(shared) = common::shared() else {
        return vec![common::without_data("history")];
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
        assert_eq!((run.status, &*run.stdout, &*run.stderr), (Some(0), "no differences, no findings\n", ""));
        Ok(())
    }));
    trials
}

fn history(path: &Path, package: &str) -> Result<(), Failed> {
    let released = Catalog::read(path)?;
    let template = fs::read_to_string(path.with_file_name("veneer.yaml"))?;
    let ours = Catalog::read(&Path::new("catalog").join(package))?;
    let mut output = String::from("# The users of the released catalog, in the catalog of this repository\n\n");
    output += &paths(&compare(&released, &ours, Path::new("catalog")));
    let all = rendered(&template, &released)?;
    assert_eq!(errors(&compare(&released, &all, Path::new("catalog.yaml"))), "", "the template makes the catalog");
    for bundle in &released.bundles {
        let kept = |line: &&str| line.trim().strip_prefix("- Image: ") != Some(&*bundle.image);
        let pruned: String = template.lines().filter(kept).map(|line| format!("{line}\n")).collect();
        assert_ne!(pruned, template, "{} stands in the template", bundle.name);
        let comparison = compare(&released, &rendered(&pruned, &released)?, Path::new("catalog.yaml"));
        output += &format!("\n# The released template without {}\n\n{}", bundle.name, errors(&comparison));
        assert!(comparison.hurts(), "{} is published", bundle.name);
        let withdrawn = rendered(&format!("{pruned}{}", withdrawal(&released, &bundle.name)), &released)?;
        let comparison = compare(&released, &withdrawn, Path::new("catalog.yaml"));
        assert_eq!(errors(&comparison), "", "{} is withdrawn", bundle.name);
    }
    cases::expect_text(&Path::new("tests/published/history").join(format!("{package}.txt")), &output)
}

/// The documents after a template that withdraw a version: the list, and a skipRange of the heads that contains its
/// users. Users of a head have no upgrade until a newer version is published; those of a removed channel change to
/// another.
fn withdrawal(released: &Catalog, name: &str) -> String {
    let package = &released.packages[0].name;
    let default = &released.packages[0].default_channel;
    let (mut listed, mut laid) = (String::new(), String::new());
    for channel in released.channels.iter().filter(|channel| channel.entries.iter().any(|entry| entry.name == name)) {
        let head = &channel.entries.last().unwrap().name;
        let (what, goes_to) = match (channel.entries.len(), head == name) {
            (1, _) => (String::new(), default),
            (_, true) => (format!("  bundle: {name}\n"), &"none".to_owned()),
            (_, false) => (format!("  bundle: {name}\n"), head),
        };
        listed += &format!("- channel: {}\n{what}  reason: A test.\n  upgradeTo: {goes_to}\n", channel.name);
        let followed = if channel.entries.len() == 1 { default } else { &channel.name };
        let followed = released.channels.iter().find(|channel| channel.name == *followed).unwrap();
        let head = &followed.entries.last().unwrap().name;
        if head != name {
            let version = head.rsplit_once(".v").unwrap().1;
            laid += &format!("---\nschema: olm.channel\npackage: {package}\nname: {}\nentries:\n", followed.name);
            laid += &format!("- name: {head}\n  skipRange: <{version}\n");
        }
    }
    format!("---\nschema: olm-catalog.withdrawn\npackage: {package}\nwithdrawn:\n{listed}{laid}")
}

/// The catalog that the template makes from the released bundles.
fn rendered(template: &str, released: &Catalog) -> Result<Catalog, Failed> {
    let told = |findings: Vec<Finding>| Failed::from(findings.iter().map(|f| f.message.as_str()).collect::<String>());
    let template = Template::parse(template, Path::new("veneer.yaml")).map_err(told)?;
    let bundle = |image: &str| released.bundles.iter().find(|bundle| bundle.image == image).cloned();
    template.render(&|image| bundle(image).ok_or_else(|| "not released".into())).map_err(told)
}

fn paths(comparison: &Comparison) -> String {
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
