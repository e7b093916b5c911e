//! The outputs of `catalog generate` and `catalog build`: JSON that fits its schema, and annotations of GitHub Actions.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/images.rs"]
mod images;

use std::fs;
use std::path::Path;
use std::process::Command;

use images::{AMD64, LOAD, elf, temp};
use olm_catalog::schemas::SCHEMAS;
use serde_json::Value;

/// A run: the exit status, standard output and standard error.
fn run(folder: &Path, arguments: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    let out = command.current_dir(folder).args(arguments.split(' ')).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

/// A document with this exit status, and nothing else.
fn json(folder: &Path, arguments: &str, status: i32) -> Value {
    let (code, stdout, stderr) = run(folder, &format!("{arguments} -o json"));
    assert_eq!((code, &*stderr), (status, ""), "{stdout}");
    let value = serde_json::from_str(&stdout).unwrap();
    let name = arguments.split(' ').next().unwrap();
    let schema = SCHEMAS.iter().find(|schema| schema.name == name).unwrap().json();
    assert_eq!(jsonschema::validate(&schema, &value).map_err(|error| error.to_string()), Ok(()), "{value}");
    value
}

#[test]
fn generate_reports_bundles_and_findings() {
    let folder = temp();
    let source = |file: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import").join(file)).unwrap();
    fs::write(folder.path().join("input.yaml"), [source("head.yaml"), source("small/input.yaml")].concat()).unwrap();
    fs::create_dir(folder.path().join("bundles")).unwrap();
    let (code, _, stderr) = run(folder.path(), "import input.yaml --package demo --version 1.0.0");
    assert_eq!(code, 0, "{stderr}");
    let differs = json(folder.path(), "generate --check", 1);
    assert_eq!(
        (&differs["bundles"][0]["state"], folder.path().join("bundles/demo/1.0.0").exists()),
        (&"different".into(), false)
    );
    for state in ["written", "unchanged"] {
        let report = json(folder.path(), "generate", 0);
        assert_eq!(report["bundles"], serde_json::json!([{"path": "bundles/demo/1.0.0", "state": state}]));
        let findings = report["findings"].as_array().unwrap();
        assert!(!findings.is_empty() && findings.iter().all(|finding| finding["severity"] == "warning"), "{report}");
    }
    let definition = folder.path().join("bundles/demo/operator.yaml");
    let text = fs::read_to_string(&definition).unwrap();
    fs::write(&definition, format!("{text}unknown: 1\n")).unwrap();
    let report = json(folder.path(), "generate", 1);
    assert!(report["findings"].as_array().unwrap().iter().any(|finding| finding["severity"] == "error"), "{report}");
    assert_eq!(report["bundles"].as_array().unwrap().len(), 0);
    let (code, stdout, _) = run(folder.path(), "generate -o github");
    assert!(code == 1 && stdout.starts_with("::error file=bundles/demo/operator.yaml,line="), "{stdout}");
}

#[test]
fn a_check_reports_what_differs() {
    let folder = temp();
    for (path, bytes) in images::bundle("1.0.0").files {
        let path = folder.path().join("bundles/demo/1.0.0").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(folder.path().join("bundles/repository.yaml"), "repository: registry.example/catalog\n").unwrap();
    fs::create_dir(folder.path().join("channels")).unwrap();
    let template = folder.path().join("channels/demo.yaml");
    let text =
        "schema: olm.semver\ngenerateMajorChannels: true\nstable:\n  bundles:\n  - image: ../bundles/demo/1.0.0\n";
    fs::write(&template, text).unwrap();
    fs::write(folder.path().join("program"), elf(AMD64, LOAD, false)).unwrap();

    let report = json(folder.path(), "build --check", 1);
    assert_eq!(report["files"][0]["path"], "catalog/demo/catalog.yaml");
    assert_eq!(report["files"][0]["state"], "different");
    assert!(report.get("catalog").is_none() && report.get("layout").is_none(), "nothing was built: {report}");
    let (code, stdout, _) = run(folder.path(), "build --check -o github");
    let annotation = "::error file=catalog/demo/catalog.yaml,title=not-up-to-date::catalog/demo/catalog.yaml differs from \
                      what `catalog build` writes%0Ahelp: run `catalog build` and commit the result\n";
    assert!(code == 1 && stdout.contains(annotation), "{stdout}");

    let report = json(folder.path(), "build --program program", 0);
    assert_eq!(report["files"][0]["state"], "written");
    assert_eq!(report["catalog"]["platforms"][0]["platform"], "linux/amd64");
    assert_eq!(json(folder.path(), "build --program program", 0)["files"][0]["state"], "unchanged");
    assert_eq!(json(folder.path(), "build --check", 0)["files"][0]["state"], "unchanged");
    let (code, stdout, _) = run(folder.path(), "build --program program -o github");
    assert!(code == 0 && stdout.contains("catalog image (linux/amd64, "), "{stdout}");

    fs::write(&template, text.replace("1.0.0", "2.0.0")).unwrap();
    let report = json(folder.path(), "build --program program", 1);
    assert_eq!(report["findings"][0]["severity"], "error");
    assert_eq!(report["findings"][0]["file"], "channels/demo.yaml");
    let (_, stdout, _) = run(folder.path(), "build --check -o github");
    assert!(stdout.starts_with("::error file=channels/demo.yaml,line="), "{stdout}");
}
