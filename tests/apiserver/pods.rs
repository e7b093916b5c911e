//! The installer's prediction whether a namespace accepts a pod agrees with the API server's own admission.

use std::collections::BTreeMap;
use std::fs;

use kube::api::{Api, ApiResource, DynamicObject, PostParams};
use kube::core::GroupVersionKind;
use libtest_mimic::{Completion, Failed};
use olm_catalog::bundle::Bundle;
use olm_catalog::install::pod_security::standard::Standard;
use olm_catalog::yaml;
use serde_json::{Map, Value, json};

use crate::cluster::Cluster;

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
/// Namespaces with their enforced level and version.
const NAMESPACES: [(&str, &str, &str); 6] = [
    ("pods-privileged", "privileged", ""),
    ("pods-baseline", "baseline", "latest"),
    ("pods-restricted", "restricted", ""),
    ("pods-restricted-old", "restricted", "v1.18"),
    ("pods-restricted-older", "restricted", "v1.30"),
    ("pods-baseline-old", "baseline", "v1.25"),
];
/// Every n-th pair of changes is tried too.
const EVERY: usize = 11;

/// A JSON merge patch (RFC 7386).
fn merge(value: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *value = patch.clone();
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    for (key, patch) in patch {
        match patch {
            Value::Null => drop(value.as_object_mut().and_then(|value| value.remove(key))),
            _ => merge(&mut value[key], patch),
        }
    }
}

fn pods(bundles: &[std::path::PathBuf]) -> Result<Vec<Value>, Failed> {
    let hardened = json!({
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "a", "image": "a", "securityContext":
            {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
    });
    let changes = yaml::read_one(&fs::read_to_string("tests/apiserver/pods.yaml")?)?;
    let changes = changes.as_array().ok_or("not a list")?;
    let changed = |chosen: &[&Value]| {
        let mut spec = hardened.clone();
        chosen.iter().for_each(|change| merge(&mut spec, change));
        spec
    };
    let mut specs: Vec<Value> = changes.iter().map(|change| changed(&[change])).collect();
    let pairs = changes.iter().flat_map(|first| changes.iter().map(move |second| [first, second]));
    specs.extend(pairs.step_by(EVERY).map(|pair| changed(&pair)));
    for folder in bundles {
        let contents = Bundle::read(folder)?.contents()?;
        let deployments = contents.spec()["install"]["spec"]["deployments"].as_array().cloned().unwrap_or_default();
        specs.extend(deployments.into_iter().map(|deployment| deployment["spec"]["template"]["spec"].clone()));
    }
    Ok(specs)
}

/// Every pod in every namespace, according to the API server and the installer.
pub(crate) fn pods_are_accepted_as_predicted(
    cluster: &Cluster,
    bundles: &[std::path::PathBuf],
) -> Result<Completion, Failed> {
    let resource = |version: &str, kind: &str| ApiResource::from_gvk(&GroupVersionKind::gvk("", version, kind));
    let all: Api<DynamicObject> = Api::all_with(cluster.client(), &resource("v1", "Namespace"));
    let (mut wrong, mut refused) = (Vec::new(), 0);
    let pods = pods(bundles)?;
    for (namespace, level, version) in NAMESPACES {
        let mut labels = BTreeMap::from([(ENFORCE.to_owned(), level.to_owned())]);
        if !version.is_empty() {
            labels.insert(format!("{ENFORCE}-version"), version.to_owned());
        }
        let object = json!({"metadata": {"name": namespace, "labels": labels}});
        cluster.run(all.create(&PostParams::default(), &serde_json::from_value(object)?))?;
        let account = json!({"metadata": {"name": "pods"}});
        let accounts = Api::namespaced_with(cluster.client(), namespace, &resource("v1", "ServiceAccount"));
        let account: DynamicObject = serde_json::from_value(account)?;
        cluster.run(accounts.create(&PostParams::default(), &account))?;
        let api: Api<DynamicObject> = Api::namespaced_with(cluster.client(), namespace, &resource("v1", "Pod"));
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        for spec in &pods {
            let mut spec = spec.clone();
            spec["serviceAccountName"] = "pods".into();
            spec["automountServiceAccountToken"] = false.into();
            let foretold = Standard::enforced(&labels).map(|standard| standard.violations(&Value::Null, &spec));
            let foretold = foretold.unwrap_or_default();
            let pod: DynamicObject = serde_json::from_value(json!({"metadata": {"name": "pod"}, "spec": spec}))?;
            let said = match cluster.run(api.create(&dry, &pod)) {
                Ok(_) => String::new(),
                Err(error) => error.to_string(),
            };
            match (said.contains("violates PodSecurity"), foretold.is_empty()) {
                (true, false) => refused += 1,
                (false, true) => {}
                // A pod that is invalid everywhere proves nothing.
                (false, false) if !said.is_empty() => {}
                _ => wrong
                    .push(format!("{namespace}: {spec}\n  the API server: {said:?}\n  the installer: {foretold:?}")),
            }
        }
    }
    if !wrong.is_empty() {
        return Err(format!("{} differences\n{}", wrong.len(), wrong.join("\n")).into());
    }
    if refused < 100 {
        return Err(format!("only {refused} pods were refused").into());
    }
    Ok(Completion::Completed)
}
