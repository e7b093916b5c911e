//! The permissions that the installer needs, and not more.

use serde_json::{Value, json};

use super::marks::PART_OF;
use super::options::Options;

/// The name of the roles.
const NAME: &str = "install-catalog";
/// OLM's API group.
const OLM: &str = "operators.coreos.com";

/// The account that gets the permissions, and their scope.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The namespace of the ServiceAccount.
    pub namespace: String,
    /// The ServiceAccount.
    pub account: String,
    /// Whether it may install OLM. OLM has all permissions on a cluster, and only an account with all permissions can
    /// grant them.
    pub olm: bool,
    /// Whether it may uninstall.
    pub uninstall: bool,
}

/// The objects that grant the permissions: the ServiceAccount, roles and bindings, and their namespaces.
#[must_use]
pub fn objects(options: &Options, grant: &Grant) -> Vec<Value> {
    let mut namespaces = options.namespaces();
    namespaces.insert(grant.namespace.clone());
    // OLM's namespace comes with OLM.
    let labels = json!({PART_OF: options.catalog});
    let namespace = |name: &String| {
        // An installation with isolated operators is found by this label.
        let meta = if options.is_for(name) { json!({"name": name, "labels": labels}) } else { json!({"name": name}) };
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    };
    let mut objects: Vec<Value> =
        namespaces.iter().filter(|name| **name != options.olm_namespace).map(namespace).collect();
    objects.push(json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": grant.account, "namespace": grant.namespace},
    }));
    if grant.olm {
        objects.push(binding(grant, NAME, None, "cluster-admin"));
        return objects;
    }
    objects.push(role(NAME, None, &everywhere(grant)));
    objects.push(binding(grant, NAME, None, NAME));
    objects.push(role(NAME, Some(&options.olm_namespace), &with_olm(grant)));
    objects.push(binding(grant, NAME, Some(&options.olm_namespace), NAME));
    for namespace in options.namespaces() {
        objects.push(role(NAME, Some(&namespace), &with_operators(grant)));
        objects.push(binding(grant, NAME, Some(&namespace), NAME));
    }
    if grant.uninstall {
        // OLM adds every operator's resources to this role, so the installer can check whether any exist.
        objects.push(binding(grant, "install-catalog-view", None, "view"));
    }
    objects
}

fn everywhere(grant: &Grant) -> Vec<Value> {
    let mut rules = vec![
        rule("", &["namespaces"], &["create", "get", "list", "patch"]),
        rule("apiextensions.k8s.io", &["customresourcedefinitions"], &["get"]),
    ];
    if grant.uninstall {
        rules.push(rule("", &["namespaces"], &["delete", "watch"]));
        rules.push(rule("apiextensions.k8s.io", &["customresourcedefinitions"], &["delete", "list", "patch"]));
        // To check whether others need the same CRDs, the catalog or OLM.
        rules.push(rule("apiregistration.k8s.io", &["apiservices"], &["list"]));
        let users = ["catalogsources", "clusterserviceversions", "operatorgroups", "subscriptions"];
        rules.push(rule(OLM, &users, &["list"]));
        rules.push(rule(OLM, &["operators"], &["delete", "get"]));
        // Roles from the bundles' own manifests, which OLM does not delete.
        rules.push(rule("rbac.authorization.k8s.io", &["clusterrolebindings", "clusterroles"], &["delete", "list"]));
    }
    rules
}

fn with_olm(grant: &Grant) -> Vec<Value> {
    let mut catalogs = vec!["create", "get", "list", "patch", "watch"];
    catalogs.extend(grant.uninstall.then_some("delete"));
    vec![
        rule(OLM, &["catalogsources"], &catalogs),
        rule(OLM, &["clusterserviceversions"], &["get", "list"]),
        rule("packages.operators.coreos.com", &["packagemanifests"], &["get", "list"]),
        // The bundles that OLM has unpacked.
        rule("", &["configmaps"], &["get"]),
        rule("", &["events", "pods", "resourcequotas", "services"], &["get", "list", "watch"]),
        rule("apps", &["deployments", "replicasets"], &["get", "list", "watch"]),
        rule("batch", &["jobs"], &["get", "list"]),
    ]
}

fn with_operators(grant: &Grant) -> Vec<Value> {
    let with = |verbs: &[&'static str]| -> Vec<&'static str> {
        verbs.iter().copied().chain(grant.uninstall.then_some("delete")).collect()
    };
    let mut versions = with(&["get", "list", "watch"]);
    versions.extend(grant.uninstall.then_some("patch"));
    // A namespace is deleted only if it contains nothing of users, of any kind.
    let everything = grant.uninstall.then(|| rule("*", &["*"], &["list"]));
    let mut rules = vec![
        rule(OLM, &["operatorgroups", "subscriptions"], &with(&["create", "get", "list", "patch", "watch"])),
        rule(OLM, &["installplans"], &with(&["get", "list", "patch", "watch"])),
        rule(OLM, &["clusterserviceversions"], &versions),
        rule("", &["events", "pods", "resourcequotas"], &["get", "list"]),
        rule("apps", &["deployments", "replicasets"], &["get", "list"]),
    ];
    rules.extend(everything);
    rules
}

fn rule(group: &str, resources: &[&str], verbs: &[&str]) -> Value {
    let mut verbs = verbs.to_vec();
    verbs.sort_unstable();
    json!({"apiGroups": [group], "resources": resources, "verbs": verbs})
}

fn role(name: &str, namespace: Option<&str>, rules: &[Value]) -> Value {
    let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
    json!({"apiVersion": RBAC, "kind": kind, "metadata": meta(name, namespace), "rules": rules})
}

fn binding(grant: &Grant, name: &str, namespace: Option<&str>, role: &str) -> Value {
    let (kind, of) = if namespace.is_some() { ("RoleBinding", "Role") } else { ("ClusterRoleBinding", "ClusterRole") };
    json!({
        "apiVersion": RBAC,
        "kind": kind,
        "metadata": meta(name, namespace),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": of, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": grant.account, "namespace": grant.namespace}],
    })
}

fn meta(name: &str, namespace: Option<&str>) -> Value {
    match namespace {
        Some(namespace) => json!({"name": name, "namespace": namespace}),
        None => json!({"name": name}),
    }
}

const RBAC: &str = "rbac.authorization.k8s.io/v1";
