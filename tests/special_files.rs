//! Every verb rejects special, far too large or outside files that it would read, at once and with their names.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use olm_catalog::image::Digest;

/// Verbs, and the special file of each.
const READERS: [(&str, &str); 17] = [
    ("validate c", "c/x.yaml"),
    ("render c", "c/x.yaml"),
    ("serve c --addr 127.0.0.1:0", "c/x.yaml"),
    ("validate c", "c/.indexignore"),
    ("validate c", "c/deep/.indexignore"),
    ("build --check", "catalog/other/catalog.yaml"),
    ("build --check", "channels/x.yaml"),
    ("build --check", "bundles/repository.yaml"),
    ("render bundle", "bundle/manifests/x.yaml"),
    ("render bundle", "bundle/metadata/x.yaml"),
    ("crd diff bundle bundle", "bundle/manifests/x.yaml"),
    ("import deploy --package p --version 1.0.0", "deploy/x.yaml"),
    ("generate", "bundles/demo/operator.yaml"),
    ("generate demo", "bundles/demo/operator.yaml"),
    ("generate demo", "bundles/demo/icon.svg"),
    ("generate demo", "bundles/demo/manifests.yaml"),
    ("generate demo", "bundles/demo/1.0.0/manifests/x.yaml"),
];

/// Verbs whose file is named by the user: a link can point anywhere, but not to special files.
const NAMED: [(&str, &str); 6] = [
    ("validate x.yaml", "x.yaml"),
    ("render x.yaml", "x.yaml"),
    ("crd diff x.yaml x.yaml", "x.yaml"),
    ("template semver x.yaml", "x.yaml"),
    ("import x.yaml --package p --version 1.0.0", "x.yaml"),
    ("build --program x.yaml", "x.yaml"),
];

const DEFINITION: &str = "\
package: demo
displayName: Demo
description: Demo.
provider: {name: Demo}
channels: [stable]
installModes: [AllNamespaces]
icon: icon.svg
crds:
- manifests: manifests.yaml
  sha256: DIGEST
releases:
- version: 1.0.0
";

const MANIFESTS: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: notes.example.com}
spec:
  group: example.com
  names: {kind: Note, plural: notes, singular: note, listKind: NoteList}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: notes}
spec:
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: m, image: 'example.com/x:1'}]}}
";

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let digest = format!("\"{}\"", Digest::of(MANIFESTS.as_bytes()).hex());
    let definition = DEFINITION.replace("DIGEST", &digest);
    for (path, text) in [
        ("c/a.yaml", "schema: olm.package\nname: a\n"),
        ("c/deep/a.yaml", "schema: x\n"),
        ("catalog/other/note", ""),
        ("channels/note", ""),
        ("bundles/repository.yaml", "repository: registry.example/a\n"),
        ("bundle/manifests/a.yaml", "kind: ConfigMap\n"),
        ("bundle/metadata/annotations.yaml", "annotations: {}\n"),
        ("deploy/a.yaml", "kind: ConfigMap\n"),
        ("bundles/demo/operator.yaml", &definition),
        ("bundles/demo/manifests.yaml", MANIFESTS),
        ("bundles/demo/icon.svg", "<svg/>"),
        ("bundles/demo/1.0.0/manifests/a.yaml", ""),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Runs a verb with little memory and a time limit: a timeout has its own exit status.
fn run(folder: &Path, arguments: &str) -> Output {
    let script = format!("ulimit -v 4000000; exec timeout 120 {} {arguments}", env!("CARGO_BIN_EXE_catalog"));
    Command::new("bash").args(["-c", &script]).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

fn is_refused(out: &Output, what: &str) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(matches!(out.status.code(), Some(1 | 2)), "{what}: {:?}: {text}", out.status);
    text
}

#[test]
fn pipes_and_devices_are_refused() {
    for (verb, place) in READERS.into_iter().chain(NAMED) {
        for kind in ["pipe", "device"] {
            let folder = repository();
            let path = folder.path().join(place);
            let _ = fs::remove_file(&path);
            match kind {
                "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
                _ => symlink("/dev/zero", &path).unwrap(),
            }
            let what = format!("{verb} with a {kind} at {place}");
            let text = is_refused(&run(folder.path(), verb), &what);
            let name = Path::new(place).file_name().unwrap().to_str().unwrap();
            assert!(text.contains(name) || text.contains(place), "{what}: {text}");
            let says = ["not a regular file", "is a link", "leads out", "outside", "not a file"];
            assert!(says.iter().any(|says| text.contains(says)), "{what}: {text}");
        }
    }
}

#[test]
fn nothing_from_elsewhere_is_read() {
    for (verb, place) in READERS {
        let folder = repository();
        let outside = tempfile::tempdir().unwrap();
        let secret = outside.path().join("secret");
        fs::write(&secret, "secret-word: [\n").unwrap();
        let path = folder.path().join(place);
        let _ = fs::remove_file(&path);
        symlink(&secret, &path).unwrap();
        // The settings only name a place in an image.
        if place == "bundles/repository.yaml" || verb.contains("--addr") {
            continue;
        }
        let what = format!("{verb} with a link at {place}");
        let text = is_refused(&run(folder.path(), verb), &what);
        assert!(!text.contains("secret-word"), "{what}: {text}");
    }
}

#[test]
fn large_files_are_rejected_with_a_remedy() {
    let folder = repository();
    for (verb, place, limit, size) in [
        ("validate c", "c/x.yaml", "file-bytes", 2_u64 << 30),
        ("render bundle", "bundle/manifests/x.yaml", "bundle-bytes", 300 << 20),
        ("build --check", "channels/x.yaml", "text-bytes", 65 << 20),
        ("generate demo", "bundles/demo/operator.yaml", "text-bytes", 65 << 20),
        ("import deploy --package p --version 1.0.0", "deploy/x.yaml", "manifest-bytes", 17 << 20),
        ("crd diff x.yaml x.yaml", "x.yaml", "text-bytes", 65 << 20),
        ("validate c", "c/.indexignore", "ignore-bytes", 2 << 20),
    ] {
        let path = folder.path().join(place);
        let before = fs::read(&path).ok();
        // It occupies nothing on the disk.
        fs::File::create(&path).unwrap().set_len(size).unwrap();
        let text = is_refused(&run(folder.path(), verb), verb);
        assert!(text.contains(&format!("`--limit {limit}=VALUE` raises it")), "{verb}: {text}");
        match before {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
    }
    // A lower limit works too, and a higher one lets invalid files through.
    let text = is_refused(&run(folder.path(), "--limit catalog-files=2 render c"), "files");
    assert!(text.contains("exceeds the limit catalog-files of 2"), "{text}");
    let text = is_refused(&run(folder.path(), "render c --limit catalog-depth=0"), "depth");
    assert!(text.contains("catalog-depth"), "{text}");
    assert!(run(folder.path(), "render c").status.success());
    assert!(
        is_refused(&run(folder.path(), "render c --limit nothing=1"), "name").contains("\"nothing\" is not a limit")
    );
}

/// Every file with every pattern: the work is limited before it starts.
#[test]
fn an_ignore_file_cannot_take_all_time() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".indexignore"), "a*b\n".repeat(200_000)).unwrap();
    for number in 0..3_000 {
        fs::write(folder.path().join(number.to_string()), "").unwrap();
    }
    let text = is_refused(&run(folder.path(), "render ."), "ignore");
    assert!(text.contains("exceeds the limit ignore-work of 2000000000"), "{text}");
}
