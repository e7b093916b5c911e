//! Two teams, each with its own catalog and objects: any form of `uninstall` by one of them only changes what was
//! installed for it on the API server.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kube::api::{ApiResource, DeleteParams, Patch, PatchParams};
use libtest_mimic::Failed;
use olm_catalog::install::cluster::Cluster as Target;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::objects::{api, apply};
use crate::whole_way::run;

type Outcome = Result<(), Failed>;
/// Every object of the API server by its kind, namespace and name, without parts that change on their own.
type Objects = BTreeMap<String, Value>;

/// Kinds that the control plane writes all the time, or computes.
const PASSING: [&str; 6] = ["Event", "Lease", "Endpoints", "EndpointSlice", "PackageManifest", "IPAddress"];
/// The kinds without a namespace that an uninstallation could touch, with their groups and plurals.
const WHOLE_CLUSTER: [(&str, &str, &str, &str); 9] = [
    ("", "v1", "Namespace", "namespaces"),
    ("", "v1", "PersistentVolume", "persistentvolumes"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings"),
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions"),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices"),
    ("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations"),
    ("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses"),
];

/// A team and its installation.
struct Team {
    namespace: &'static str,
    catalog: &'static str,
}

const TEAMS: [Team; 2] = [
    Team { namespace: "first-team", catalog: "first-catalog" },
    Team { namespace: "second-team", catalog: "second-catalog" },
];

/// A team's own objects in a namespace: of more than ten kinds.
fn made_by_users(namespace: &str) -> Vec<Value> {
    let pod = json!({"metadata": {"labels": {"app": "mine"}}, "spec": {"containers": [{"name": "a", "image": "b"}]}});
    let selector = json!({"matchLabels": {"app": "mine"}});
    let objects = [
        json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "x"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}),
        json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount"}),
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"pods": "100"}}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 0, "selector": selector, "template": pod}}),
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
            "spec": {"replicas": 0, "serviceName": "mine", "selector": selector, "template": pod}}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec":
            {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}}}}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {"podSelector": {}}}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": []}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "subjects": [],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "mine"}}),
        json!({"apiVersion": "dbaas.percona.com/v1", "kind": "DatabaseCluster", "spec": {
            "databaseType": "pxc", "databaseImage": "x", "databaseConfig": "", "clusterSize": 1,
            "dbInstance": {"cpu": "1", "memory": "1G", "diskSize": "1G"}, "loadBalancer": {"type": "haproxy"}}}),
    ];
    let named = |mut object: Value| {
        object["metadata"] = json!({"name": "mine", "namespace": namespace});
        object
    };
    objects.into_iter().map(named).collect()
}

/// All objects.
fn objects(cluster: &Cluster) -> Result<Objects, Failed> {
    let target = Target::new(cluster.client());
    let mut kinds = cluster.run(target.namespaced_kinds(&[]))?;
    kinds.extend(WHOLE_CLUSTER.map(|(group, version, kind, plural)| ApiResource {
        group: group.into(),
        version: version.into(),
        api_version: if group.is_empty() { version.into() } else { format!("{group}/{version}") },
        kind: kind.into(),
        plural: plural.into(),
    }));
    let mut all = Objects::new();
    for kind in kinds.into_iter().filter(|kind| !PASSING.contains(&kind.kind.as_str())) {
        for object in cluster.run(target.list_dynamic(&kind, None, ""))? {
            let mut value = serde_json::to_value(&object)?;
            let meta = value["metadata"].as_object_mut().ok_or("an object without metadata")?;
            for passing in ["resourceVersion", "managedFields", "generation"] {
                meta.remove(passing);
            }
            let name = |field: &str| meta.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = format!("{} {}/{}", kind.kind, name("namespace"), name("name"));
            value.as_object_mut().ok_or("not an object")?.remove("status");
            all.insert(key, value);
        }
    }
    Ok(all)
}

/// All objects, once nothing changes any more: controllers continue after a program has ended.
fn settled(cluster: &Cluster) -> Result<Objects, Failed> {
    let end = Instant::now() + Duration::from_secs(60);
    let mut last = objects(cluster)?;
    loop {
        sleep(Duration::from_secs(1));
        let now = objects(cluster)?;
        if now == last || Instant::now() > end {
            return Ok(now);
        }
        last = now;
    }
}

/// Whether an object came with a team's installation, and can be deleted with it or changed by its deletion.
fn is_of(team: &Team, key: &str, value: &Value) -> bool {
    let (kind, place) = key.split_once(' ').unwrap_or_default();
    let (namespace, _) = place.split_once('/').unwrap_or_default();
    let labels = &value["metadata"]["labels"];
    if labels["app.kubernetes.io/managed-by"] == "install-catalog"
        && labels["app.kubernetes.io/part-of"] == team.catalog
    {
        return true;
    }
    let belongs = value["metadata"]["ownerReferences"].as_array().is_some_and(|owners| !owners.is_empty());
    let of_olm = labels.as_object().is_some_and(|labels| labels.keys().any(|label| label.starts_with("olm.")));
    match namespace {
        // Only OLM's roles for versions and groups, and roles aggregated from those.
        "" => (kind.starts_with("ClusterRole") && of_olm) || !value["aggregationRule"].is_null(),
        "olm" => labels["olm.catalogSource"] == team.catalog || (belongs && of_olm),
        _ if namespace == team.namespace => {
            let of_operators = ["ClusterServiceVersion", "InstallPlan", "OperatorCondition", "OperatorGroup"];
            belongs || of_olm || of_operators.contains(&kind)
        }
        _ => false,
    }
}

/// Runs the installer, and compares the changes with the allowed ones.
fn step(cluster: &Cluster, line: &str, status: i32, may_change: &dyn Fn(&str, &Value) -> bool) -> Outcome {
    let before = settled(cluster)?;
    let told = run(cluster.kubeconfig(), line, &[])?;
    if !told.ends_with(&format!("exit {status}\n\n")) {
        return Err(format!("it should end with {status}:\n{told}").into());
    }
    let after = settled(cluster)?;
    let mut wrong = Vec::new();
    for (key, value) in &before {
        if after.get(key) != Some(value) && !may_change(key, value) {
            wrong.push(format!("{key} was {}", if after.contains_key(key) { "changed" } else { "deleted" }));
        }
    }
    wrong.extend(after.keys().filter(|key| !before.contains_key(*key)).map(|key| format!("{key} was created")));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{}\n{told}", wrong.join("\n")).into()),
    }
}

pub(crate) fn two_catalogs(cluster: &Cluster, images: [&str; 2]) -> Outcome {
    let [first, second] = &TEAMS;
    let operators = ["dbaas-operator", "dbaas-operator,victoriametrics-operator"];
    for ((team, image), operators) in TEAMS.iter().zip(images).zip(operators) {
        let Team { namespace, catalog } = team;
        let line = format!(
            "install --wait 90s --image {image} --operators {operators} --namespace {namespace} --catalog {catalog}"
        );
        let told = run(cluster.kubeconfig(), &line, &[])?;
        if !told.ends_with("exit 0\n\n") {
            return Err(told.into());
        }
    }
    // A third party has a namespace with the same objects, and no installation.
    apply(cluster, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "third-party"}}))?;
    for namespace in [first.namespace, second.namespace, "third-party"] {
        for object in made_by_users(namespace) {
            apply(cluster, &object)?;
        }
    }
    let uninstall = |more: &str, team: &Team| {
        format!("uninstall --wait 90s --namespace {} --catalog {} {more}", team.namespace, team.catalog)
    };
    let nothing = |_: &str, _: &Value| false;
    let of_first = |key: &str, value: &Value| is_of(first, key, value);
    let of_second = |key: &str, value: &Value| is_of(second, key, value);
    // Obstacles are reported before anything is changed.
    step(cluster, "uninstall --wait 90s", 0, &nothing)?;
    for options in ["--namespaces", "--crds", "--olm", "--crds --namespaces --olm", "no-such-operator"] {
        step(cluster, &uninstall(options, first), 2, &nothing)?;
    }
    step(cluster, &uninstall("victoriametrics-operator", second), 0, &of_second)?;
    step(cluster, &uninstall("", first), 0, &of_first)?;
    // Only its namespace remains, because users need it.
    step(cluster, &uninstall("", first), 0, &nothing)?;
    step(cluster, &uninstall("--namespaces", first), 2, &nothing)?;
    step(cluster, &uninstall("--crds", second), 2, &nothing)?;
    step(cluster, &uninstall("--namespaces", second), 2, &nothing)?;
    step(cluster, &uninstall("--olm", second), 2, &nothing)?;
    step(cluster, &uninstall("", second), 0, &of_second)?;
    // Once users have removed their objects, the namespace is deleted, and nothing else.
    for object in made_by_users(second.namespace) {
        let (api, name) = api(cluster, &object);
        // The control plane sets a finalizer on a claim, which a controller that does not run here removes.
        let free = Patch::Merge(json!({"metadata": {"finalizers": null}}));
        cluster.run(api.patch(&name, &PatchParams::default(), &free))?;
        cluster.run(api.delete(&name, &DeleteParams::default()))?;
        let end = Instant::now() + Duration::from_secs(180);
        while cluster.run(api.get_opt(&name))?.is_some() {
            if Instant::now() > end {
                return Err(format!("{} mine is not deleted", object["kind"]).into());
            }
            sleep(Duration::from_millis(200));
        }
    }
    let in_second = |key: &str, value: &Value| {
        of_second(key, value)
            || key.contains(&format!(" {}/", second.namespace))
            || key.ends_with(&format!("/{}", second.namespace))
    };
    step(cluster, &uninstall("--namespaces", second), 0, &in_second)?;
    let left = objects(cluster)?;
    for namespace in [first.namespace, "third-party"] {
        for object in made_by_users(namespace) {
            let key = format!("{} {namespace}/mine", object["kind"].as_str().unwrap_or_default());
            if !left.contains_key(&key) {
                return Err(format!("{key} is gone").into());
            }
        }
    }
    if left.contains_key(&format!("Namespace /{}", second.namespace)) {
        return Err("the second team's namespace is still there".into());
    }
    Ok(())
}
