//! The service accounts of a ClusterServiceVersion and their permissions.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::store::{list, name, namespace, text};

/// They are written with the InstallPlan; parts that depend on the ClusterServiceVersion's uid are added later.
pub(super) fn objects(csv: &Value) -> Vec<Value> {
    let strategy = &csv["spec"]["install"]["spec"];
    let (mut objects, mut accounts) = (Vec::new(), BTreeSet::new());
    for (field, cluster) in [("permissions", false), ("clusterPermissions", true)] {
        for permission in list(&strategy[field]) {
            let account = text(&permission["serviceAccountName"]);
            if account != "default" && accounts.insert(account.to_owned()) {
                let metadata = json!({"name": account, "namespace": namespace(csv)});
                objects.push(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
            }
            let stem = if cluster { name(csv).to_owned() } else { format!("{}-{account}", name(csv)) };
            let scope = if cluster { namespace(csv) } else { "" };
            objects.extend(role(csv, &generated(&stem, &json!([name(csv), scope, permission])), permission, cluster));
        }
    }
    objects
}

fn role(csv: &Value, name: &str, permission: &Value, cluster: bool) -> [Value; 2] {
    let (role, binding) = if cluster { ("ClusterRole", "ClusterRoleBinding") } else { ("Role", "RoleBinding") };
    let mut metadata = json!({"name": name, "labels": owner_labels(csv)});
    if !cluster {
        metadata["namespace"] = csv["metadata"]["namespace"].clone();
    }
    let version = "rbac.authorization.k8s.io/v1";
    let account = &permission["serviceAccountName"];
    [
        json!({"apiVersion": version, "kind": role, "metadata": metadata, "rules": permission["rules"]}),
        json!({
            "apiVersion": version, "kind": binding, "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace(csv)}],
        }),
    ]
}

/// The labels by which OLM finds the objects of a ClusterServiceVersion.
pub(super) fn owner_labels(csv: &Value) -> Value {
    json!({
        "olm.managed": "true",
        "olm.owner": name(csv),
        "olm.owner.kind": "ClusterServiceVersion",
        "olm.owner.namespace": namespace(csv),
    })
}

/// A name that is unique for its content.
fn generated(stem: &str, of: &Value) -> String {
    let hash: String = Sha256::digest(of.to_string()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let stem: String = stem.chars().take(200).collect();
    format!("{stem}-{hash}")
}
