use std::collections::BTreeMap;
use std::process::Command;

use super::*;
use crate::build::{BundleImage, CatalogLayout};
use crate::bundle::Bundle;

/// Tells a test that another test started where to work, and after how many steps it is killed.
const KILL_AT: &str = "OLM_CATALOG_TEST_KILL_AT";
const FOLDER: &str = "OLM_CATALOG_TEST_FOLDER";
/// The packages that change. One of them is new.
const PACKAGES: [&str; 2] = ["a", "b"];
/// Staged, marked, a file for each package, the index.
const STEPS: usize = 3 + PACKAGES.len();

fn bundle(version: &str) -> Bundle {
    let annotations = format!(
        "annotations:\n  operators.operatorframework.io.bundle.package.v1: demo\n  \
         operators.operatorframework.io.bundle.mediatype.v1: registry+v1\n  note: {version}\n"
    );
    Bundle { files: BTreeMap::from([("metadata/annotations.yaml".to_owned(), annotations.into_bytes())]) }
}

fn layout(version: &str) -> CatalogLayout {
    let image = BundleImage::new("demo", version, &bundle(version)).unwrap();
    CatalogLayout {
        catalog: image.image.clone().into(),
        repository: "registry.example/catalog".parse().unwrap(),
        bundles: vec![image],
    }
}

/// Builds a version, as `catalog build` does, with a kill after some steps.
fn build(folder: &Path, version: &str, kill_at: Option<usize>) -> Result<(), Error> {
    let root = folder.join("catalog");
    let change = |package: &&str| {
        let file = root.join(package).join("catalog.yaml");
        Change::find(&root, file, Some(version.as_bytes().to_vec())).unwrap()
    };
    let changes: Vec<Change> = PACKAGES.iter().filter_map(change).collect();
    let staged = layout(version).stage(&folder.join("target/layout"))?;
    let mut steps = 0;
    switch(&root, &changes, staged, &mut || {
        steps += 1;
        if kill_at == Some(steps) {
            // Nothing is cleaned up, as with SIGKILL.
            std::process::abort();
        }
    })
}

/// The contents of the packages' files, and the version in the layout.
fn state(folder: &Path) -> (Vec<Option<String>>, Result<String, String>) {
    let file = |package: &&str| fs::read_to_string(folder.join("catalog").join(package).join("catalog.yaml")).ok();
    let read = CatalogLayout::read(&folder.join("target/layout"));
    let version = read.map(|layout| layout.bundles[0].version.clone()).map_err(|error| error.to_string());
    (PACKAGES.iter().map(file).collect(), version)
}

/// Every path below a folder.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(paths(&path));
        }
        all.push(path);
    }
    all.sort();
    all
}

fn old() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("catalog/a")).unwrap();
    fs::write(folder.path().join("catalog/a/catalog.yaml"), "1.0.0").unwrap();
    layout("1.0.0").write(&folder.path().join("target/layout")).unwrap();
    folder
}

/// Not a test by itself: the next test starts and kills it.
#[test]
fn is_killed() {
    let (Ok(folder), Ok(at)) = (std::env::var(FOLDER), std::env::var(KILL_AT)) else { return };
    build(Path::new(&folder), "2.0.0", at.parse().ok()).unwrap();
}

#[test]
fn a_kill_at_any_step_leaves_all_old_or_all_new_or_is_told() {
    let all_old = || (vec![Some("1.0.0".to_owned()), None], Ok("1.0.0".to_owned()));
    let all_new = || (vec![Some("2.0.0".to_owned()); 2], Ok("2.0.0".to_owned()));
    for at in 1..=STEPS {
        let folder = old();
        let killed = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "build::switch::tests::is_killed"])
            .env(FOLDER, folder.path())
            .env(KILL_AT, at.to_string())
            .output()
            .unwrap();
        assert!(!killed.status.success(), "step {at} is one of the steps");
        let (files, version) = state(folder.path());
        if at == 1 {
            assert_eq!((files, version), all_old());
        } else {
            // In the middle of it, a push is refused.
            assert!(
                version.unwrap_err().contains("a build was killed while it moved its result into place"),
                "step {at}"
            );
        }
        // The next build repairs it, and leaves nothing of the killed one.
        build(folder.path(), "2.0.0", None).unwrap();
        assert_eq!(state(folder.path()), all_new(), "step {at}");
        let fresh = old();
        build(fresh.path(), "2.0.0", None).unwrap();
        let within = |root: &Path| -> Vec<PathBuf> {
            paths(root).iter().map(|path| path.strip_prefix(root).unwrap().to_owned()).collect()
        };
        assert_eq!(within(folder.path()), within(fresh.path()), "step {at}");
    }
}

#[test]
fn what_fails_in_the_middle_is_undone() {
    let folder = old();
    let before = paths(folder.path());
    let root = folder.path().join("catalog");
    let change = |package: &str, file: &str| {
        let old = (package == "a").then(|| b"1.0.0".to_vec());
        Change { root: root.clone(), file: root.join(package).join(file), old, new: Some(b"2.0.0".to_vec()) }
    };
    // The last one cannot be moved into place: its folder is a file.
    let changes = [change("a", "catalog.yaml"), change("b", "catalog.yaml"), change("a", "catalog.yaml/x")];
    let staged = layout("2.0.0").stage(&folder.path().join("target/layout")).unwrap();
    let error = switch(&root, &changes, staged, &mut || ()).unwrap_err();
    assert!(error.to_string().contains("catalog/a/catalog.yaml/x"), "{error}");
    assert_eq!(state(folder.path()), (vec![Some("1.0.0".into()), None], Ok("1.0.0".into())));
    assert_eq!(paths(folder.path()), before);
}

#[test]
fn two_builds_do_not_write_to_one_layout() {
    let folder = old();
    let out = folder.path().join("target/layout");
    let first = layout("2.0.0").stage(&out).unwrap();
    let error = layout("3.0.0").stage(&out).unwrap_err().to_string();
    assert!(error.starts_with("another build is writing to "), "{error}");
    drop(first);
    assert_eq!(state(folder.path()).1, Ok("1.0.0".into()));
    layout("3.0.0").write(&out).unwrap();
    assert_eq!(state(folder.path()).1, Ok("3.0.0".into()));
}
