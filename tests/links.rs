//! No verb writes or deletes outside of the repository: every place to which a verb writes is replaced by a link in
//! turn, as git can contain one, and the link's target must stay unchanged.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/images.rs"]
mod images;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use images::{AMD64, LOAD, elf, temp, tree};

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

/// The arguments of a verb, and the paths that become links: every part of the path to its output.
const VERBS: [(&[&str], &[&str]); 9] = [
    (
        &["build", "--program", "program"],
        &[
            "catalog",
            "catalog/notes",
            "catalog/notes/catalog.yaml",
            "target",
            "target/catalog",
            "target/catalog/blobs",
            "target/catalog/blobs/sha256",
            "target/catalog/index.json",
            "target/catalog/oci-layout",
        ],
    ),
    (
        &["generate"],
        &[
            "bundles",
            "bundles/notes",
            "bundles/notes/1.0.0",
            "bundles/notes/1.0.0/manifests",
            "bundles/notes/1.0.0/metadata",
            "bundles/notes/1.0.0/metadata/annotations.yaml",
        ],
    ),
    (&["generate", "--prune"], &["bundles", "bundles/notes", "bundles/notes/0.9.0/manifests"]),
    (
        &["import", "bundles/notes/released.yaml", "--package", "other", "--version", "2.0.0"],
        &["bundles", "bundles/other", "bundles/other/operator.yaml"],
    ),
    (
        &["import", "next.yaml", "--package", "notes", "--version", "1.1.0", "--channel", "stable"],
        &[
            "bundles",
            "bundles/notes",
            "bundles/notes/operator.yaml",
            "bundles/notes/manifests-1.1.0.yaml",
            "channels",
            "channels/notes.yaml",
        ],
    ),
    (&["deprecate", "notes", "--message", "m"], &["channels", "channels/notes.yaml"]),
    (&["validate", "fixable", "--fix"], &["fixable", "fixable/catalog.yaml"]),
    (&["validate", "fixable/catalog.yaml", "--fix"], &["fixable", "fixable/catalog.yaml"]),
    (
        &["validate", "fixable", "--baseline", "known/baseline.yaml", "--write-baseline"],
        &["known", "known/baseline.yaml"],
    ),
];

fn catalog(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_catalog")).current_dir(folder).args(arguments).output().unwrap()
}

/// A repository with one operator, where each verb has something to write and to remove.
fn repository(root: &Path) {
    fs::create_dir_all(root.join("channels")).unwrap();
    fs::create_dir_all(root.join("bundles/notes")).unwrap();
    fs::write(root.join("bundles/notes/released.yaml"), MANIFESTS).unwrap();
    fs::write(root.join("next.yaml"), MANIFESTS.replace("example.com/x:1", "example.com/x:2")).unwrap();
    fs::write(root.join("program"), elf(AMD64, LOAD, false)).unwrap();
    let done = |arguments: &[&str]| {
        let out = catalog(root, arguments);
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    done(&["import", "bundles/notes/released.yaml", "--package", "notes", "--version", "0.9.0"]);
    done(&["generate"]);
    let definition = root.join("bundles/notes/operator.yaml");
    let text = fs::read_to_string(&definition).unwrap().replace("version: 0.9.0", "version: 1.0.0");
    fs::write(definition, text).unwrap();
    done(&["generate"]);
    fs::write(root.join("bundles/repository.yaml"), "repository: registry.example/notes\n").unwrap();
    let template =
        "schema: olm.semver\ngenerateMajorChannels: true\nstable:\n  bundles:\n  - image: ../bundles/notes/1.0.0\n";
    fs::write(root.join("channels/notes.yaml"), template).unwrap();
    done(&["build", "--program", "program"]);
    // The desired output differs from the existing one.
    fs::write(root.join("catalog/notes/catalog.yaml"), "---\nschema: olm.package\nname: older\n").unwrap();
    let annotations = root.join("bundles/notes/1.0.0/metadata/annotations.yaml");
    fs::write(&annotations, fs::read_to_string(&annotations).unwrap() + "# older\n").unwrap();
    // A finding that can be corrected, and is not in the baseline.
    fs::create_dir(root.join("fixable")).unwrap();
    fs::write(
        root.join("fixable/catalog.yaml"),
        "schema: olm.channel\npackage: a\nname: b\nentries:\n- {name: a.v1.0.0, skipRange: <v1.0.0}\n",
    )
    .unwrap();
    fs::create_dir(root.join("known")).unwrap();
    fs::write(root.join("known/baseline.yaml"), "version: 1\nfindings: []\n").unwrap();
}

#[test]
fn nothing_is_written_or_removed_through_links() {
    let made = temp();
    repository(made.path());
    let mut tried = 0;
    for (arguments, places) in VERBS {
        for place in places {
            let folder = temp();
            let (root, outside) = (folder.path().join("repository"), folder.path().join("outside"));
            fs::create_dir_all(&root).unwrap();
            for (path, bytes) in tree(made.path()) {
                fs::create_dir_all(root.join(&path).parent().unwrap()).unwrap();
                fs::write(root.join(path), bytes).unwrap();
            }
            // The existing file is moved outside, and replaced by a link to it.
            let path = root.join(place);
            if path.exists() {
                fs::rename(&path, &outside).unwrap();
            } else if path.extension().is_some() {
                fs::write(&outside, "precious").unwrap();
            } else {
                fs::create_dir(&outside).unwrap();
                fs::write(outside.join("precious"), "precious").unwrap();
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(&outside, &path).unwrap();
            let before = tree(folder.path());
            let out = catalog(&root, arguments);
            let error = String::from_utf8_lossy(&out.stderr);
            assert_eq!(out.status.code(), Some(2), "{arguments:?} with {place}: {error}");
            assert!(
                error.contains("link") || error.contains("already exists") || error.contains("not a directory"),
                "{error}"
            );
            assert!(tree(folder.path()) == before, "{arguments:?} with {place}: something changed");
            assert!(path.is_symlink());
            tried += 1;
        }
    }
    assert_eq!(tried, 35);
}

/// The target of a link next to the packages is neither read nor removed; a link that the user named is the user's own
/// choice.
#[test]
fn foreign_links_and_links_of_the_user() {
    let folder = temp();
    let (root, outside) = (folder.path().join("repository"), folder.path().join("outside"));
    fs::create_dir_all(&root).unwrap();
    repository(&root);
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("catalog.yaml"), "precious").unwrap();
    symlink(&outside, root.join("catalog/other")).unwrap();
    let out = catalog(&root, &["build", "--program", "program"]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("catalog/other is a link that leads out"));
    assert_eq!(fs::read_to_string(outside.join("catalog.yaml")).unwrap(), "precious");
    fs::remove_file(root.join("catalog/other")).unwrap();
    let layout = folder.path().join("layout");
    symlink(folder.path(), root.join("elsewhere")).unwrap();
    let named = root.join("elsewhere/layout");
    let out = catalog(&root, &["build", "--program", "program", "--layout", named.to_str().unwrap()]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(layout.join("index.json").is_file());
}
