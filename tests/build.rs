//! `catalog build` as a program: on this repository, and with users' mistakes.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/images.rs"]
mod images;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use images::{AMD64, INTERPRETER, LOAD, elf, temp, tree};
use olm_catalog::build::CatalogLayout;
use olm_catalog::image::Artifact as _;
use serde_json::Value;

/// A copy of the inputs of this repository's catalog, with a program that is never run.
fn repository() -> tempfile::TempDir {
    let (copy, source) = (temp(), Path::new(env!("CARGO_MANIFEST_DIR")));
    for folder in ["bundles", "channels", "catalog"] {
        for (path, bytes) in tree(&source.join(folder)) {
            let path = copy.path().join(folder).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    fs::write(copy.path().join("program"), elf(AMD64, LOAD, false)).unwrap();
    copy
}

fn build(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    command.current_dir(folder).args(["build", "--program", "program"]).args(arguments).output().unwrap()
}

fn built(folder: &Path, arguments: &[&str]) -> Value {
    let out = build(folder, &[arguments, &["-o", "json"]].concat());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn failed(folder: &Path, arguments: &[&str], status: i32) -> String {
    let out = build(folder, arguments);
    let text = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(status), "{text}");
    assert!(!folder.join("target").exists(), "nothing is left of a build that failed");
    text
}

#[test]
fn two_builds_in_two_folders_give_one_digest() {
    let (one, other) = (repository(), repository());
    let (a, b) = (built(one.path(), &[]), built(other.path(), &[]));
    assert_eq!(a, b);
    assert_eq!(tree(&one.path().join("target")), tree(&other.path().join("target")));
    // A second time, replacing the first.
    assert_eq!(built(one.path(), &[]), a);
}

#[test]
fn what_is_committed_is_what_is_built() {
    let copy = repository();
    let before = tree(&copy.path().join("catalog"));
    let out = build(copy.path(), &["--check"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    built(copy.path(), &[]);
    assert_eq!(tree(&copy.path().join("catalog")), before);
}

#[test]
fn a_check_shows_what_is_not_up_to_date_and_writes_nothing() {
    let copy = repository();
    let package = copy.path().join("catalog/dbaas-operator/catalog.yaml");
    let text = fs::read_to_string(&package).unwrap();
    let changed = text.replacen("defaultChannel: stable-v0", "defaultChannel: fast-v0", 1);
    assert_ne!(changed, text);
    fs::write(&package, &changed).unwrap();
    let out = build(copy.path(), &["--check"]);
    assert_eq!(out.status.code(), Some(1));
    let diff = String::from_utf8(out.stdout).unwrap();
    assert!(diff.contains("-defaultChannel: fast-v0\n+defaultChannel: stable-v0\n"), "{diff}");
    assert_eq!(fs::read_to_string(&package).unwrap(), changed);
    assert!(!copy.path().join("target").exists());
    // A build updates everything.
    built(copy.path(), &[]);
    assert_eq!(fs::read_to_string(&package).unwrap(), text);
}

#[test]
fn references_name_the_repository_that_is_given() {
    let copy = repository();
    let before = tree(&copy.path().join("catalog"));
    let default = built(copy.path(), &[]);
    let result = built(copy.path(), &["--repository", "registry.example/team/catalog"]);
    assert_eq!(result["repository"], "registry.example/team/catalog");
    assert_ne!(result["catalog"]["digest"], default["catalog"]["digest"]);
    let pairs = result["bundles"].as_array().unwrap().iter().zip(default["bundles"].as_array().unwrap());
    for (there, here) in pairs {
        assert_eq!(there["digest"], here["digest"], "bundles are the same wherever they are");
        let digest = there["digest"].as_str().unwrap();
        assert_eq!(there["reference"], format!("registry.example/team/catalog@{digest}"));
    }
    assert_eq!(tree(&copy.path().join("catalog")), before, "the folder names the default repository");
    // Moving the first build there has the same result as the second one.
    built(copy.path(), &[]);
    let layout = CatalogLayout::read(&copy.path().join("target/catalog")).unwrap();
    let moved = layout.relocated(&"registry.example/team/catalog".parse().unwrap()).unwrap();
    assert_eq!(result["catalog"]["digest"], moved.digest().as_str());
}

#[test]
fn inline_catalogs_need_no_bundle_images() {
    let copy = repository();
    let before = tree(&copy.path().join("catalog"));
    let result = built(copy.path(), &["--inline"]);
    assert_eq!(result["bundles"], Value::Array(Vec::new()));
    assert_eq!(tree(&copy.path().join("catalog")), before, "the folder has the pinned form");
    let layout = CatalogLayout::read(&copy.path().join("target/catalog")).unwrap();
    let mut text = String::new();
    let layer = layout.catalog.images()[0].layers().last().unwrap().open().unwrap();
    std::io::Read::read_to_string(
        &mut tar::Archive::new(flate2::read::GzDecoder::new(layer))
            .entries()
            .unwrap()
            .map(Result::unwrap)
            .find(|entry| entry.path().unwrap().ends_with("dbaas-operator/catalog.yaml"))
            .unwrap(),
        &mut text,
    )
    .unwrap();
    let catalog = olm_catalog::catalog::read_text(&text, Path::new("inline")).catalog;
    for bundle in &catalog.bundles {
        assert_eq!(bundle.image, "", "{}", bundle.name);
        let objects = bundle.properties.iter().filter(|property| property.kind == "olm.bundle.object").count();
        let files =
            fs::read_dir(copy.path().join(format!(
                "bundles/dbaas-operator/{}/manifests",
                bundle.name.trim_start_matches("dbaas-operator.v")
            )));
        assert_eq!(objects, files.unwrap().count(), "{}", bundle.name);
    }
    assert_eq!(catalog.bundles.len(), 6);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let copy = repository();
    let text = failed(copy.path(), &["--channels", "nowhere"], 2);
    assert!(text.contains("cannot read nowhere"), "{text}");

    fs::write(copy.path().join("program"), elf(AMD64, INTERPRETER, false)).unwrap();
    let text = failed(copy.path(), &[], 2);
    assert!(text.contains("program cannot run alone in an image: it is dynamically linked"), "{text}");
    fs::write(copy.path().join("program"), elf(AMD64, LOAD, false)).unwrap();

    let settings = copy.path().join("bundles/repository.yaml");
    let good = fs::read(&settings).unwrap();
    fs::write(&settings, "repository: a b\n").unwrap();
    let text = failed(copy.path(), &[], 2);
    assert!(text.contains("bundles/repository.yaml: \"a b\" is not a valid repository"), "{text}");
    // No option says where the images will be.
    fs::remove_file(&settings).unwrap();
    let text = failed(copy.path(), &[], 2);
    let remedy = "write `repository: REGISTRY/NAME` into bundles/repository.yaml, or pass --repository";
    assert!(text.contains(remedy), "{text}");
    fs::write(&settings, good).unwrap();

    let template = copy.path().join("channels/dbaas-operator.yaml");
    let good = fs::read_to_string(&template).unwrap();
    fs::write(&template, good.replace("0.1.17\n", "0.1.99\n")).unwrap();
    let text = failed(copy.path(), &[], 1);
    assert!(text.contains("--> channels/dbaas-operator.yaml:"), "{text}");
    assert!(text.contains("bundles/dbaas-operator/0.1.99"), "{text}");
    fs::write(&template, "a: [").unwrap();
    assert!(failed(copy.path(), &[], 1).contains("channels/dbaas-operator.yaml:1:"));
    fs::write(&template, good).unwrap();

    // A bundle without its ClusterServiceVersion.
    let csv = copy.path().join("bundles/dbaas-operator/0.1.9/manifests/dbaas-operator.clusterserviceversion.yaml");
    fs::remove_file(csv).unwrap();
    let text = failed(copy.path(), &[], 1);
    assert!(text.contains("ClusterServiceVersion") && text.contains("0.1.9"), "{text}");
}

#[test]
fn a_bundle_that_no_template_names_is_told() {
    let copy = repository();
    let bundles = copy.path().join("bundles");
    let named = bundles.join("victoriametrics-operator/0.29.1");
    for to in ["copied/0.29.1", "victoriametrics-operator/0.30.0"] {
        for (path, bytes) in tree(&named) {
            let path = bundles.join(to).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    for arguments in [&[][..], &["--check"]] {
        let out = build(copy.path(), arguments);
        assert!(out.status.success());
        insta::assert_snapshot!("unused", String::from_utf8(out.stderr).unwrap());
    }
}

#[test]
fn the_summary_says_where_the_images_are() {
    let copy = repository();
    let said = |arguments: &[&str]| {
        let out = build(copy.path(), arguments);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8(out.stdout).unwrap();
        text.lines().filter(|line| !line.starts_with([' ', 's'])).map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("summary", said(&[]));
    insta::assert_snapshot!("summary_inline", said(&["--inline"]));
    fs::remove_file(copy.path().join("bundles/repository.yaml")).unwrap();
    insta::assert_snapshot!("summary_repository", said(&["--repository", "registry.example/a/b"]));
}

/// opm and OLM only read the first document of a bundle's file, so the rest is not in the catalog.
#[test]
fn documents_that_are_passed_over_are_told() {
    let copy = repository();
    let file = "bundles/victoriametrics-operator/0.29.1/manifests";
    let csv = fs::read_dir(copy.path().join(file)).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
    let text = fs::read_to_string(&csv).unwrap();
    fs::write(&csv, format!("{text}---\nkind: ConfigMap\n")).unwrap();
    let out = build(copy.path(), &["--check"]);
    let told = String::from_utf8(out.stderr).unwrap();
    let name = csv.file_name().unwrap().to_str().unwrap();
    assert!(told.contains(&format!("warning: {file}/{name}:")), "{told}");
    assert!(told.contains("read only the first document of a file"), "{told}");
}

/// If a file cannot be replaced, neither the catalog's folder nor the layout changes.
#[test]
fn a_build_that_fails_changes_nothing() {
    let copy = repository();
    built(copy.path(), &[]);
    // This build has something new, and something that cannot be written.
    fs::remove_dir_all(copy.path().join("catalog/dbaas-operator")).unwrap();
    let blocked = copy.path().join("catalog/victoriametrics-operator/catalog.yaml");
    fs::remove_file(&blocked).unwrap();
    fs::create_dir_all(&blocked).unwrap();
    fs::write(copy.path().join("program"), [elf(AMD64, LOAD, false), vec![0; 64]].concat()).unwrap();
    let before = tree(copy.path());
    let out = build(copy.path(), &[]);
    assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(tree(copy.path()) == before, "something changed");
    let names: Vec<_> = fs::read_dir(copy.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with('.')), "{names:?}");
}

/// A package without a template is written by hand: it is validated, is in the image, and stays unchanged. Links that
/// lead out of the folder, which git can contain, are rejected.
#[test]
fn a_package_that_is_written_by_hand_stays() {
    let copy = repository();
    let file = copy.path().join("catalog/by-hand/catalog.yaml");
    let text = "---\nschema: olm.package\nname: by-hand\ndefaultChannel: c\n---\nschema: olm.channel\npackage: by-hand\nname: c\n\
                entries:\n- name: by-hand.v1.0.0\n---\nschema: olm.bundle\npackage: by-hand\nname: by-hand.v1.0.0\nimage: e.io/b:1\n\
                properties:\n- type: olm.package\n  value: {packageName: by-hand, version: 1.0.0}\n";
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let without = built(copy.path(), &[]);
    fs::write(&file, text).unwrap();
    let out = build(copy.path(), &[]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let told = String::from_utf8(out.stdout).unwrap();
    assert!(told.contains("catalog/by-hand/catalog.yaml: has no template, kept in the catalog as it is"), "{told}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    assert_ne!(built(copy.path(), &[])["catalog"]["digest"], without["catalog"]["digest"]);
    // Defects in it stop the build.
    let copy = repository();
    let file = copy.path().join("catalog/by-hand/catalog.yaml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text.replace("- name: by-hand.v1.0.0", "- name: by-hand.v2.0.0")).unwrap();
    assert!(failed(copy.path(), &[], 1).contains("catalog/by-hand/catalog.yaml:"));
    fs::remove_file(&file).unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), &file).unwrap();
    assert!(failed(copy.path(), &[], 2).contains("catalog/by-hand/catalog.yaml is a link that leads out"));
    assert!(outside.path().exists());
}

/// Everything in a folder, including links and modification times.
#[cfg(unix)]
fn state(folder: &Path) -> Vec<(String, String)> {
    let mut state = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, meta) = (entry.path(), entry.metadata().unwrap());
        let name = path.display().to_string();
        if meta.is_dir() {
            state.push((name, "folder".into()));
            state.extend(self::state(&path));
        } else if meta.file_type().is_symlink() {
            state.push((name, format!("link to {}", fs::read_link(&path).unwrap().display())));
        } else {
            state.push((name, format!("{:?}", fs::read(&path).unwrap())));
        }
    }
    state.sort();
    state
}

/// Links below the written folders, which git can contain, are not followed.
#[test]
#[cfg(unix)]
fn nothing_is_written_through_links() {
    use std::os::unix::fs::symlink;
    let (copy, outside) = (repository(), temp());
    fs::create_dir_all(outside.path().join("manifests")).unwrap();
    fs::write(outside.path().join("catalog.yaml"), "precious: 1\n").unwrap();
    fs::write(outside.path().join("manifests/precious.yaml"), "kind: Precious\n").unwrap();
    let before = state(outside.path());
    // A package's folder in the catalog.
    let package = copy.path().join("catalog/dbaas-operator");
    fs::remove_dir_all(&package).unwrap();
    symlink(outside.path(), &package).unwrap();
    let text = failed(copy.path(), &[], 2);
    assert!(text.contains("catalog/dbaas-operator is a link that leads out"), "{text}");
    fs::remove_file(&package).unwrap();
    // A file in it.
    fs::create_dir(&package).unwrap();
    symlink(outside.path().join("catalog.yaml"), package.join("catalog.yaml")).unwrap();
    let text = failed(copy.path(), &[], 2);
    assert!(text.contains("catalog/dbaas-operator/catalog.yaml is a link that leads out"), "{text}");
    assert_eq!(state(outside.path()), before);
    // A release's folder, and a package's, of the bundles.
    for folder in ["bundles/dbaas-operator/0.1.17", "bundles/dbaas-operator/0.1.17/manifests"] {
        let (copy, folder) = (repository(), Path::new(folder));
        let at = copy.path().join(folder);
        fs::remove_dir_all(&at).unwrap();
        symlink(outside.path(), &at).unwrap();
        for arguments in [&["generate", "dbaas-operator"][..], &["generate", "--prune"]] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
            let out = command.current_dir(copy.path()).args(arguments).output().unwrap();
            let text = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(
                out.status.code() == Some(2) && (text.contains("is a link") || text.contains("not a directory")),
                "{text}"
            );
            assert_eq!(state(outside.path()), before);
        }
    }
}

/// A build that cannot be finished changes neither the catalog's folder nor the layout.
#[test]
#[cfg(unix)]
fn what_cannot_be_finished_is_not_begun() {
    let copy = repository();
    built(copy.path(), &[]);
    let file = copy.path().join("catalog/dbaas-operator/catalog.yaml");
    let changed = |text: &str| fs::write(&file, fs::read_to_string(&file).unwrap() + text).unwrap();
    changed("# changed\n");
    // A layout of another tool: an index with an image that this program did not write.
    let other = copy.path().join("other");
    fs::create_dir_all(other.join("blobs/sha256")).unwrap();
    fs::write(other.join("oci-layout"), r#"{"imageLayoutVersion": "1.0.0"}"#).unwrap();
    let digest = "0".repeat(64);
    let index = format!(
        r#"{{"schemaVersion": 2, "manifests": [{{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:{digest}",
            "size": 2, "annotations": {{"org.opencontainers.image.ref.name": "catalog"}}}}]}}"#
    );
    fs::write(other.join("index.json"), index).unwrap();
    fs::write(other.join("blobs/sha256").join(&digest), "{}").unwrap();
    let before = state(copy.path());
    let out = build(copy.path(), &["--layout", "other"]);
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(2) && text.contains("contains images of another tool"), "{text}");
    assert_eq!(state(copy.path()), before);
    // A folder with other files.
    let out = build(copy.path(), &["--layout", "bundles"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(state(copy.path()), before);
    // A place where no layout can be.
    let out = build(copy.path(), &["--layout", "program"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(state(copy.path()), before);
}
