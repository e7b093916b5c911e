//! On a node, the pods of OLM and of the operators run the tests' own program, which waits: their images are not
//! available. Their deployments stay unchanged; the API server changes each pod when it is created.

use anyhow::Result;
use serde_json::{Value, json};

use super::super::cluster::images::POD;
use super::Player;
use super::store::{Kind, is_going, list, name, namespace};

const NAME: &str = "stub.olm-catalog.test";
/// How many containers of a pod can be changed.
const CONTAINERS: usize = 3;

impl Player {
    pub(super) async fn stubs(&mut self) -> Result<()> {
        if !self.has_node() {
            return Ok(());
        }
        for object in policy() {
            if self.server.get(&Kind::of(&object), "", NAME).await?.is_none() {
                self.server.create(&object).await?;
            }
        }
        // Pods that were created before the API server knew about it; their deployment creates new ones.
        let kind = Kind::new("v1", "Pod");
        for pod in self.server.list(&kind, "").await? {
            let owner = &pod["metadata"]["ownerReferences"][0]["kind"];
            let other = list(&pod["spec"]["containers"]).iter().any(|container| container["image"] != POD);
            if owner == "ReplicaSet" && other && !is_going(&pod) {
                self.server.delete(&kind, namespace(&pod), name(&pod)).await?;
            }
        }
        Ok(())
    }
}

fn policy() -> [Value; 2] {
    let version = "admissionregistration.k8s.io/v1";
    let owner =
        "has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, o.kind == 'ReplicaSet')";
    // The program ignores the request to end: its pods are not awaited.
    let mut changes = vec![
        "[JSONPatch{op: 'add', path: '/spec/volumes', value: []}, \
         JSONPatch{op: 'add', path: '/spec/terminationGracePeriodSeconds', value: 1}]"
            .to_owned(),
    ];
    for at in 0..CONTAINERS {
        let path = format!("/spec/containers/{at}");
        let mut patches = format!(
            "[JSONPatch{{op: 'replace', path: '{path}/image', value: '{POD}'}}, \
             JSONPatch{{op: 'add', path: '{path}/imagePullPolicy', value: 'IfNotPresent'}}, \
             JSONPatch{{op: 'add', path: '{path}/volumeMounts', value: []}}, \
             JSONPatch{{op: 'add', path: '{path}/args', value: ['pause']}}]"
        );
        for field in ["command", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] {
            let has = format!("has(object.spec.containers[{at}].{field})");
            patches += &format!(" + ({has} ? [JSONPatch{{op: 'remove', path: '{path}/{field}'}}] : [])");
        }
        changes.push(format!("(size(object.spec.containers) > {at} ? {patches} : [])"));
    }
    [
        json!({
            "apiVersion": version, "kind": "MutatingAdmissionPolicy", "metadata": {"name": NAME},
            "spec": {
                "matchConstraints": {"resourceRules": [{
                    "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]},
                "matchConditions": [{"name": "of-a-deployment", "expression": owner}],
                "failurePolicy": "Fail", "reinvocationPolicy": "Never",
                "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": changes.join(" + ")}}],
            },
        }),
        json!({
            "apiVersion": version, "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": NAME},
            "spec": {"policyName": NAME},
        }),
    ]
}
