//! From `operator.yaml` to bundles.
//!
//! A case is a folder `tests/operator/<package>` with an `operator.yaml`. The result, findings or bundles, is compared
//! with `tests/snapshots/operator__<package>.snap`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generate/accounted.rs"]
mod accounted;
mod common;
#[path = "generate/imports.rs"]
mod imports;
#[path = "generate/released.rs"]
mod released;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::bundle::Bundle;
use olm_catalog::diagnostic::{Severity, Sources, text};
use olm_catalog::generate::generate;
use olm_catalog::operator::{self, Operator};
use olm_catalog::yaml;

fn main() {
    std::env::set_current_dir(root()).unwrap();
    let mut trials = cases("tests/operator");
    trials.extend([
        Trial::test("check::the_repository_is_generated", the_repository_is_generated),
        Trial::test("schema::what_is_written_by_hand_fits_the_printed_schema", definitions_fit_the_printed_schema),
        Trial::test("write::only_what_differs_is_written", only_what_differs_is_written),
        Trial::test("write::a_wrong_definition_writes_nothing", a_wrong_definition_writes_nothing),
        Trial::test("write::what_cannot_be_read_is_an_error", what_cannot_be_read_is_an_error),
        Trial::test("import::a_released_file_becomes_an_operator", a_released_file_becomes_an_operator),
        Trial::test("import::what_is_in_the_repository_stays_there", what_is_in_the_repository_stays_there),
        Trial::test("import::nothing_is_half_written", nothing_is_half_written),
        Trial::test("write::a_release_that_is_gone_is_removed_by_prune_only", removed_releases),
        Trial::test("write::strict_refuses_differences", strict_refuses_differences),
        Trial::test("write::a_wrong_name_and_broken_yaml_are_explained", wrong_names_are_explained),
        Trial::test("render::documents_after_the_first_are_told", documents_after_the_first),
        released_crds(),
    ]);
    trials.extend(upstream());
    trials.extend(accounted::trials());
    trials.extend(imports::trials());
    trials.extend(released::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The `operator.yaml` files in the folders of a folder, sorted, as paths from the package's root.
fn definitions(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path().join(operator::FILE)).collect();
    files.retain(|file| file.is_file());
    files.sort();
    assert!(!files.is_empty(), "{folder} has no definitions");
    files
}

fn cases(folder: &str) -> Vec<Trial> {
    let case = |file: PathBuf| {
        let name = file.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        Trial::test(format!("operator::{name}"), move || {
            assert_snapshot(&format!("operator__{name}"), &outcome(&file));
            Ok(())
        })
    };
    definitions(folder).into_iter().map(case).collect()
}

fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The result for a definition: the printed findings, or else the files.
fn outcome(file: &Path) -> String {
    let generated = generate(&Operator::read(file).unwrap()).unwrap();
    let mut told = text::render(&generated.findings, &Sources::disk()).plain();
    let wrong = generated.findings.iter().any(|finding| finding.severity == Severity::Error);
    for (version, bundle) in &generated.bundles {
        if wrong {
            writeln!(told, "release {version} has a bundle").unwrap();
            continue;
        }
        for (name, bytes) in &bundle.files {
            writeln!(told, "===== {version}/{name}\n{}", String::from_utf8_lossy(bytes)).unwrap();
        }
    }
    told
}

fn catalog(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_catalog")).current_dir(folder).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn the_repository_is_generated() -> Result<(), Failed> {
    let output = catalog(&root(), &["generate", "--check"]);
    match code(&output) {
        0 => Ok(()),
        code => Err(format!("exit {code}, run `catalog generate`: {output:?}").into()),
    }
}

fn definitions_fit_the_printed_schema() -> Result<(), Failed> {
    let output = catalog(&root(), &["schema", "operator"]);
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let validator = jsonschema::validator_for(&schema)?;
    let read = |file: &Path| yaml::read_one(&fs::read_to_string(file).unwrap()).unwrap();
    for file in definitions("bundles").iter().chain([&PathBuf::from("tests/operator/cache-operator/operator.yaml")]) {
        if let Err(error) = validator.validate(&read(file)) {
            return Err(format!("{}: {} at {}", file.display(), error.masked(), error.instance_path()).into());
        }
    }
    let wrong = read(Path::new("tests/operator/wrong-fields/operator.yaml"));
    assert!(!validator.is_valid(&wrong), "the printed schema takes anything");
    Ok(())
}

/// A copy of a case, as the folder `bundles` of a new one.
fn copy(case: &str) -> Result<tempfile::TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    let package = folder.path().join("bundles").join(case);
    fs::create_dir_all(&package)?;
    let file = Path::new("tests/operator").join(case).join(operator::FILE);
    fs::copy(root().join(file), package.join(operator::FILE))?;
    Ok(folder)
}

fn only_what_differs_is_written() -> Result<(), Failed> {
    let folder = copy("cache-operator")?;
    let run = |arguments: &[&str]| catalog(folder.path(), arguments);
    let first = run(&["generate"]);
    assert_eq!((code(&first), first.stdout.is_empty()), (0, false), "{first:?}");
    let told = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(told(&first), "bundles/cache-operator/1.0.0: written\nbundles/cache-operator/1.1.0: written\n");
    let bundle = folder.path().join("bundles/cache-operator/1.1.0");
    let written = Bundle::read(&bundle)?;

    let again = run(&["generate"]);
    assert_eq!(told(&again), "bundles/cache-operator/1.0.0: unchanged\nbundles/cache-operator/1.1.0: unchanged\n");
    assert_eq!(told(&run(&["generate", "--quiet"])), "");
    assert_eq!(code(&run(&["generate", "--check"])), 0);

    // A file that differs, one that is missing, one that no release has, and unrelated ones.
    let csv = bundle.join("manifests/cache-operator.clusterserviceversion.yaml");
    fs::write(&csv, fs::read_to_string(&csv)?.replace("Cache", "Cash"))?;
    fs::remove_file(bundle.join("metadata/annotations.yaml"))?;
    fs::write(bundle.join("manifests/stray.yaml"), "a: 1\n")?;
    fs::create_dir(bundle.join("tests"))?;
    fs::write(bundle.join("tests/kept.yaml"), "a: 1\n")?;
    fs::write(bundle.join("kept.md"), "kept\n")?;
    let checked = run(&["generate", "--check"]);
    assert_eq!(code(&checked), 1);
    let difference = told(&checked);
    for line in ["-  displayName: Cash", "+  displayName: Cache", "--- /dev/null", "+++ /dev/null", "-a: 1"] {
        assert!(difference.lines().any(|found| found == line), "{line} is not in {difference}");
    }
    assert!(bundle.join("manifests/stray.yaml").exists(), "--check writes nothing");

    let repaired = run(&["generate", "cache-operator"]);
    assert_eq!(told(&repaired), "bundles/cache-operator/1.0.0: unchanged\nbundles/cache-operator/1.1.0: written\n");
    assert_eq!(Bundle::read(&bundle)?, written);
    assert!(bundle.join("tests/kept.yaml").exists() && bundle.join("kept.md").exists());
    Ok(())
}

fn a_wrong_definition_writes_nothing() -> Result<(), Failed> {
    let folder = copy("wrong-fields")?;
    let output = catalog(folder.path(), &["generate"]);
    assert_eq!(code(&output), 1, "{output:?}");
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr)?.contains("bundles/wrong-fields/operator.yaml:"));
    assert_eq!(fs::read_dir(folder.path().join("bundles/wrong-fields"))?.count(), 1);
    Ok(())
}

fn what_cannot_be_read_is_an_error() -> Result<(), Failed> {
    let folder = copy("cache-operator")?;
    let run = |arguments: &[&str]| code(&catalog(folder.path(), arguments));
    assert_eq!(run(&["generate", "other"]), 2);
    assert_eq!(run(&["generate", "../cache-operator"]), 2);
    assert_eq!(run(&["generate", "--bundles", "elsewhere"]), 2);
    let release = folder.path().join("bundles/cache-operator/1.0.0");
    fs::create_dir(&release)?;
    fs::write(release.join("manifests"), "a file in place of a folder")?;
    assert_eq!(run(&["generate"]), 2);
    assert!(!folder.path().join("bundles/cache-operator/1.1.0").exists(), "nothing is half-written");
    fs::write(folder.path().join("bundles/cache-operator/operator.yaml"), "a: [")?;
    assert_eq!(run(&["generate"]), 2);
    Ok(())
}

/// Compares the bundles with the released ones, fact by fact, with a case for each package. Defects of the released
/// ones are listed in `upstream_defects.yaml`, in the folder shared and next to this file.
fn upstream() -> Vec<Trial> {
    let yaml = Command::new("python3").args(["-c", "import yaml"]).output();
    let missing = match (common::shared(), yaml) {
        (None, _) => Some(common::NO_DATA),
        (_, Ok(output)) if output.status.success() => None,
        _ => Some("needs python3 with PyYAML"),
    };
    let packages = definitions("bundles").into_iter().map(|file| {
        let package = file.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let trial = Trial::test(format!("upstream::{package}_has_the_released_facts"), move || {
            let told = compare_upstream(&common::shared().ok_or("the folder shared is gone")?, &package)?;
            let summary = told.lines().last().unwrap_or_default();
            let (done, all) = summary.split_once(" of ").ok_or_else(|| told.clone())?;
            let rest = all.strip_prefix(done).unwrap_or_default();
            if rest.starts_with(" bundles generated; 0 differences against ") { Ok(()) } else { Err(told.into()) }
        });
        match missing {
            Some(reason) => trial.with_ignored_flag(true).with_kind(reason),
            None => trial,
        }
    });
    packages.collect()
}

/// The output of the tool. It reads the defects and the released files next to it, so it runs in their folder.
fn compare_upstream(shared: &Path, package: &str) -> Result<String, Failed> {
    let folder = tempfile::tempdir()?;
    let tools = folder.path().join("tools");
    fs::create_dir(&tools)?;
    std::os::unix::fs::symlink(fs::canonicalize(shared)?.join("upstream"), folder.path().join("upstream"))?;
    let tool = tools.join("compare_upstream.py");
    fs::copy(shared.join("tools/compare_upstream.py"), &tool)?;
    let theirs = fs::read_to_string(shared.join("tools/upstream_defects.yaml"))?;
    let ours = fs::read_to_string(root().join("tests/upstream_defects.yaml"))?;
    fs::write(tools.join("upstream_defects.yaml"), format!("{theirs}\n{ours}"))?;
    let arguments = ["bundles", "--package", package, "--show", "20"];
    let output = Command::new("python3").current_dir(root()).arg(&tool).args(arguments).output()?;
    Ok(String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?)
}

fn a_released_file_becomes_an_operator() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let released = root().join("tests/operator/manifests/bundle.yaml");
    let run = |arguments: &[&str]| catalog(folder.path(), arguments);
    let import = ["import", released.to_str().unwrap(), "--package", "notes", "--version", "1.0.0"];
    let imported = run(&import);
    assert_eq!(code(&imported), 0, "{imported:?}");
    let written = "bundles/notes/manifests-1.0.0.yaml: written\nbundles/notes/operator.yaml: written\n";
    assert_eq!(String::from_utf8(imported.stdout)?, written);
    let package = folder.path().join("bundles/notes");
    assert_eq!(fs::read(package.join("manifests-1.0.0.yaml"))?, fs::read(&released)?);

    let generated = run(&["generate"]);
    assert_eq!(code(&generated), 0, "{generated:?}");
    let bundle = Bundle::read(&package.join("1.0.0"))?;
    let csv = "manifests/notes.clusterserviceversion.yaml";
    let definition = fs::read_to_string(package.join(operator::FILE))?;
    assert_snapshot("import", &format!("{definition}=====\n{}", str::from_utf8(&bundle.files[csv])?));
    // Everything else is the same as in a hand-written definition.
    let by_hand = generate(&Operator::read(Path::new("tests/operator/manifests/operator.yaml"))?)?.bundles.remove(0).1;
    let objects = |bundle: &Bundle| {
        let object = |name: &str| name.starts_with("manifests/") && !name.contains("clusterserviceversion");
        let files = bundle.files.clone().into_iter().filter(|(name, _)| object(name));
        files.collect::<std::collections::BTreeMap<_, _>>()
    };
    assert_eq!(objects(&bundle), objects(&by_hand));
    assert_eq!(objects(&bundle).len(), 6);

    let again = run(&import);
    assert_eq!((code(&again), again.stdout.as_slice()), (0, b"bundles/notes/operator.yaml: unchanged\n".as_slice()));
    assert_eq!(fs::read_to_string(package.join(operator::FILE))?, definition);
    Ok(())
}

fn what_is_in_the_repository_stays_there() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let deploy = folder.path().join("deploy");
    fs::create_dir(&deploy)?;
    let released = fs::read_to_string(root().join("tests/operator/manifests/bundle.yaml"))?;
    let (rights, rest) = released.split_at(released.find("---\napiVersion: apps/v1").unwrap());
    fs::write(deploy.join("crd-and-rbac.yaml"), rights)?;
    fs::write(deploy.join("operator.yml"), rest)?;
    fs::write(deploy.join("kustomization.yaml"), "resources: [operator.yml]\n")?;
    fs::write(deploy.join("README.md"), "# Notes\n")?;
    let imported = catalog(folder.path(), &["import", "deploy", "--package", "notes", "--version", "1.0.0"]);
    assert_eq!(code(&imported), 0, "{imported:?}");
    let operator = Operator::read(&folder.path().join("bundles/notes/operator.yaml"))?;
    let (releases, findings) = operator.releases();
    assert_eq!(findings, []);
    let Some(operator::Crds::Several(files)) = &releases[0].definition.crds else {
        return Err("no list of files".into());
    };
    let name = |file: &operator::CrdSource| match file {
        operator::CrdSource::Manifests(file) => file.manifests.clone(),
        other => format!("{other:?}"),
    };
    let names: Vec<String> = files.iter().map(name).collect();
    assert_eq!(names, ["../../deploy/crd-and-rbac.yaml", "../../deploy/operator.yml"]);
    assert_eq!(code(&catalog(folder.path(), &["generate"])), 0);
    // A change of the file is detected by its digest.
    fs::write(deploy.join("operator.yml"), rest.replace("1.0.0", "1.0.1"))?;
    let changed = catalog(folder.path(), &["generate"]);
    assert_eq!(code(&changed), 1);
    assert!(String::from_utf8(changed.stderr)?.contains("the digest of ../../deploy/operator.yml is "));
    Ok(())
}

fn nothing_is_half_written() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let cases = root().join("tests/operator");
    for (file, package, told) in [
        ("manifests/crd.yaml", "notes", "no Deployment found"),
        ("manifests-wrong/service.yaml", "notes", "no CustomResourceDefinition found"),
        ("manifests-wrong/broken.yaml", "notes", "broken.yaml:3:"),
        ("manifests-wrong/none.yaml", "notes", "cannot read"),
        ("manifests/bundle.yaml", "../notes", "is not a valid package name"),
    ] {
        let file = cases.join(file);
        let output =
            catalog(folder.path(), &["import", file.to_str().unwrap(), "--package", package, "--version", "1.0.0"]);
        let error = String::from_utf8(output.stderr.clone())?;
        assert!(code(&output) == 2 && error.contains(told), "{output:?}");
        assert_eq!(fs::read_dir(folder.path())?.count(), 0, "{}", file.display());
    }
    Ok(())
}

/// Released CRDs are unchanged in the output.
fn released_crds() -> Trial {
    let folder =
        common::shared().map(|shared| shared.join("upstream/percona-server-mongodb-operator/1.14.0/manifests"));
    let missing = folder.as_ref().is_none_or(|folder| !folder.is_dir());
    let trial = Trial::test("upstream::crds_of_manifests_are_the_released_ones", move || {
        let repository = tempfile::tempdir()?;
        let package = repository.path().join("mongodb");
        fs::create_dir(&package)?;
        let mut released = Vec::new();
        let mut definition = fs::read_to_string("tests/operator/manifests/operator.yaml")?;
        let (start, end) = (definition.find("crds:").unwrap(), definition.find("# This one wins").unwrap());
        let mut crds = "crds:\n".to_owned();
        for entry in fs::read_dir(folder.ok_or("the folder shared is gone")?)? {
            let file = entry?.path();
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".crd.yaml") {
                released.extend(olm_catalog::crd::read(&file)?);
                let bytes = fs::read(&file)?;
                writeln!(crds, "- {{manifests: {name}, sha256: '{}'}}", olm_catalog::image::Digest::of(&bytes).hex())?;
                fs::write(package.join(&name), bytes)?;
            }
        }
        definition.replace_range(start..end, &crds);
        let definition = definition
            .replace("package: manifests", "package: mongodb")
            .replace("kind: Note", "kind: PerconaServerMongoDB");
        fs::write(package.join(operator::FILE), definition)?;
        let generated = generate(&Operator::read(&package.join(operator::FILE))?)?;
        assert_eq!(generated.findings, []);
        for change in generated.bundles[0].1.changes(&package, &package.join("1.0.0"))? {
            change.make()?;
        }
        released.sort_by(|a, b| a.name.cmp(&b.name));
        let made = olm_catalog::crd::read(&package.join("1.0.0"))?;
        assert_eq!(made.len(), 3);
        assert_eq!(olm_catalog::crd::diff(&released, &made), []);
        Ok(())
    });
    if missing { trial.with_ignored_flag(true).with_kind(common::NO_DATA) } else { trial }
}

fn removed_releases() -> Result<(), Failed> {
    let folder = copy("cache-operator")?;
    let run = |arguments: &[&str]| catalog(folder.path(), arguments);
    assert_eq!(code(&run(&["generate"])), 0);
    let package = folder.path().join("bundles/cache-operator");
    fs::rename(package.join("1.1.0"), package.join("0.9.0"))?;
    fs::write(package.join("0.9.0/manifests/by-hand.txt"), "mine")?;
    fs::create_dir_all(package.join("0.8.0/manifests"))?;
    fs::write(package.join("0.8.0/manifests/a.yaml"), "a: 1")?;
    assert_eq!(code(&run(&["generate"])), 0);
    let checked = run(&["generate", "--check"]);
    let told = String::from_utf8(checked.stderr.clone())?;
    assert!(
        code(&checked) == 1 && told.contains("0.9.0 is the bundle of a release") && !told.contains("0.8.0"),
        "{told}"
    );
    assert!(package.join("0.9.0/metadata/annotations.yaml").exists(), "only --prune removes");
    assert_eq!(code(&run(&["generate", "--prune"])), 0);
    assert!(!package.join("0.9.0/metadata").exists());
    assert!(package.join("0.8.0/manifests/a.yaml").exists(), "what others made stays");
    assert_eq!(code(&run(&["generate", "--check"])), 0);
    Ok(())
}

fn strict_refuses_differences() -> Result<(), Failed> {
    let folder = copy("manifests")?;
    for file in ["bundle.yaml", "crd.yaml"] {
        fs::copy(
            root().join("tests/operator/manifests").join(file),
            folder.path().join("bundles/manifests").join(file),
        )?;
    }
    let strict = catalog(folder.path(), &["generate", "--strict"]);
    assert_eq!(code(&strict), 1, "{strict:?}");
    assert!(String::from_utf8(strict.stderr)?.contains("error[operator-differs]"));
    assert!(!folder.path().join("bundles/manifests/2.0.0").exists(), "nothing is written");
    Ok(())
}

fn wrong_names_are_explained() -> Result<(), Failed> {
    let folder = copy("cache-operator")?;
    let told = |arguments: &[&str]| {
        let output = catalog(folder.path(), arguments);
        (code(&output), String::from_utf8(output.stderr).unwrap())
    };
    let (status, text) = told(&["generate", "cacheoperator"]);
    assert!(status == 2 && text.contains("did you mean cache-operator?"), "{text}");
    fs::write(folder.path().join("bundles/cache-operator/operator.yaml"), "package: a\nimages: [b\n}\n")?;
    let (status, text) = told(&["generate"]);
    assert!(
        status == 2
            && text.contains("operator.yaml:3:1")
            && text.contains("flow sequence that begins in line 2")
            && text.contains("3 | }"),
        "{text}"
    );
    Ok(())
}

fn documents_after_the_first() -> Result<(), Failed> {
    let folder = copy("cache-operator")?;
    assert_eq!(code(&catalog(folder.path(), &["generate"])), 0);
    let bundle = "bundles/cache-operator/1.0.0";
    let csv = folder.path().join(bundle).join("manifests/cache-operator.clusterserviceversion.yaml");
    let text = fs::read_to_string(&csv)?;
    fs::write(&csv, format!("{text}---\nkind: Service\napiVersion: v1\nmetadata: {{name: lost}}\n"))?;
    let rendered = catalog(folder.path(), &["render", bundle]);
    let told = String::from_utf8(rendered.stderr.clone())?;
    assert!(
        code(&rendered) == 0 && told.contains("clusterserviceversion.yaml:") && told.contains("read only the first"),
        "{told}"
    );
    fs::write(&csv, format!("# A comment is a document of its own for opm.\n---\n{text}"))?;
    let rendered = catalog(folder.path(), &["render", bundle]);
    let told = String::from_utf8(rendered.stderr.clone())?;
    assert!(code(&rendered) != 0 && told.contains("its first document is empty"), "{told}");
    Ok(())
}
