//! The classes of changes compared with crdify's verdicts, which are in `crdify.yaml`.

use std::collections::BTreeMap;

use libtest_mimic::Failed;
use olm_catalog::crd::{Class, Crd, diff};
use olm_catalog::yaml;
use serde_json::{Value, json};

pub(crate) fn verdicts_differ_as_listed() -> Result<(), Failed> {
    let list = |text: &str| -> Result<Vec<Value>, Failed> {
        Ok(yaml::read_one(text)?.as_array().ok_or("not a list")?.clone())
    };
    let cases = list(include_str!("../apiserver/upgrades.yaml"))?;
    let verdicts = list(include_str!("crdify.yaml"))?;
    let verdicts: BTreeMap<String, &Value> =
        verdicts.iter().map(|verdict| (verdict["name"].as_str().unwrap_or_default().to_owned(), verdict)).collect();
    assert_eq!(verdicts.len(), cases.len(), "each case has a verdict");
    let mut problems = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().ok_or("a case without a name")?;
        let verdict = verdicts.get(name).ok_or_else(|| format!("{name} has no verdict"))?;
        let changes = diff(&[definition(case, "old")], &[definition(case, "new")]);
        let class = changes.iter().map(|change| change.effect.class).max().unwrap_or(Class::Safe);
        let fails = verdict["fails"].as_array().is_some_and(|fails| !fails.is_empty());
        let differs = fails != (class > Class::Safe);
        if differs != verdict["differs"].is_string() {
            problems.push(format!("{name}: {class}, and crdify fails {}", verdict["fails"]));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// One side of a case, as crdify got it.
fn definition(case: &Value, side: &str) -> Crd {
    let plain = vec![json!({"name": "v1", "storage": true})];
    let versions = case["versions"][side].as_array().unwrap_or(&plain);
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| {
            let mut spec = json!({"type": "object", "properties": {"other": {"type": "string"}}});
            extend(&mut spec, &case["around"]);
            if let Some(field) = case.get(side).filter(|_| version["without"] != true) {
                spec["properties"]["probe"] = field.clone();
            }
            let mut schema = json!({"type": "object", "properties": {"spec": spec}});
            if side == "new" {
                extend(&mut schema, &case["root"]);
            }
            let (served, storage) = (version["served"] != false, version["storage"] == true);
            json!({"name": version["name"], "served": served, "storage": storage, "schema": {"openAPIV3Schema": schema}})
        })
        .collect();
    let names = json!({"kind": "Demo", "listKind": "DemoList", "plural": "demos", "singular": "demo"});
    let mut spec = json!({"group": "example.com", "scope": "Namespaced", "names": names, "versions": versions});
    if side == "new" {
        extend(&mut spec, &case["spec"]);
    }
    Crd::from_manifest(json!({"metadata": {"name": "demos.example.com"}, "spec": spec})).expect("a definition")
}

fn extend(into: &mut Value, with: &Value) {
    for (key, value) in with.as_object().into_iter().flatten() {
        match &mut into[key] {
            Value::Object(_) => extend(&mut into[key], value),
            other => *other = value.clone(),
        }
    }
}
