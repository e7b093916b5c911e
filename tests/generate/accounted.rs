//! Every leaf of released manifests must be in the bundle, merged into the ClusterServiceVersion, or named in a
//! warning. This check does not use the import's own code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use olm_catalog::bundle::Bundle;
use olm_catalog::yaml;
use serde_json::Value;

use crate::{catalog, code, common};

const OPERATORS: [&str; 13] = [
    "cnpg", "contour", "hco", "kyverno", "litmus", "longhorn", "metallb", "psmdb", "pxc", "rook", "strimzi", "vitess",
    "volcano",
];

/// A case for each operator.
pub(crate) fn trials() -> Vec<Trial> {
    let folder = common::shared().map(|shared| shared.join("manifests")).filter(|folder| folder.is_dir());
    let trial = |name: &'static str| {
        let from = folder.as_ref().map(|folder| folder.join(name));
        let missing = from.is_none();
        let trial = Trial::test(format!("accounted::{name}"), move || {
            account(&fs::canonicalize(from.ok_or("the folder shared is gone")?)?, name)
        });
        if missing { trial.with_ignored_flag(true).with_kind(common::NO_DATA) } else { trial }
    };
    let mut trials: Vec<Trial> = OPERATORS.map(trial).into();
    trials.push(Trial::test("accounted::a_field_that_vanishes_is_found", vanished));
    trials
}

fn account(manifests: &Path, name: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let manifests_text = manifests.to_str().ok_or("no UTF-8")?;
    let imported = catalog(folder.path(), &["import", manifests_text, "--package", name, "--version", "1.0.0"]);
    let told = String::from_utf8(imported.stderr.clone())?;
    assert_eq!(code(&imported), 0, "{told}");
    let generated = catalog(folder.path(), &["generate"]);
    assert_eq!(code(&generated), 0, "{generated:?}");
    let warnings = String::from_utf8(generated.stderr)?;
    let bundle = Bundle::read(&folder.path().join("bundles").join(name).join("1.0.0"))?;
    let mut objects = Vec::new();
    for entry in fs::read_dir(manifests)? {
        let file = entry?.path();
        if file.extension().is_some_and(|end| end == "yaml") {
            objects.extend(yaml::read(&fs::read_to_string(&file)?)?.into_iter().map(|document| document.value));
        }
    }
    assert!(objects.len() > 3, "{name} has objects");
    let missing = unaccounted(&objects, &made(&bundle), &warnings);
    if missing.is_empty() { Ok(()) } else { Err(format!("{}\n{warnings}", missing.join("\n")).into()) }
}

pub(crate) fn made(bundle: &Bundle) -> Vec<Value> {
    let manifests = bundle.files.iter().filter(|(file, _)| file.starts_with("manifests/"));
    manifests.map(|(_, bytes)| yaml::read_one(str::from_utf8(bytes).unwrap()).unwrap()).collect()
}

/// The missing leaves.
pub(crate) fn unaccounted(objects: &[Value], made: &[Value], warnings: &str) -> Vec<String> {
    let csv = made.iter().find(|object| object["kind"] == "ClusterServiceVersion").unwrap();
    let mut missing = Vec::new();
    for object in objects {
        let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
        let about = format!("{kind} {name} (");
        let told: Vec<&str> = warnings.lines().filter(|line| line.contains(&about)).collect();
        if told.iter().any(|line| line.contains("): left out")) || kind == "Namespace" {
            let labels = leaves(&object["metadata"]["labels"]);
            if kind == "Namespace" && !labels.is_empty() && told.is_empty() {
                missing.push(format!("{about}): labels"));
            }
            continue;
        }
        let same = made.iter().find(|made| text(made, "/kind") == kind && text(made, "/metadata/name") == name);
        let example =
            examples(csv).into_iter().find(|made| text(made, "/metadata/name") == name && made["kind"] == *kind);
        let folded = same.cloned().or(example).or_else(|| folded(object, csv));
        for (path, value) in leaves(object) {
            let dropped = ["/metadata/namespace", "/metadata/creationTimestamp"].contains(&path.as_str());
            if dropped || path.starts_with("/status") {
                continue;
            }
            let kept = folded.as_ref().and_then(|folded| folded.pointer(&path)).is_some_and(|kept| alike(kept, &value));
            let watched = path.contains("/env/")
                && object
                    .pointer(&path[..path.find("/value").unwrap_or(path.len())])
                    .is_some_and(|variable| variable["name"] == "WATCH_NAMESPACE");
            let shown = shown(&path);
            let named = told.iter().any(|line| {
                shown.iter().any(|path| line.contains(&format!(" {path} (line")) || line.contains(&format!(" {path},")))
            });
            if !kept && !watched && !named {
                missing.push(format!("{about}): {path} = {value}"));
            }
        }
    }
    missing
}

fn alike(kept: &Value, value: &Value) -> bool {
    kept == value || (value.is_number() && kept.as_str() == Some(&value.to_string()))
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn examples(csv: &Value) -> Vec<Value> {
    serde_json::from_str(csv["metadata"]["annotations"]["alm-examples"].as_str().unwrap_or("[]")).unwrap()
}

/// The parts of an object in a ClusterServiceVersion, in the object's own form.
fn folded(object: &Value, csv: &Value) -> Option<Value> {
    let mut found = serde_json::json!({"apiVersion": object["apiVersion"], "kind": object["kind"],
                                       "metadata": {"name": object["metadata"]["name"]}});
    let install = &csv["spec"]["install"]["spec"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let all = [list(&install["permissions"]), list(&install["clusterPermissions"])].concat();
    match object["kind"].as_str()? {
        "Deployment" => {
            let deployments = list(&install["deployments"]);
            let same = deployments.iter().find(|made| made["name"] == object["metadata"]["name"])?;
            found["metadata"]["labels"] = same["label"].clone();
            found["spec"] = same["spec"].clone();
        }
        "Role" | "ClusterRole" => {
            let given: Vec<Value> = all.iter().flat_map(|permissions| list(&permissions["rules"])).collect();
            let plain = |rule: &Value| {
                leaves(rule).into_iter().map(|(path, value)| format!("{path} {value}")).collect::<BTreeSet<_>>()
            };
            let given: Vec<_> = given.iter().map(plain).collect();
            let kept = |rule: &Value| if given.contains(&plain(rule)) { rule.clone() } else { Value::Null };
            found["rules"] = list(&object["rules"]).iter().map(kept).collect();
            found["aggregationRule"] = object["aggregationRule"].clone();
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let has = |subject: &Value| all.iter().any(|given| given["serviceAccountName"] == subject["name"]);
            let kept = |subject: &Value| if has(subject) { subject.clone() } else { Value::Null };
            found["subjects"] = list(&object["subjects"]).iter().map(kept).collect();
            found["roleRef"] = object["roleRef"].clone();
        }
        "ServiceAccount" => {}
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
            let made = list(&csv["spec"]["webhookdefinitions"]);
            let kept = |webhook: &Value| {
                let Some(same) = made.iter().find(|made| made["generateName"] == webhook["name"]) else {
                    return Value::Null;
                };
                let mut kept = same.clone();
                kept["name"] = webhook["name"].clone();
                // OLM creates the service of a deployment itself.
                kept["clientConfig"]["service"] = webhook["clientConfig"]["service"].clone();
                let path = webhook.pointer("/clientConfig/service/path");
                if same.get("webhookPath") != path { Value::Null } else { kept }
            };
            found["webhooks"] = list(&object["webhooks"]).iter().map(kept).collect();
        }
        _ => return None,
    }
    Some(found)
}

/// The scalars of a value, by their JSON pointers. Nulls and empty values do not count.
fn leaves(value: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    walk(value, String::new(), &mut found);
    found
}

fn walk(value: &Value, at: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Null => {}
        Value::Array(list) => list.iter().enumerate().for_each(|(i, item)| walk(item, format!("{at}/{i}"), found)),
        Value::Object(map) => {
            for (key, item) in map {
                walk(item, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        scalar => found.push((at, scalar.clone())),
    }
}

/// A pointer and its parents, as warnings write them.
fn shown(pointer: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut text = String::new();
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        if !text.is_empty() && step.parse::<usize>().is_ok() {
            text.push_str(&format!("[{step}]"));
        } else if key.contains(['.', '/', '[']) {
            text.push_str(&format!("[{key:?}]"));
        } else if text.is_empty() {
            text = key;
        } else {
            text.push_str(&format!(".{key}"));
        }
        all.push(text.clone());
    }
    all
}

fn vanished() -> Result<(), Failed> {
    let read = |text: &str| yaml::read_one(text).unwrap();
    let deployment = read(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, annotations: {x: '1'}}, spec: {replicas: 2}}",
    );
    let csv = |replicas: &str| {
        read(&format!(
            "{{kind: ClusterServiceVersion, spec: {{install: {{spec: {{deployments: [{{name: a, spec: {replicas}}}]}}}}}}}}"
        ))
    };
    let warning = "warning: Deployment a (m.yaml:1): lost: metadata.annotations (line 3)";
    let missing =
        |replicas: &str, warning: &str| unaccounted(std::slice::from_ref(&deployment), &[csv(replicas)], warning);
    assert_eq!(missing("{replicas: 2}", warning), [""; 0]);
    assert_eq!(missing("{replicas: 2}", ""), ["Deployment a (): /metadata/annotations/x = \"1\""]);
    assert_eq!(missing("{replicas: 1}", warning), ["Deployment a (): /spec/replicas = 2"]);
    Ok(())
}
