//! The files of a release, as `make dist` makes them from the static programs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use jsonschema::Registry;
use libtest_mimic::Completion;
use serde_json::Value;

use crate::{Outcome, common, dist, programs, succeeds, text};

pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The module with the official schemas of CycloneDX.
const SCHEMAS: &str = "github.com/CycloneDX/cyclonedx-go@v0.12.0";

/// The name of the archive, without its ending.
pub(crate) fn name() -> String {
    format!("olm-catalog-{VERSION}-{TARGET}")
}

fn make(out: &Path) -> Result<(), &'static str> {
    let programs = programs()?;
    dist::archive(TARGET, &programs, out).unwrap();
    let url = format!("file://{}", out.display());
    dist::index(out, Some((&url, "https://example.com/catalog"))).unwrap();
    Ok(())
}

/// The files of a release, made once; or why they cannot be made.
pub(crate) fn release() -> Result<&'static Path, &'static str> {
    static RELEASE: OnceLock<Result<tempfile::TempDir, &'static str>> = OnceLock::new();
    let made = RELEASE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path()).map(|()| folder)
    });
    made.as_ref().map(|folder| folder.path()).map_err(|reason| *reason)
}

pub(crate) fn has_what_users_need() -> Outcome {
    let release = match release() {
        Ok(release) => release,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    succeeds(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(release));
    let archive = release.join(format!("{}.tar.gz", name()));
    let list = text(&succeeds(Command::new("tar").arg("-tvzf").arg(archive).env("TZ", "UTC")).stdout);
    // Mode, owner, time and name, without the size. Verbs come and go: the pages of two are enough.
    let pages = ["/", "/catalog.1", "/catalog-build.1", "/install-catalog.1"].map(|page| format!("man1{page}"));
    let is_listed = |line: &&str| !line.contains("/man1/") || pages.iter().any(|page| line.ends_with(page));
    let lines = list.lines().filter(is_listed).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        format!("{} {} {} {}\n", words[0], words[1], words[3], words[5].replace(VERSION, "VERSION"))
    });
    insta::assert_snapshot!("archive", lines.collect::<String>());
    let files: BTreeSet<String> =
        fs::read_dir(release)?.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let expected = [format!("{}.tar.gz", name()), format!("{}.cdx.json", name())];
    let expected =
        expected.into_iter().chain(["SHA256SUMS", "catalog.yaml", "install-catalog.yaml"].map(str::to_owned));
    assert_eq!(files, expected.collect());
    Ok(Completion::Completed)
}

pub(crate) fn is_the_same_twice() -> Outcome {
    let release = match release() {
        Ok(release) => release,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    let again = tempfile::tempdir()?;
    make(again.path())?;
    for file in [format!("{}.tar.gz", name()), format!("{}.cdx.json", name())] {
        assert!(fs::read(release.join(&file))? == fs::read(again.path().join(&file))?, "{file} differs");
    }
    Ok(Completion::Completed)
}

pub(crate) fn sbom_is_cyclonedx() -> Outcome {
    let release = match release() {
        Ok(release) => release,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    let schema = |file: &str| -> Result<Value, String> {
        let text = common::go::file(SCHEMAS, &format!("schema/{file}"))?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    let (bom, spdx, jsf) =
        match (schema("bom-1.6.schema.json"), schema("spdx.schema.json"), schema("jsf-0.82.schemax.json")) {
            (Ok(bom), Ok(spdx), Ok(jsf)) => (bom, spdx, jsf),
            (Err(reason), ..) | (_, Err(reason), _) | (.., Err(reason)) => return Ok(Completion::ignored_with(reason)),
        };
    let registry = Registry::new()
        .add("http://cyclonedx.org/schema/spdx.schema.json", spdx)?
        .add("http://cyclonedx.org/schema/jsf-0.82.schema.json", jsf)?
        .prepare()?;
    let validator = jsonschema::options().with_registry(&registry).build(&bom)?;
    let sbom: Value = serde_json::from_str(&fs::read_to_string(release.join(format!("{}.cdx.json", name())))?)?;
    let errors: Vec<String> =
        validator.iter_errors(&sbom).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut wrong = sbom.clone();
    wrong["components"][0]["type"] = "nonsense".into();
    assert!(!validator.is_valid(&wrong));

    // Each crate has its checksum and is needed by another one; those that only build or test are not in it.
    let components = sbom["components"].as_array().ok_or("no components")?;
    let names: BTreeSet<&str> = components.iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.contains("clap") && names.contains("rustls") && names.len() > 150, "{names:?}");
    assert!(!names.contains("proptest") && !names.contains("protox") && !names.contains("insta"), "{names:?}");
    let needed: BTreeSet<&str> = sbom["dependencies"]
        .as_array()
        .ok_or("no dependencies")?
        .iter()
        .flat_map(|one| one["dependsOn"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    for one in components {
        assert_eq!(one["hashes"][0]["content"].as_str().map(str::len), Some(64), "{one}");
        assert!(needed.contains(one["bom-ref"].as_str().unwrap()), "{one}");
    }
    // The same crates are in the list of licences.
    let archive = release.join(format!("{}.tar.gz", name()));
    let list = Command::new("tar").arg("-xOzf").arg(archive).arg(format!("{}/THIRD-PARTY.txt", name())).output()?;
    let list = text(&list.stdout);
    for one in components {
        let line = format!("\n{} {}: ", one["name"].as_str().unwrap(), one["version"].as_str().unwrap());
        assert!(list.contains(&line), "{line}");
    }
    assert!(list.contains("Permission is hereby granted, free of charge"), "{}", &list[..2000]);
    Ok(Completion::Completed)
}
