//! The result of `catalog import` for a file. A case is a folder `tests/import/<case>` with an `input.yaml`, to which a
//! common head is added. The messages and the ClusterServiceVersion are compared with the snapshot
//! `import__<case>.snap`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use crate::{assert_snapshot, catalog, code, root};

/// A case for each folder.
pub(crate) fn trials() -> Vec<Trial> {
    let folder = root().join("tests/import");
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| folder.join(name).join("input.yaml").exists());
    names.sort();
    assert!(!names.is_empty());
    let trial = |name: String| {
        let input = folder.join(&name).join("input.yaml");
        Trial::test(format!("import::{name}"), move || case(&name, &input))
    };
    names.into_iter().map(trial).collect()
}

fn case(name: &str, input: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let head = fs::read_to_string(root().join("tests/import/head.yaml"))?;
    fs::write(folder.path().join("m.yaml"), head + &fs::read_to_string(input)?)?;
    let imported = catalog(folder.path(), &["import", "m.yaml", "--package", "demo", "--version", "1.0.0"]);
    let mut told = format!("exit {}\n{}", code(&imported), String::from_utf8(imported.stderr)?);
    let manifests = folder.path().join("bundles/demo/1.0.0/manifests");
    if code(&catalog(folder.path(), &["generate"])) == 0 {
        let mut files: Vec<_> = fs::read_dir(&manifests)?.map(|entry| entry.unwrap().file_name()).collect();
        files.sort();
        for file in files {
            let file = file.to_str().ok_or("no UTF-8")?.to_owned();
            writeln!(told, "===== {file}")?;
            if file.ends_with("clusterserviceversion.yaml") {
                told.push_str(&fs::read_to_string(manifests.join(file))?);
            }
        }
    }
    assert_snapshot(&format!("import__{name}"), &told);
    Ok(())
}
