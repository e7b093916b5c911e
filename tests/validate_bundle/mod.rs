//! The rules of bundles: their fixtures and documents, and the findings of the peers' validators.

mod crds;
mod fixture;
mod golden;
mod transcript;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use olm_catalog::diagnostic::{Finding, text};
use olm_catalog::validate::Target;
use olm_catalog::validate::bundle::{Options, RULES, Rule, Set, validate_folder};

use fixture::Fixture;

const FOLDER: &str = "tests/validate_bundle";

pub(crate) fn trials(shared: Option<&Path>) -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("bundle/rules_are_registered", rules_are_registered),
        Trial::test("bundle/rules_have_documents", rules_have_documents),
        Trial::test("bundle/crds", crds::verdicts),
        Trial::test("bundle/patterns", crds::patterns),
        Trial::test("bundle/differences", golden::differences_are_shown),
        Trial::test("bundle/base", || good(Fixture::of(Path::new("tests/validate_bundle/base"))?, &Options::all())),
        Trial::test("bundle/made/bundle-size", || made("bundle-size", 700_000, 3)),
        Trial::test("bundle/made/object-size", || made("object-size", 1_600_000, 1)),
    ];
    trials.extend(RULES.iter().flat_map(|rule| fixtures(rule)));
    trials.extend(RULES.iter().map(|rule| Trial::test(format!("bundle/example/{}", rule.id), || example(rule))));
    trials.extend(transcript::trials());
    match shared {
        Some(shared) => trials.extend(golden::trials(shared)),
        None => trials.push(crate::common::without_data("bundle/golden")),
    }
    trials
}

/// The sets of a rule and its target, and nothing else.
fn options(rule: &Rule) -> Options {
    let sets = rule.sets.iter().copied().collect::<BTreeSet<Set>>();
    Options { sets, targets: Target::of(rule.id).into_iter().collect(), ..Options::default() }
}

fn check(fixture: &Fixture, options: &Options) -> Result<Vec<Finding>, Failed> {
    let mut findings = validate_folder(fixture.path(), options)?;
    findings.iter_mut().for_each(|finding| fixture.relative(finding));
    Ok(findings)
}

fn shown(fixture: &Fixture, findings: &[Finding]) -> String {
    text::render(findings, &fixture.sources()).plain() + &text::summary(findings)
}

// Fixtures: tests/validate_bundle/<rule>/{bad,good}*, see fixture.rs.

fn fixtures(rule: &'static Rule) -> Vec<Trial> {
    let folder = Path::new(FOLDER).join(rule.id);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.expect("a fixture").path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut trials: Vec<Trial> = Vec::new();
    for path in &paths {
        let (path, name) = (path.clone(), name(path));
        let title = format!("bundle/fixture/{}/{name}", rule.id);
        trials.push(match name.starts_with("good") {
            true => Trial::test(title, move || good(Fixture::of(&path)?, &options(rule))),
            false => Trial::test(title, move || bad(rule, &path, &name)),
        });
    }
    let made = matches!(rule.id, "bundle-size" | "object-size");
    let has = move |kind: &str| match made || paths.iter().any(|path| name(path).starts_with(kind)) {
        true => Ok(()),
        false => Err(Failed::from(format!("rule {} has no {kind} fixture", rule.id))),
    };
    trials.push(Trial::test(format!("bundle/fixture/{}", rule.id), move || has("good").and_then(|()| has("bad"))));
    trials
}

fn good(fixture: Fixture, options: &Options) -> Result<(), Failed> {
    let findings = check(&fixture, options)?;
    if findings.is_empty() { Ok(()) } else { Err(shown(&fixture, &findings).into()) }
}

fn bad(rule: &Rule, path: &Path, name: &str) -> Result<(), Failed> {
    let fixture = Fixture::of(path)?;
    let findings = check(&fixture, &options(rule))?;
    if !findings.iter().any(|finding| finding.rule == rule.id) {
        let all = shown(&fixture, &findings);
        return Err(format!("rule {} finds nothing in {}:\n{all}", rule.id, path.display()).into());
    }
    let is_allowed = |finding: &&Finding| finding.severity == rule.level.worst() || rule.level.warns();
    if let Some(finding) = findings.iter().filter(|finding| finding.rule == rule.id).find(|it| !is_allowed(it)) {
        return Err(format!("rule {} is {}: {finding:?}", rule.id, rule.level.as_str()).into());
    }
    if let Some(finding) = findings.iter().find(|finding| finding.help.is_none()) {
        return Err(format!("no help: {}", finding.message).into());
    }
    let text = shown(&fixture, &findings);
    insta::with_settings!({snapshot_path => "../snapshots/validate_bundle", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("{}__{name}", rule.id), text);
    });
    Ok(())
}

/// Files that are too large to be committed: some of a given size, whose bytes do not compress well.
fn made(id: &str, bytes: usize, number: u64) -> Result<(), Failed> {
    let rule = Rule::find(id).ok_or("the rule")?;
    let fixture = Fixture::of(Path::new("tests/validate_bundle/base"))?;
    for file in 0..number {
        let mut state = file + 1;
        let mut text = String::from("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: large\ndata:\n  text: ");
        while text.len() < bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text += &format!("{:08x}", state >> 32);
        }
        fixture.write(&format!("manifests/large-{file}.yaml"), &format!("{text}\n"))?;
    }
    let found = check(&fixture, &options(rule))?;
    if found.iter().any(|finding| finding.rule == id) { Ok(()) } else { Err(shown(&fixture, &found).into()) }
}

// The rules themselves.

fn rules_are_registered() -> Result<(), Failed> {
    let mut files: Vec<String> = Vec::new();
    for entry in fs::read_dir("src/validate/bundle/rules")? {
        let name = entry?.file_name().into_string().map_err(|_| "a name is not UTF-8")?;
        files.push(name.strip_suffix(".rs").ok_or("not a Rust file")?.replace('_', "-"));
    }
    files.sort();
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids, files, "rules are registered once each, sorted, under the name of their file");
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    for entry in fs::read_dir(FOLDER)?.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir())) {
        let name = entry?.file_name().into_string().map_err(|_| "a name is not UTF-8")?;
        assert!(name == "base" || known.contains(&*name), "{name} is not a rule");
    }
    let of_catalogs: BTreeSet<&str> = olm_catalog::validate::RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(known.intersection(&of_catalogs).next(), None, "an id names one rule");
    Ok(())
}

fn rules_have_documents() -> Result<(), Failed> {
    for rule in RULES {
        let titles: Vec<&str> = rule.docs.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(titles, ["What it does", "Why is this bad?", "Example", "References"], "{}", rule.id);
        let long = rule
            .docs
            .lines()
            .find(|line| line.chars().count() > 120 && !line.contains("](http") && !line.contains("@sha256:"));
        assert_eq!(long, None, "{}", rule.id);
        assert!(!rule.summary.ends_with('.') && rule.summary.len() < 100, "{}", rule.id);
        assert!(rule.docs.contains("\n- ["), "{} has no reference", rule.id);
    }
    Ok(())
}

/// The first YAML block of a rule's example breaks it, the second does not. Both change the base bundle.
fn example(rule: &Rule) -> Result<(), Failed> {
    let blocks: Vec<&str> = rule.docs.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let breaks = |block: &str| -> Result<bool, Failed> {
        let findings = check(&Fixture::patched(block)?, &options(rule))?;
        Ok(findings.iter().any(|finding| finding.rule == rule.id))
    };
    match blocks[..] {
        // Defects of files and folders cannot be shown as a manifest.
        [] => Ok(()),
        [bad, good] if breaks(bad)? && !breaks(good)? => Ok(()),
        [bad, good] => Err(format!("bad: {}, good: {}", breaks(bad)?, !breaks(good)?).into()),
        _ => Err(format!("{} examples", blocks.len()).into()),
    }
}
