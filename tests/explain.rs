//! The output of `install-catalog doctor` about broken installations. A case is a file `explain/<topic>.yaml` or
//! `explain/<topic>.<variant>.yaml`; the output about it is in `snapshots/explain`.
//!
//! A case contains the differences to `explain/healthy.yaml`, as merge patches of its objects and as additional
//! objects; a document with `absent: true` removes one. A list as `kubectl get -o yaml` prints it is used unchanged.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::install::evidence::{Evidence, Unread};
use olm_catalog::install::explain::{TOPICS, by_topic, text};
use olm_catalog::schemas::SCHEMAS;
use olm_catalog::yaml;
use serde_json::Value;

/// The case without problems.
const HEALTHY: &str = "healthy";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = cases()
        .into_iter()
        .map(|path| Trial::test(format!("explain::{}", name_of(&path)), move || case(&path)))
        .collect();
    trials.push(Trial::test("every_topic_has_a_case", every_topic_has_a_case));
    trials.push(Trial::test("the_order_of_objects_is_of_no_matter", the_order_of_objects_is_of_no_matter));
    trials.push(Trial::test("a_missing_field_is_no_defect", a_missing_field_is_no_defect));
    trials.push(Trial::test("the_program_reads_dumps", the_program_reads_dumps));
    libtest_mimic::run(&arguments, trials).exit();
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/explain").unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    cases.sort();
    cases
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The output is about the topic in the case's name, and matches the snapshot.
fn case(path: &Path) -> Result<(), Failed> {
    let name = name_of(path);
    let evidence = evidence(path)?;
    let (topics, troubles): (Vec<_>, Vec<_>) = by_topic(&evidence).into_iter().unzip();
    let topic = name.split('.').next().unwrap();
    if name == HEALTHY {
        if !topics.is_empty() {
            return Err(format!("nothing is wrong, but this is said: {troubles:#?}").into());
        }
    } else if !topics.contains(&topic) {
        return Err(format!("nothing is said of {topic}, but {troubles:#?}").into());
    }
    let said = text::render(&troubles, &evidence).plain();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/explain");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, said));
    Ok(())
}

/// If any field in the changes of a case is missing, there is still a result.
fn a_missing_field_is_no_defect() -> Result<(), Failed> {
    let healthy = objects(Path::new("tests/explain/healthy.yaml"))?;
    let mut answers = 0;
    for path in cases() {
        let objects = objects(&path)?;
        let changed = (0..objects.len()).filter(|&place| healthy.get(place) != Some(&objects[place]));
        for place in changed {
            for pointer in pointers(&objects[place], "") {
                let mut fewer = objects.clone();
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                match fewer[place].pointer_mut(parent).unwrap() {
                    Value::Object(fields) => drop(fields.remove(&key.replace("~1", "/").replace("~0", "~"))),
                    Value::Array(items) => drop(items.remove(key.parse().unwrap())),
                    _ => {}
                }
                // Fields that the API server always sets can be required.
                answers +=
                    usize::from(Evidence::from_objects(fewer).is_ok_and(|evidence| by_topic(&evidence).len() < 9));
            }
        }
    }
    if answers > 1000 { Ok(()) } else { Err(format!("only {answers} answers").into()) }
}

/// Every place in a value, as JSON pointers.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (key, value) in parts {
        let place = format!("{at}/{key}");
        all.extend(pointers(value, &place));
        all.push(place);
    }
    all
}

/// As text and as data, with its exit status; a file that is not a dump is rejected.
fn the_program_reads_dumps() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let dump = |name: &str| -> Result<PathBuf, Failed> {
        let path = folder.path().join(name);
        fs::write(&path, yaml::to_yaml_stream(objects(&Path::new("tests/explain").join(name))?)?)?;
        Ok(path)
    };
    fs::write(folder.path().join("no.yaml"), "a: [")?;
    let doctor = |path: &Path, format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
        let output = command.arg("doctor").arg("--from").arg(path).args(["-o", format]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let broken = dump("image-pull.no-such-tag.yaml")?;
    let (healthy, said) = (doctor(&dump("healthy.yaml")?, "text"), doctor(&broken, "text"));
    if healthy.0 != Some(0) || !healthy.1.starts_with("nothing is wrong") {
        return Err(format!("of an installation that is well: {healthy:?}").into());
    }
    if said.0 != Some(1) || !said.1.starts_with("Pod olm/dbaas-catalog-x7k2p: the registry has no image") {
        return Err(format!("of a broken one: {said:?}").into());
    }
    let json: Value = serde_json::from_str(&doctor(&broken, "json").1)?;
    if json != yaml::read_one(&doctor(&broken, "yaml").1)? || json["troubles"][0]["topic"] != "image-pull" {
        return Err(format!("as data: {json:#}").into());
    }
    let schema = SCHEMAS.iter().find(|schema| schema.name == "install-doctor").ok_or("the schema")?.json();
    jsonschema::validate(&schema, &json).map_err(|error| format!("not as its schema says: {error}"))?;
    for path in [folder.path().join("no.yaml"), folder.path().join("missing.yaml")] {
        let refused = doctor(&path, "text");
        if refused != (Some(2), String::new()) {
            return Err(format!("of {}: {refused:?}", path.display()).into());
        }
    }
    Ok(())
}

fn every_topic_has_a_case() -> Result<(), Failed> {
    let mut missing: BTreeSet<&str> = TOPICS.iter().copied().collect();
    for path in cases() {
        for (topic, _) in by_topic(&evidence(&path)?) {
            missing.remove(topic);
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("no case has the topics {missing:?}").into()) }
}

fn the_order_of_objects_is_of_no_matter() -> Result<(), Failed> {
    for path in cases() {
        let objects = objects(&path)?;
        let mut backwards = objects.clone();
        backwards.reverse();
        let said = [objects, backwards].map(|objects| by_topic(&Evidence::from_objects(objects).unwrap()));
        if said[0] != said[1] {
            return Err(format!("{}: {:#?}, but backwards {:#?}", path.display(), said[0], said[1]).into());
        }
    }
    Ok(())
}

/// A case's evidence. A document of the kind `Unread` stands for an object that could not be read.
fn evidence(path: &Path) -> Result<Evidence, Failed> {
    let (unread, objects): (Vec<_>, Vec<_>) = objects(path)?.into_iter().partition(|object| object["kind"] == "Unread");
    let mut evidence = Evidence::from_objects(objects)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    evidence.unread.extend(unread.iter().map(|value| Unread {
        kind: text(&value["of"]).unwrap(),
        namespace: text(&value["metadata"]["namespace"]),
        message: text(&value["message"]).unwrap(),
        forbidden: value["forbidden"] == true,
    }));
    Ok(evidence)
}

fn objects(path: &Path) -> Result<Vec<Value>, Failed> {
    let case = documents(path)?;
    if name_of(path) == HEALTHY || case.iter().any(|value| value["kind"] == "List") {
        return Ok(case);
    }
    let mut objects = documents(Path::new("tests/explain/healthy.yaml"))?;
    for change in case {
        let of = |value: &Value| {
            let meta = &value["metadata"];
            (value["kind"].clone(), meta["namespace"].clone(), meta["name"].clone())
        };
        let place = objects.iter().position(|object| of(object) == of(&change));
        match place {
            Some(place) if change["absent"] == true => drop(objects.remove(place)),
            Some(place) => merge(&mut objects[place], change),
            None if change["absent"] == true => return Err(format!("{:?} is not there", of(&change)).into()),
            None => objects.push(change),
        }
    }
    Ok(objects)
}

/// A JSON merge patch.
fn merge(object: &mut Value, patch: Value) {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => {
            for (key, value) in patch {
                match value {
                    Value::Null => drop(object.remove(&key)),
                    value => merge(object.entry(key).or_insert(Value::Null), value),
                }
            }
        }
        (object, patch) => *object = patch,
    }
}

fn documents(path: &Path) -> Result<Vec<Value>, Failed> {
    let documents = yaml::read(&fs::read_to_string(path)?).map_err(|error| format!("{}:{error}", path.display()))?;
    Ok(documents.into_iter().map(|document| document.value).collect())
}
