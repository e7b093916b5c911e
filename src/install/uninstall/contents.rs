//! The objects in a namespace that neither the installer, nor OLM, nor Kubernetes made. They would be lost with the
//! namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kube::ResourceExt;
use kube::api::{ApiResource, DynamicObject, ObjectMeta};
use tokio::time::sleep;

use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::install::marks::{is_of_olm, is_ours};

/// How often a namespace is read again while something in it has an owner that is missing, and how long to wait in
/// between.
const LOOKS: usize = 5;
const PAUSE: Duration = Duration::from_secs(2);
/// The most objects of a namespace that a message names.
const NAMED: usize = 20;

/// API groups whose objects are computed from others, so nothing is lost with them.
const COMPUTED: [&str; 3] = ["metrics.k8s.io", "packages.operators.coreos.com", "events.k8s.io"];
/// Kinds that Kubernetes and controllers write about other objects, with their groups.
const BOOKKEEPING: [(&str, &str); 4] =
    [("", "Event"), ("", "Endpoints"), ("discovery.k8s.io", "EndpointSlice"), ("coordination.k8s.io", "Lease")];
/// Objects that Kubernetes creates in every namespace.
const BUILT_IN: [(&str, &str); 2] = [("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")];
/// Objects that OpenShift creates in every namespace.
const OPENSHIFT: [(&str, &str); 8] = [
    ("ConfigMap", "openshift-service-ca.crt"),
    ("ServiceAccount", "builder"),
    ("ServiceAccount", "deployer"),
    ("ServiceAccount", "pipeline"),
    ("RoleBinding", "system:deployers"),
    ("RoleBinding", "system:image-builders"),
    ("RoleBinding", "system:image-pullers"),
    ("RoleBinding", "openshift-pipelines-edit"),
];
/// The suffix of OpenShift's API groups.
const OPENSHIFT_GROUP: &str = ".openshift.io";
/// The annotation of a Secret with a service account's token, and of one for OpenShift's registry.
const TOKEN_OF: [&str; 2] =
    ["kubernetes.io/service-account.name", "openshift.io/internal-registry-auth-token.service-account"];
/// The annotation of an object by which a controller's replicas choose a leader.
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";

/// The objects in a namespace that do not come from the installation, as `Kind name`, sorted.
///
/// Every kind that the API server serves is read, including those of users' CRDs. An object with an owner (by its owner
/// references) counts with its owner and is not named again.
///
/// # Errors
/// A kind that cannot be listed: its objects are unknown.
pub(in crate::install) async fn of_others(
    cluster: &Cluster,
    namespace: &str,
    catalog: &str,
) -> Result<Vec<String>, Error> {
    let kinds = cluster.namespaced_kinds(&COMPUTED).await?;
    let openshift = kinds.iter().any(|kind| kind.group.ends_with(OPENSHIFT_GROUP));
    for _ in 0..LOOKS {
        let objects = list(cluster, &kinds, namespace).await?;
        let strangers = strangers(&objects, catalog, openshift);
        if strangers.is_empty() || !has_lost_owners(&objects) {
            return Ok(strangers);
        }
        // Kinds are listed one after another: an owner may be created or deleted in the meantime, and its dependents
        // follow.
        sleep(PAUSE).await;
    }
    Ok(strangers(&list(cluster, &kinds, namespace).await?, catalog, openshift))
}

/// The metadata of all objects of a namespace.
async fn list(
    cluster: &Cluster,
    kinds: &[ApiResource],
    namespace: &str,
) -> Result<Vec<(ApiResource, ObjectMeta)>, Error> {
    let mut objects = Vec::new();
    for kind in kinds {
        if BOOKKEEPING.contains(&(&*kind.group, &*kind.kind)) {
            continue;
        }
        for object in cluster.list_metadata(kind, namespace).await? {
            objects.push((kind.clone(), object));
        }
    }
    Ok(objects)
}

/// Whether an object has an owner that does not exist.
fn has_lost_owners(objects: &[(ApiResource, ObjectMeta)]) -> bool {
    let there: BTreeSet<&str> = objects.iter().filter_map(|(_, meta)| meta.uid.as_deref()).collect();
    objects.iter().any(|(_, meta)| owners(meta).next().is_some() && !owners(meta).any(|owner| there.contains(owner)))
}

/// The objects as a message names them.
pub(in crate::install) fn named(objects: &[String]) -> String {
    let mut text = objects.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if objects.len() > NAMED {
        text += &format!(" and {} more", objects.len() - NAMED);
    }
    text
}

fn strangers(objects: &[(ApiResource, ObjectMeta)], catalog: &str, openshift: bool) -> Vec<String> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut accounts = BTreeMap::new();
    for (kind, meta) in objects {
        let is_known = is_known(kind, meta, catalog, openshift);
        if is_known && let Some(uid) = meta.uid.as_deref() {
            known.insert(uid);
        }
        if kind.kind == "ServiceAccount" {
            accounts.insert(meta.name.as_deref().unwrap_or_default(), is_known);
        }
    }
    // A dependent of a known object is known too, at every depth: a Pod belongs to a ReplicaSet, which belongs to a
    // Deployment, which belongs to a version.
    descend(objects, &mut known);
    for (kind, meta) in objects {
        if kind.kind == "ServiceAccount" && meta.uid.as_deref().is_some_and(|uid| known.contains(uid)) {
            accounts.insert(meta.name.as_deref().unwrap_or_default(), true);
        }
    }
    let there: BTreeSet<&str> = objects.iter().filter_map(|(_, meta)| meta.uid.as_deref()).collect();
    let is_unknown =
        |meta: &ObjectMeta, known: &BTreeSet<&str>| !meta.uid.as_deref().is_some_and(|uid| known.contains(uid));
    let is_root = |meta: &ObjectMeta| !owners(meta).any(|owner| there.contains(owner));
    let mut strangers = Vec::new();
    // Objects without an owner here are named, and all their dependents count with them. Objects that own each other in
    // a circle remain, and are named too.
    for roots_only in [true, false] {
        for (kind, meta) in objects {
            let is_named = is_unknown(meta, &known) && (is_root(meta) || !roots_only);
            if is_named && !(kind.kind == "Secret" && is_token(meta, &accounts)) {
                strangers.push(format!("{} {}", kind.kind, meta.name.as_deref().unwrap_or_default()));
            }
        }
        if roots_only {
            let roots = objects.iter().map(|(_, meta)| meta).filter(|meta| is_root(meta));
            known.extend(roots.filter_map(|meta| meta.uid.as_deref()));
            descend(objects, &mut known);
        }
    }
    strangers.sort_unstable();
    strangers.dedup();
    strangers
}

/// Adds the dependents of the objects in a set, at every depth.
fn descend<'o>(objects: &'o [(ApiResource, ObjectMeta)], set: &mut BTreeSet<&'o str>) {
    loop {
        let before = set.len();
        for (_, meta) in objects {
            if owners(meta).any(|owner| set.contains(owner)) {
                set.extend(meta.uid.as_deref());
            }
        }
        if set.len() == before {
            return;
        }
    }
}

fn owners(meta: &ObjectMeta) -> impl Iterator<Item = &str> {
    meta.owner_references.iter().flatten().map(|owner| owner.uid.as_str())
}

/// Whether a Secret is the token of an account that is known.
fn is_token(meta: &ObjectMeta, accounts: &BTreeMap<&str, bool>) -> bool {
    let annotations = meta.annotations.iter().flatten();
    annotations
        .filter(|(name, _)| TOKEN_OF.contains(&name.as_str()))
        .any(|(_, account)| accounts.get(account.as_str()) == Some(&true))
}

/// Whether the installer, OLM or Kubernetes made an object itself.
fn is_known(kind: &ApiResource, meta: &ObjectMeta, catalog: &str, openshift: bool) -> bool {
    let name = meta.name.as_deref().unwrap_or_default();
    let mut object = DynamicObject::new(name, kind);
    object.metadata = meta.clone();
    let named = (&*kind.kind, name);
    if is_ours(&object, catalog) || is_of_olm(&object) || BUILT_IN.contains(&named) {
        return true;
    }
    if openshift && OPENSHIFT.contains(&named) {
        return true;
    }
    if kind.kind == "ConfigMap" && object.annotations().contains_key(LEADER) {
        return true;
    }
    if kind.group == "operators.coreos.com" {
        // Subscriptions, groups and catalogs without the installer's labels are other people's.
        return match &*kind.kind {
            "InstallPlan" | "OperatorCondition" => true,
            // OLM labels what a Subscription installed, and its copies. Others may have been applied by hand.
            "ClusterServiceVersion" => {
                object.labels().keys().any(|label| label.starts_with("olm.") || label.starts_with(super::SUM))
            }
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
            object(
                "operators.coreos.com",
                "ClusterServiceVersion",
                json!({"name": "v1", "uid": "6", "labels": {"operators.coreos.com/x.ns": ""}}),
            ),
            // In any order: a Pod before its owner.
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
        assert_eq!(strangers(&objects, "c", false), expected);
    }

    #[test]
    fn names_and_kinds_prove_nothing_by_themselves() {
        let circle = |name: &str, uid: &str, owner: &str| json!({"name": name, "uid": uid, "ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "x", "uid": owner}]});
        let objects = [
            object("", "ServiceAccount", json!({"name": "pipeline", "uid": "1"})),
            object("booking.example", "Lease", json!({"name": "flat", "uid": "2"})),
            object("", "Secret", circle("a", "3", "4")),
            object("", "Secret", circle("b", "4", "3")),
        ];
        assert_eq!(strangers(&objects, "c", false), ["Lease flat", "Secret a", "Secret b", "ServiceAccount pipeline"]);
        assert_eq!(strangers(&objects, "c", true), ["Lease flat", "Secret a", "Secret b"]);
    }

    #[test]
    fn a_message_has_an_end() {
        let many: Vec<String> = (0..25).map(|number| format!("Secret s{number}")).collect();
        assert!(named(&many).ends_with("Secret s19 and 5 more"));
        assert_eq!(named(&many[..2]), "Secret s0, Secret s1");
    }
}
