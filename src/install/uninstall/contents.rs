//! What a namespace holds that neither the installer, nor OLM, nor Kubernetes made. It would be lost with the namespace.

use std::collections::{BTreeMap, BTreeSet};

use kube::ResourceExt;
use kube::api::{ApiResource, DynamicObject, ObjectMeta};

use crate::install::before::is_ours;
use crate::install::cluster::Cluster;
use crate::install::error::Error;

/// How many objects of a namespace a message names.
const NAMED: usize = 20;

/// API groups whose objects are computed from others: nothing is lost with them.
const COMPUTED: [&str; 3] = ["metrics.k8s.io", "packages.operators.coreos.com", "events.k8s.io"];
/// Kinds that Kubernetes and controllers write about other objects.
const BOOKKEEPING: [&str; 5] = ["Event", "Endpoints", "EndpointSlice", "Lease", "ControllerRevision"];
/// Objects that Kubernetes and OpenShift put into every namespace.
const BUILT_IN: [(&str, &str); 10] = [
    ("ConfigMap", "kube-root-ca.crt"),
    ("ConfigMap", "openshift-service-ca.crt"),
    ("ServiceAccount", "default"),
    ("ServiceAccount", "builder"),
    ("ServiceAccount", "deployer"),
    ("ServiceAccount", "pipeline"),
    ("RoleBinding", "system:deployers"),
    ("RoleBinding", "system:image-builders"),
    ("RoleBinding", "system:image-pullers"),
    ("RoleBinding", "openshift-pipelines-edit"),
];
/// The annotation of a Secret with a service account's token, and of one for OpenShift's registry.
const TOKEN_OF: [&str; 2] =
    ["kubernetes.io/service-account.name", "openshift.io/internal-registry-auth-token.service-account"];
/// The annotation of an object by which a controller's replicas choose a leader.
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";

/// The objects in a namespace that the installation did not bring, as `Kind name`, sorted.
///
/// Every kind that the API server serves is looked at, those of users' definitions too. What belongs to an object (by
/// its owner references) counts with it and is not named again.
///
/// # Errors
/// A kind that cannot be listed: what it has is not known.
pub(super) async fn of_others(cluster: &Cluster, namespace: &str, catalog: &str) -> Result<Vec<String>, Error> {
    let mut objects = Vec::new();
    for kind in cluster.namespaced_kinds().await?.into_iter().filter(|kind| !COMPUTED.contains(&&*kind.group)) {
        if BOOKKEEPING.contains(&&*kind.kind) {
            continue;
        }
        for object in cluster.list_metadata(&kind, namespace).await? {
            objects.push((kind.clone(), object));
        }
    }
    Ok(strangers(&objects, catalog))
}

/// The objects as a message names them.
pub(in crate::install) fn named(objects: &[String]) -> String {
    let mut text = objects.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if objects.len() > NAMED {
        text += &format!(" and {} more", objects.len() - NAMED);
    }
    text
}

fn strangers(objects: &[(ApiResource, ObjectMeta)], catalog: &str) -> Vec<String> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut accounts = BTreeMap::new();
    for (kind, meta) in objects {
        let is_known = is_known(kind, meta, catalog);
        if is_known && let Some(uid) = meta.uid.as_deref() {
            known.insert(uid);
        }
        if kind.kind == "ServiceAccount" {
            accounts.insert(meta.name.as_deref().unwrap_or_default(), is_known);
        }
    }
    // What belongs to something known is known, at every depth: a Pod belongs to a ReplicaSet, which belongs to a
    // Deployment, which belongs to a version.
    loop {
        let before = known.len();
        for (kind, meta) in objects {
            let owners = meta.owner_references.as_deref().unwrap_or_default();
            if owners.iter().any(|owner| known.contains(owner.uid.as_str()))
                && let Some(uid) = meta.uid.as_deref()
            {
                known.insert(uid);
                if kind.kind == "ServiceAccount" {
                    accounts.insert(meta.name.as_deref().unwrap_or_default(), true);
                }
            }
        }
        if known.len() == before {
            break;
        }
    }
    let there: BTreeSet<&str> = objects.iter().filter_map(|(_, meta)| meta.uid.as_deref()).collect();
    let mut strangers: Vec<String> = objects
        .iter()
        .filter(|(_, meta)| !meta.uid.as_deref().is_some_and(|uid| known.contains(uid)))
        .filter(|(_, meta)| {
            let owners = meta.owner_references.as_deref().unwrap_or_default();
            !owners.iter().any(|owner| there.contains(owner.uid.as_str()))
        })
        .filter(|(kind, meta)| !(kind.kind == "Secret" && is_token(meta, &accounts)))
        .map(|(kind, meta)| format!("{} {}", kind.kind, meta.name.as_deref().unwrap_or_default()))
        .collect();
    strangers.sort_unstable();
    strangers.dedup();
    strangers
}

/// Whether a Secret is the token of an account that is known.
fn is_token(meta: &ObjectMeta, accounts: &BTreeMap<&str, bool>) -> bool {
    let annotations = meta.annotations.iter().flatten();
    annotations
        .filter(|(name, _)| TOKEN_OF.contains(&name.as_str()))
        .any(|(_, account)| accounts.get(account.as_str()) == Some(&true))
}

/// Whether the installer, OLM or Kubernetes made an object itself.
fn is_known(kind: &ApiResource, meta: &ObjectMeta, catalog: &str) -> bool {
    let name = meta.name.as_deref().unwrap_or_default();
    let mut object = DynamicObject::new(name, kind);
    object.metadata = meta.clone();
    if is_ours(&object, catalog) || BUILT_IN.contains(&(&*kind.kind, name)) {
        return true;
    }
    if kind.kind == "ConfigMap" && object.annotations().contains_key(LEADER) {
        return true;
    }
    if kind.group == "operators.coreos.com" {
        // Subscriptions, groups and catalogs without the installer's labels are other people's.
        return match &*kind.kind {
            "ClusterServiceVersion" | "InstallPlan" | "OperatorCondition" => true,
            "Subscription" | "OperatorGroup" | "CatalogSource" => false,
            _ => object.labels().contains_key("olm.managed"),
        };
    }
    object.labels().keys().any(|label| label.starts_with("olm.") || label.starts_with(super::SUM))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use serde_json::{Value, json};

    use super::*;

    fn object(group: &str, kind: &str, meta: Value) -> (ApiResource, ObjectMeta) {
        let resource = ApiResource {
            group: group.into(),
            version: "v1".into(),
            api_version: "v1".into(),
            kind: kind.into(),
            plural: kind.to_lowercase() + "s",
        };
        (resource, serde_json::from_value(meta).unwrap())
    }

    #[test]
    fn only_what_others_made_is_named() {
        let ours = json!({"app.kubernetes.io/managed-by": "install-catalog", "app.kubernetes.io/part-of": "c"});
        let theirs = json!({"app.kubernetes.io/managed-by": "install-catalog", "app.kubernetes.io/part-of": "d"});
        let owned = |name: &str, uid: &str, owner: &str| {
            let owner = json!([{"apiVersion": "v1", "kind": "X", "name": "x", "uid": owner}]);
            json!({"name": name, "uid": uid, "ownerReferences": owner})
        };
        let objects = [
            object("", "ConfigMap", json!({"name": "kube-root-ca.crt", "uid": "1"})),
            object("", "ConfigMap", json!({"name": "mine", "uid": "2"})),
            object("", "Secret", json!({"name": "passwords", "uid": "3"})),
            object("operators.coreos.com", "Subscription", json!({"name": "ours", "uid": "4", "labels": ours})),
            object("operators.coreos.com", "Subscription", json!({"name": "theirs", "uid": "5", "labels": theirs})),
            object("operators.coreos.com", "ClusterServiceVersion", json!({"name": "v1", "uid": "6"})),
            // In any order: a Pod before what it belongs to.
            object("", "Pod", owned("operator-x-y", "7", "8")),
            object("apps", "ReplicaSet", owned("operator-x", "8", "9")),
            object("apps", "Deployment", owned("operator", "9", "6")),
            object("", "ServiceAccount", owned("operator", "10", "6")),
            object("example.com", "Database", json!({"name": "db", "uid": "11"})),
            object("apps", "StatefulSet", owned("db-pods", "12", "11")),
            object(
                "",
                "Secret",
                json!({"name": "token", "uid": "13",
                "annotations": {"kubernetes.io/service-account.name": "operator"}}),
            ),
            object(
                "",
                "Secret",
                json!({"name": "robot-token", "uid": "14",
                "annotations": {"kubernetes.io/service-account.name": "robot"}}),
            ),
            object("", "ConfigMap", json!({"name": "of-a-bundle", "uid": "15", "labels": {"olm.managed": "true"}})),
        ];
        let expected =
            ["ConfigMap mine", "Database db", "Secret passwords", "Secret robot-token", "Subscription theirs"];
        assert_eq!(strangers(&objects, "c"), expected);
    }

    #[test]
    fn a_message_has_an_end() {
        let many: Vec<String> = (0..25).map(|number| format!("Secret s{number}")).collect();
        assert!(named(&many).ends_with("Secret s19 and 5 more"));
        assert_eq!(named(&many[..2]), "Secret s0, Secret s1");
    }
}
