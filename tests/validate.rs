//! `catalog validate`: the verdicts of opm, the fixtures of each rule, and the documents of the rules.
//!
//! tests/README.md describes how to add a case.

#[path = "validate_bundle/mod.rs"]
mod bundle;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
mod common;
#[path = "validate_run/mod.rs"]
mod run;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::catalog::{self, Scan};
use olm_catalog::diagnostic::{Finding, Severity, Sources, github, json, text};
use olm_catalog::validate::{Extra, RULES, Rule, RuleFacts, Target, document, validate, validate_with};

fn main() {
    let mut trials = vec![
        Trial::test("rules_are_registered", rules_are_registered),
        Trial::test("rules_have_documents", rules_have_documents),
        Trial::test("rules_have_a_page", rules_have_a_page),
        Trial::test("paths_make_one_catalog", paths_make_one_catalog),
        Trial::test("rules_can_be_listed_and_explained", rules_can_be_listed_and_explained),
        Trial::test("rules_can_be_selected", rules_can_be_selected),
        Trial::test("a_file_selects_rules", a_file_selects_rules),
        Trial::test("targets_are_selected", targets_are_selected),
    ];
    trials.extend(RULES.iter().flat_map(|rule| fixtures(rule)));
    trials.extend(RULES.iter().map(|rule| Trial::test(format!("example/{}", rule.id), || example(rule))));
    let shared = common::shared();
    trials.extend(run::trials());
    trials.extend(bundle::trials(shared.as_deref()));
    match shared {
        Some(shared) => trials.extend(opm_verdicts(&shared)),
        None => trials.push(common::without_data("opm")),
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The catalog's path, relative to the project, as in messages.
fn check(path: &Path) -> (Scan, Vec<Finding>) {
    let scan = catalog::scan(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let findings = validate(&scan, path);
    (scan, findings)
}

/// The same for a rule, with its target.
fn check_for(rule: &Rule, path: &Path) -> Vec<Finding> {
    let scan = catalog::scan(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    validate_with(&scan, path, Extra { targets: Target::of(rule.id).into_iter().collect(), ..Extra::default() })
}

fn shown(findings: &[Finding]) -> String {
    text::render(findings, &Sources::disk()).plain() + &text::summary(findings)
}

/// The program's exit status and standard output.
fn program(arguments: &[&str]) -> Result<(i32, String), Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_catalog")).arg("validate").args(arguments).output()?;
    Ok((output.status.code().ok_or("the program was killed")?, String::from_utf8(output.stdout)?))
}

// Fixtures: tests/validate/<rule>/{bad,good}*, each a file or a folder.

fn fixtures(rule: &'static Rule) -> Vec<Trial> {
    let folder = Path::new("tests/validate").join(rule.id);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.expect("a fixture").path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut trials: Vec<Trial> = Vec::new();
    for path in &paths {
        let (path, name) = (path.clone(), name(path));
        let title = format!("fixture/{}/{name}", rule.id);
        trials.push(match name.starts_with("good") {
            true => Trial::test(title, move || good(rule, &path)),
            false => Trial::test(title, move || bad(rule, &path, &name)),
        });
    }
    let has = move |kind: &str| match paths.iter().any(|path| name(path).starts_with(kind)) {
        true => Ok(()),
        false => Err(Failed::from(format!("rule {} has no {kind} fixture", rule.id))),
    };
    trials.push(Trial::test(format!("fixture/{}", rule.id), move || has("good").and_then(|()| has("bad"))));
    trials
}

/// Good cases of an error's rule can have warnings: opm still accepts them.
fn good(rule: &Rule, path: &Path) -> Result<(), Failed> {
    let mut findings = check_for(rule, path);
    findings.retain(|finding| finding.rule == rule.id || finding.severity <= rule.severity);
    if findings.is_empty() { Ok(()) } else { Err(shown(&findings).into()) }
}

fn bad(rule: &Rule, path: &Path, name: &str) -> Result<(), Failed> {
    let findings = check_for(rule, path);
    if !findings.iter().any(|finding| finding.rule == rule.id) {
        return Err(format!("rule {} finds nothing in {}:\n{}", rule.id, path.display(), shown(&findings)).into());
    }
    if let Some(finding) = findings.iter().find(|finding| finding.help.is_none()) {
        return Err(format!("no help: {}", finding.message).into());
    }
    let snapshot = |kind: &str, text: String| {
        insta::with_settings!({snapshot_path => "snapshots/validate", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("{}__{name}{kind}", rule.id), text);
        });
    };
    snapshot("", shown(&findings));
    // The other formats do not depend on the rule.
    if matches!(rule.id, "entry-stranded" | "yaml-syntax") {
        snapshot(".json", json::render(&findings, &Sources::disk()));
        snapshot(".github", github::render(&findings, &Sources::disk()));
    }
    Ok(())
}

// The rules themselves.

fn rules_are_registered() -> Result<(), Failed> {
    let mut files: Vec<String> = Vec::new();
    for entry in fs::read_dir("src/validate/rules")? {
        let name = entry?.file_name().into_string().map_err(|_| "a name is not UTF-8")?;
        files.push(name.strip_suffix(".rs").ok_or("not a Rust file")?.replace('_', "-"));
    }
    files.sort();
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids, files, "rules are registered once each, sorted, under the name of their file");
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for entry in fs::read_dir("tests/validate")? {
        folders.insert(entry?.file_name().into_string().map_err(|_| "a name is not UTF-8")?);
    }
    assert_eq!(folders, ids.iter().map(|&id| id.to_owned()).collect(), "each rule has its fixtures, and nothing else");
    Ok(())
}

fn rules_have_documents() -> Result<(), Failed> {
    for rule in RuleFacts::all() {
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

const OF_OBJECTS: [&str; 8] = [
    "crd-property-name",
    "crd-version-removed",
    "install-plan-size",
    "olm-v1-crd-upgrade",
    "upgrade-crd",
    "upgrade-install-modes",
    "upgrade-permissions",
    "upgrade-webhooks",
];

fn rules_have_a_page() -> Result<(), Failed> {
    let (path, text) = (Path::new("docs/rules.md"), document());
    if std::env::var_os("OLM_CATALOG_WRITE").is_some() {
        fs::write(path, &text)?;
    }
    assert_eq!(fs::read_to_string(path)?, text, "`OLM_CATALOG_WRITE=1 cargo test --test validate` writes it");
    Ok(())
}

/// The first YAML block of a rule's example breaks it, the second does not.
fn example(rule: &Rule) -> Result<(), Failed> {
    let blocks: Vec<&str> = rule.docs.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let breaks = |block: &str| {
        let scan = catalog::read_text(block, Path::new("example.yaml"));
        validate_with(
            &scan,
            Path::new("example.yaml"),
            Extra { targets: Target::of(rule.id).into_iter().collect(), ..Extra::default() },
        )
        .iter()
        .any(|finding| finding.rule == rule.id)
    };
    match blocks[..] {
        [] if matches!(rule.id, "catalog-empty" | "file-unreadable") => Ok(()),
        // A catalog has these objects in base64, which nobody can read.
        [_, good] if OF_OBJECTS.contains(&rule.id) && !breaks(good) => Ok(()),
        [bad, good] if breaks(bad) && !breaks(good) => Ok(()),
        [bad, good] => Err(format!("bad: {}, good: {}", breaks(bad), !breaks(good)).into()),
        _ => Err(format!("{} examples", blocks.len()).into()),
    }
}

// The program.

fn paths_make_one_catalog() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let fixture = fs::read_to_string("tests/validate/catalog-empty/good.yaml")?;
    let (package, rest) = fixture.split_once("---\n").ok_or("documents")?;
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (a, b, all) = (path("a.yaml"), path("b.yaml"), folder.path().to_string_lossy().into_owned());
    fs::write(&a, package)?;
    fs::write(&b, rest)?;
    let expected = (0, "no findings (1 package, 1 channel, 1 bundle)\n".to_owned());
    assert_eq!(program(&[&a, &b])?, expected);
    assert_eq!(program(&[&all, &a, &b, &all])?, expected, "what is in another path is read once");
    assert_eq!(program(&[&all, "-q"])?, (0, String::new()));
    assert_eq!(program(&[&all, "-o", "json"])?, (0, "[]\n".to_owned()));
    assert_eq!(program(&[&b, "-q"])?.0, 1);
    // Findings are shown even if a path or file cannot be read.
    for unread in
        [path("gone.yaml"), "tests/validate/yaml-syntax/bad".into(), "tests/validate/file-unreadable/bad".into()]
    {
        let (status, output) = program(&[&unread, "tests/validate/skip-range/bad.yaml"])?;
        assert_eq!(status, 2, "{unread}");
        assert!(output.contains("error[skip-range]"), "{output}");
    }
    Ok(())
}

fn rules_can_be_listed_and_explained() -> Result<(), Failed> {
    let (status, listed) = program(&["--list-rules"])?;
    assert_eq!((status, listed.lines().count()), (0, RuleFacts::all().count()));
    let (status, explained) = program(&["--explain", "replaces-cycle"])?;
    assert_eq!((status, explained), (0, RuleFacts::find("replaces-cycle").ok_or("the rule")?.explain()));
    assert_eq!(program(&["--explain", "no-such-rule"])?.0, 2);
    let rules = |arguments: &[&str]| -> Result<(i32, String), Failed> {
        let output = Command::new(env!("CARGO_BIN_EXE_catalog")).arg("rules").args(arguments).output()?;
        Ok((output.status.code().ok_or("the program was killed")?, String::from_utf8(output.stdout)?))
    };
    assert_eq!(rules(&[])?, (0, listed));
    assert_eq!(rules(&["replaces-cycle"])?, program(&["--explain", "replaces-cycle"])?);
    assert_eq!(rules(&["no-such-rule"])?.0, 2);
    let (_, json) = rules(&["-o", "json"])?;
    let all: Vec<serde_json::Value> = serde_json::from_str(&json)?;
    assert_eq!(
        all.iter().map(|rule| &rule["rule"]).collect::<Vec<_>>(),
        RuleFacts::all().map(|rule| rule.id).collect::<Vec<_>>()
    );
    let one: serde_json::Value = serde_json::from_str(&rules(&["replaces-cycle", "-o", "json"])?.1)?;
    assert!(all.contains(&one) && one["severity"] == "error" && one["explanation"].as_str().is_some(), "{one}");
    Ok(())
}

/// A catalog with two warnings, of different rules and packages.
fn two_warnings(folder: &Path) -> Result<(), Failed> {
    fs::create_dir(folder.join("catalog"))?;
    fs::copy("tests/validate/field-name/bad.yaml", folder.join("catalog/demo.yaml"))?;
    let other = fs::read_to_string("tests/validate/bundle-name-version/bad.yaml")?.replace("demo", "other");
    fs::write(folder.join("catalog/other.yaml"), other)?;
    Ok(())
}

/// The exit status of a verb in a folder, and the rules of the findings it prints, with their levels.
fn found(folder: &Path, arguments: &[&str]) -> Result<(i32, Vec<String>), Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_catalog")).args(arguments).current_dir(folder).output()?;
    let text = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    let of_finding = |line: &str| Some(line.split_once("]: ")?.0.replace('[', " ")).filter(|line| line.contains(' '));
    Ok((output.status.code().ok_or("the program was killed")?, text.lines().filter_map(of_finding).collect()))
}

fn rules_can_be_selected() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    two_warnings(folder.path())?;
    let (field, name) = ("warning field-name", "warning bundle-name-version");
    let (field_error, name_error) = ("error field-name", "error bundle-name-version");
    for (arguments, status, expected) in [
        (&[][..], 0, &[field, name][..]),
        (&["--ignore", "field-name"], 0, &[name]),
        (&["--ignore", "field-name,bundle-name-version"], 0, &[]),
        (&["--select", "field-name"], 0, &[field]),
        (&["--deny", "warnings"], 1, &[field_error, name_error]),
        (&["--deny", "field-name"], 1, &[field_error, name]),
        (&["--deny", "warnings", "--ignore", "field-name", "--ignore", "bundle-name-version"], 0, &[]),
        (&["--ignore", "channel-head"], 2, &[]),
        (&["--ignore", "no-such-rule"], 2, &[]),
        (&["--config", "gone.toml"], 2, &[]),
    ] {
        let all = [&["validate", "catalog"], arguments].concat();
        let (found_status, found) = found(folder.path(), &all)?;
        assert_eq!(
            (found_status, found.iter().map(String::as_str).collect::<Vec<_>>()),
            (status, expected.to_vec()),
            "{all:?}"
        );
    }
    // Errors always count.
    let error = Path::new("tests/validate/skip-range/bad.yaml").canonicalize()?.to_string_lossy().into_owned();
    assert_eq!(found(folder.path(), &["validate", &error, "--select", "field-name"])?.0, 1);
    Ok(())
}

fn targets_are_selected() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let catalog = folder.path().join("catalog.yaml");
    fs::copy("tests/validate/olm-v1-dependency/bad.yaml", &catalog)?;
    let target = ["validate", "catalog.yaml", "--target", "olm-v1"];
    let dependency = "warning olm-v1-dependency".to_owned();
    assert_eq!(found(folder.path(), &["validate", "catalog.yaml"])?, (0, Vec::new()));
    assert_eq!(found(folder.path(), &target)?, (0, vec![dependency.clone()]));
    assert_eq!(found(folder.path(), &[&target[..], &["--ignore", "olm-v1-dependency"]].concat())?, (0, Vec::new()));
    assert_eq!(found(folder.path(), &[&target[..], &["--deny", "warnings"]].concat())?.0, 1);
    assert_eq!(found(folder.path(), &["validate", "catalog.yaml", "--target", "olm-v2"])?.0, 2);
    fs::write(folder.path().join("catalog.toml"), "[validate]\ntarget = ['olm-v1']\n")?;
    assert_eq!(found(folder.path(), &["validate", "catalog.yaml"])?, (0, vec![dependency]));
    fs::remove_file(folder.path().join("catalog.toml"))?;
    // A comment about a rule that does not run is not stale.
    let text = fs::read_to_string(&catalog)?;
    let line = "  - type: olm.package.required\n";
    assert!(text.contains(line), "{text}");
    let comment = "    # catalog:ignore olm-v1-dependency it is known\n";
    fs::write(&catalog, text.replace(line, &format!("{line}{comment}")))?;
    assert_eq!(found(folder.path(), &["validate", "catalog.yaml"])?, (0, Vec::new()));
    assert_eq!(found(folder.path(), &target)?, (0, Vec::new()));
    Ok(())
}

fn a_file_selects_rules() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    two_warnings(folder.path())?;
    let says = |text: &str| fs::write(folder.path().join("catalog.toml"), text);
    says("[validate]\ndeny = ['warnings']\n[validate.packages.other]\nignore = ['bundle-name-version']\n")?;
    assert_eq!(found(folder.path(), &["validate", "catalog"])?, (1, vec!["error field-name".to_owned()]));
    assert_eq!(found(folder.path(), &["validate", "catalog", "--ignore", "field-name"])?, (0, Vec::new()));
    // `build` uses the same file. Nothing is generated here: the whole catalog is written by hand.
    for folder_name in ["channels", "bundles"] {
        fs::create_dir(folder.path().join(folder_name))?;
    }
    fs::write(folder.path().join("bundles/repository.yaml"), "repository: registry.example.com/demo\n")?;
    let build = ["build", "--check"];
    assert_eq!(found(folder.path(), &build)?, (1, vec!["error field-name".to_owned()]));
    assert_eq!(found(folder.path(), &["build", "--check", "--ignore", "field-name"])?, (0, Vec::new()));
    for part in ["manifests", "metadata"] {
        fs::create_dir_all(folder.path().join("bundles/unused/1.0.0").join(part))?;
    }
    fs::write(folder.path().join("bundles/unused/1.0.0/metadata/annotations.yaml"), "annotations: {}\n")?;
    let build_without = |rules| found(folder.path(), &["build", "--check", "--ignore", rules]);
    assert_eq!(build_without("field-name")?, (1, vec!["error bundle-unused".to_owned()]));
    assert_eq!(build_without("field-name,bundle-unused")?, (0, Vec::new()));
    says("[validate]\nignore = ['field-nam']\n")?;
    for verb in [&["validate", "catalog"], &build] {
        assert_eq!(found(folder.path(), verb)?.0, 2, "{verb:?}");
    }
    Ok(())
}

// The verdicts of opm.

fn opm_verdicts(shared: &Path) -> Vec<Trial> {
    let folders = |folder: &str| -> Vec<PathBuf> {
        let all = fs::read_dir(shared.join(folder)).into_iter().flatten();
        let mut all: Vec<_> = all.map(|entry| entry.expect("a folder").path()).filter(|path| path.is_dir()).collect();
        all.sort();
        all
    };
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let golden = folders("golden/validate").into_iter();
    let mut trials: Vec<Trial> =
        golden.map(|case| Trial::test(format!("opm/{}", name(&case)), move || opm_verdict(&case))).collect();
    let released = folders("upstream").into_iter().map(|folder| folder.join("catalog.yaml"));
    let community = folders("corpus/catalogs").into_iter();
    for path in released.chain(community) {
        let parent = path.parent().map(name).unwrap_or_default();
        trials.push(Trial::test(format!("opm-takes/{parent}/{}", name(&path)), move || opm_accepts(&path)));
    }
    for (catalog, expected) in WARNINGS {
        let path = shared.join(catalog);
        trials.push(Trial::test(format!("warnings/{catalog}"), move || warnings(&path, expected)));
    }
    trials
}

/// Defects in real catalogs that opm accepts, each with the line of the finding.
const WARNINGS: &[(&str, &[(&str, &str)])] = &[
    (
        "upstream/dbaas-operator",
        &[
            ("channel-behind", "- name: dbaas-operator.v0.1.9"),
            ("version-gap", "- name: dbaas-operator.v0.1.17"),
            ("upgrade-crd", "- dbaas-operator.v0.1.4"),
            ("bundle-image-version", "image: docker.io/percona/dbaas-operator-bundle:0.1.16"),
        ],
    ),
    (
        "upstream/percona-server-mongodb-operator",
        &[
            ("upgrade-crd", "replaces: percona-server-mongodb-operator.v1.13.1"),
            ("bundle-name-version", "name: percona-server-mongodb-operator.v1"),
            ("csv-skip-range", "name: percona-server-mongodb-operator.v1.14.0"),
        ],
    ),
    (
        "upstream/percona-xtradb-cluster-operator",
        &[
            ("default-channel-behind", "defaultChannel: stable-v1"),
            ("upgrade-crd", "replaces: percona-xtradb-cluster-operator.v1.11.0"),
            ("csv-skip-range", "name: percona-xtradb-cluster-operator.v1.13.0"),
        ],
    ),
    (
        "upstream/victoriametrics-operator",
        &[
            ("crd-version-removed", "name: victoriametrics-operator.v0.16.0"),
            ("crd-property-name", "name: victoriametrics-operator.v0.29.1"),
        ],
    ),
    (
        "corpus/catalogs/community-v4.16",
        &[
            ("channel-behind", "- name: apicurio-registry-3.v3.2.6"),
            ("upgrade-crd", "replaces: dell-csm-operator.v1.9.1"),
            ("upgrade-crd", "replaces: layer7-operator.v1.2.2"),
            ("min-kube-version-back", "replaces: multi-nic-cni-operator.v1.3.0"),
            ("min-kube-version-back", "replaces: multi-nic-cni-operator.v1.2.3"),
            ("channel-behind", "- name: multicluster-global-hub-operator.v1.6.0"),
            ("upgrade-crd", "replaces: odf-node-recovery-operator.v1.0.0"),
            ("upgrade-crd", "replaces: openstack-lightspeed-operator.v0.0.1"),
            ("dependency-absent", "group: cert-manager.io"),
        ],
    ),
];

/// A real catalog has these warnings and no others.
fn warnings(path: &Path, expected: &[(&str, &str)]) -> Result<(), Failed> {
    let path = if path.join("catalog.yaml").exists() { path.join("catalog.yaml") } else { path.to_owned() };
    let (_, findings) = check(&path);
    let all: Vec<serde_json::Value> = serde_json::from_str(&json::render(&findings, &Sources::disk()))?;
    let mut found = Vec::new();
    for finding in &all {
        let text = fs::read_to_string(finding["file"].as_str().ok_or("a file")?)?;
        let line = finding["line"].as_u64().and_then(|line| usize::try_from(line).ok()).ok_or("a line")?;
        let line = text.lines().nth(line - 1).ok_or("a line of the file")?.trim().to_owned();
        found.push((finding["rule"].as_str().ok_or("a rule")?.to_owned(), line));
    }
    let found: Vec<(&str, &str)> = found.iter().map(|(rule, line)| (rule.as_str(), line.as_str())).collect();
    assert_eq!(found, expected);
    Ok(())
}

/// The program has the same verdict as opm.
fn opm_verdict(case: &Path) -> Result<(), Failed> {
    let expected: serde_json::Value = serde_json::from_str(&fs::read_to_string(case.join("expected.json"))?)?;
    let catalog = ["catalog.yaml", "catalog.json"].map(|name| case.join(name)).into_iter().find(|path| path.exists());
    let catalog = catalog.ok_or("no catalog")?;
    let (status, output) = program(&[&catalog.to_string_lossy()])?;
    let valid = expected["validate_exit"] == 0;
    if (status == 0) != valid {
        return Err(format!("opm: {}\n{status}: {output}", expected["validate_message"]).into());
    }
    Ok(())
}

/// A catalog that opm accepts has no errors.
fn opm_accepts(path: &Path) -> Result<(), Failed> {
    let (scan, findings) = check(path);
    assert!(!scan.catalog.bundles.is_empty(), "there is a catalog");
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        Err(shown(&findings).into())
    } else {
        Ok(())
    }
}
