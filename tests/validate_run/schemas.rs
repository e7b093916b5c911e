//! The schemas of outputs and files: `docs/schemas` is up to date, and the program's output and input match them.
//! `OLM_CATALOG_WRITE=1` writes them again.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use libtest_mimic::{Completion, Failed, Trial};
use olm_catalog::schemas::SCHEMAS;
use olm_catalog::yaml;
use serde_json::{Value, json};

use crate::{cases, cli, common};

/// The folder of the schemas.
const FOLDER: &str = "docs/schemas";

/// The module and file with the official JSON Schema of SARIF 2.1.0, which is a constant there.
const SARIF: (&str, &str) = ("github.com/owenrumney/go-sarif/v3@v3.3.1", "pkg/report/v210/sarif/schema.go");

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("schemas/committed", committed),
        Trial::test("schemas/outputs", outputs),
        Trial::test("schemas/files", files),
        Trial::test("schemas/printed", printed),
        Trial::test("schemas/sarif", sarif_is_consistent),
        Trial::ignorable_test("schemas/sarif-official", sarif_is_valid),
    ]
}

/// It contains all types of a pod: `catalog schema` prints it.
const TOO_LARGE: &str = "operator";

fn committed() -> Result<(), Failed> {
    let schemas = || SCHEMAS.iter().filter(|schema| schema.name != TOO_LARGE);
    let names: BTreeSet<String> = schemas().map(|schema| format!("{}.json", schema.name)).collect();
    for schema in schemas() {
        let (path, text) = (Path::new(FOLDER).join(format!("{}.json", schema.name)), yaml::to_json(&schema.json())?);
        if std::env::var_os("OLM_CATALOG_WRITE").is_some() {
            fs::create_dir_all(FOLDER)?;
            fs::write(&path, &text)?;
        }
        let found = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        assert_eq!(found, text, "`OLM_CATALOG_WRITE=1 cargo test --test validate` writes it");
    }
    let there = fs::read_dir(FOLDER)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    assert_eq!(there.collect::<Result<BTreeSet<String>, Failed>>()?, names);
    Ok(())
}

fn schema(name: &str) -> Result<Value, Failed> {
    Ok(SCHEMAS.iter().find(|schema| schema.name == name).ok_or("the schema")?.json())
}

fn validate(schema: &Validator, value: &Value) -> Result<(), Failed> {
    let errors: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n").into()) }
}

/// The schema, which rejects fields that it does not describe.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("properties").is_some_and(Value::is_object) && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".into(), false.into());
            }
            map.values_mut().for_each(strict);
        }
        Value::Array(items) => items.iter_mut().for_each(strict),
        _ => {}
    }
}

/// Every printed field is described.
fn outputs() -> Result<(), Failed> {
    let mut commands: Vec<(&str, Vec<String>)> = Vec::new();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    commands.push(("rules", words("rules -o json")));
    commands.push(("findings", words("validate tests/validate tests/validate_inputs/repository -o json")));
    commands
        .push(("findings", words("validate tests/validate_inputs/repository/bundles/demo/1.0.0 -o json --set all")));
    commands.push(("list", words("list catalog -o json")));
    commands.push(("build", words("build --check -o json")));

    commands.push(("generate", words("generate --check -o json")));
    commands.push(("crd-diff", words("crd diff dbaas-operator@0.1.9 dbaas-operator@0.1.17 -o json")));
    commands.push(("upgrades", words("upgrades catalog --bundles bundles --all -o json")));
    let plan = "plan catalog --bundles bundles --package";
    commands.push(("plan", words(&format!("{plan} dbaas-operator --from 0.1.4 -o json"))));
    commands.push(("plan", words(&format!("{plan} victoriametrics-operator --kubernetes 1.15 -o json"))));
    for case in cases::folders("upgrades/cases") {
        commands.push(("upgrades", words(&format!("upgrades {}/catalog.yaml --all -o json", case.display()))));
    }
    for case in cases::folders("graph/cases") {
        commands.extend(fs::read_dir(&case)?.filter_map(|entry| {
            let path = entry.ok()?.path();
            path.file_stem()
                .is_some_and(|stem| stem == "catalog")
                .then(|| ("list", words(&format!("list {} -o json", path.display()))))
        }));
    }
    for case in cases::folders("crd_diff/cases") {
        commands.push(("crd-diff", words(&format!("crd diff {0}/a.yaml {0}/b.yaml -o json", case.display()))));
    }
    for case in cases::folders("published/cases") {
        commands.push(("diff", words(&format!("diff {0}/old.yaml {0}/new.yaml -o json", case.display()))));
    }
    let mut seen = BTreeSet::new();
    for (name, command) in commands {
        let mut schema = schema(name)?;
        strict(&mut schema);
        let run = cli::catalog(&command.iter().map(String::as_str).collect::<Vec<_>>(), "");
        if run.status == Some(2) && run.stdout.is_empty() {
            continue;
        }
        let value = serde_json::from_str(&run.stdout).map_err(|error| format!("{command:?}: {error}: {run:?}"))?;
        validate(&jsonschema::validator_for(&schema)?, &value).map_err(|error| format!("{command:?}: {error:?}"))?;
        seen.insert(name);
    }
    assert_eq!(seen, ["build", "crd-diff", "diff", "findings", "generate", "list", "plan", "rules", "upgrades"].into());
    Ok(())
}

/// Valid input files match their schemas, and others do not.
fn files() -> Result<(), Failed> {
    let (config, baseline) =
        (jsonschema::validator_for(&schema("config")?)?, jsonschema::validator_for(&schema("baseline")?)?);
    for file in ["packages/catalog.toml", "packages/misspelt.toml", "baseline/project.toml"] {
        let value: Value = toml::from_str(&fs::read_to_string(Path::new("tests/validate_run").join(file))?)?;
        validate(&config, &value).map_err(|error| format!("{file}: {error:?}"))?;
    }
    for bad in [json!({"validate": {"ignores": []}}), json!({"validate": {"deny": "warnings"}}), json!({"other": {}})] {
        assert!(!config.is_valid(&bad), "{bad}");
    }
    let repository = jsonschema::validator_for(&schema("repository")?)?;
    validate(&repository, &yaml::read_one(&fs::read_to_string("bundles/repository.yaml")?)?)?;
    for bad in [json!({"publisher": "x"}), json!({"repository": "a/b", "name": "x"}), json!({"repository": 1})] {
        assert!(!repository.is_valid(&bad), "{bad}");
    }
    let transcript = fs::read_to_string("tests/validate_run/baseline/run.txt")?;
    let written =
        transcript.split("$ cat known.yaml\n").nth(1).and_then(|rest| rest.split("\n\n").next()).ok_or("a file")?;
    let written = yaml::read_one(written)?;
    assert!(written["findings"].as_array().is_some_and(|findings| findings.len() > 1), "{written}");
    validate(&baseline, &written)?;
    for bad in [json!([]), json!({"version": 1}), json!({"version": 1, "findings": [{"rule": "x"}]})] {
        assert!(!baseline.is_valid(&bad), "{bad}");
    }
    Ok(())
}

fn printed() -> Result<(), Failed> {
    for schema in SCHEMAS {
        let run = cli::catalog(&["schema", schema.name], "");
        assert_eq!((run.status, serde_json::from_str::<Value>(&run.stdout)?), (Some(0), schema.json()));
    }
    assert_eq!(cli::catalog(&["schema", "other"], "").status, Some(2));
    Ok(())
}

/// SARIF of all kinds of findings: with and without a place, with other places, of catalogs and of bundles.
fn sarif() -> Result<Value, Failed> {
    let inputs = [
        "tests/validate/entry-stranded/bad.yaml",
        "tests/validate/yaml-syntax/bad",
        "tests/validate_inputs/repository",
        "tests/validate/file-unreadable/bad",
    ];
    let run = cli::catalog(&[&["validate", "-o", "sarif", "--set", "all"][..], &inputs].concat(), "");
    Ok(serde_json::from_str(&run.stdout)?)
}

/// Conditions that a schema cannot express: a result names the rule with its index, and regions start at 1.
fn sarif_is_consistent() -> Result<(), Failed> {
    let log = sarif()?;
    let run = &log["runs"][0];
    let (rules, results) = (&run["tool"]["driver"]["rules"], run["results"].as_array().ok_or("results")?);
    assert!(log["version"] == "2.1.0" && results.len() > 5, "{log}");
    for result in results {
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).ok_or("an index")?;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning"].contains(&result["level"].as_str().ok_or("a level")?));
        let places = result["locations"].as_array().into_iter().chain(result["relatedLocations"].as_array()).flatten();
        for place in places {
            let place = &place["physicalLocation"];
            assert!(place["artifactLocation"]["uri"].as_str().is_some_and(|uri| !uri.contains(' ')), "{place}");
            if let Some(region) = place.get("region") {
                let number = |key: &str| region[key].as_u64();
                assert!(number("startLine") >= Some(1) && number("startColumn") >= Some(1), "{region}");
                assert!(number("endColumn").is_none_or(|end| Some(end) >= number("startColumn")), "{region}");
            }
        }
    }
    Ok(())
}

fn sarif_is_valid() -> Result<Completion, Failed> {
    let text = match common::go::file(SARIF.0, SARIF.1) {
        Ok(text) => text,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    let schema: Value = serde_json::from_str(text.split('`').nth(1).ok_or("the constant has no text")?)?;
    assert!(schema["title"].as_str().is_some_and(|title| title.contains("Version 2.1.0")), "{}", schema["title"]);
    validate(&jsonschema::validator_for(&schema)?, &sarif()?)?;
    Ok(Completion::Completed)
}
