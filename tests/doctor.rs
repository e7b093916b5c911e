//! The output of `install-catalog doctor` about broken installations on a real Kubernetes: a node that pulls from a
//! registry, a scheduler, controllers, quotas and Pod Security, with OLM's own definitions.
//!
//! A case is a file `doctor/<topic>.yaml` or `doctor/<topic>.<variant>.yaml`: objects that are created, with a separate
//! namespace and catalog for each case. Statuses that OLM would write are in the files, as OLM writes them; everything
//! else comes from the cluster itself. A line `# until: WORDS` waits for these words. The program's output is in
//! `snapshots/doctor`.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
#[path = "common/objects.rs"]
mod objects;

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use cluster::images::POD;
use cluster::{Cluster, or_reason, trial};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use libtest_mimic::{Arguments, Completion, Failed};
use objects::{api, apply, until};
use olm_catalog::install::api::olm::DEFINITIONS;
use olm_catalog::install::options::{self, Options};
use olm_catalog::install::rbac::{self, Grant};
use olm_catalog::yaml;
use serde_json::{Value, json};

type Outcome = Result<Completion, Failed>;
type Case = fn(&State) -> Outcome;

/// The release of OLM whose definitions the cluster has, in the folder of shared data.
const OLM: &str = "olm/v0.28.0/crds.yaml";
/// The definition that simulates OLM's package server.
const PACKAGES: &str = "packagemanifests.packages.operators.coreos.com";
/// The case without problems.
const HEALTHY: &str = "healthy";
/// The time limit for the cluster to be as broken as a case requires.
const DEADLINE: Duration = Duration::from_secs(60);

/// The state that the cases share.
struct State {
    cluster: Cluster,
    registry: String,
    /// The output before OLM was installed.
    without_olm: Output,
}

fn main() {
    let arguments = Arguments::from_args();
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { start() });
    let mut trials = Vec::new();
    for path in cases() {
        trials.push(trial(format!("doctor::{}", name_of(&path)), &state, move |state| case(state, &path)));
    }
    let more: [(&str, Case); 3] = [
        ("olm-missing", olm_missing),
        ("permission", permission),
        ("the_roles_of_rbac_are_enough", the_roles_of_rbac_are_enough),
    ];
    for (name, test) in more {
        trials.push(trial(format!("doctor::{name}"), &state, test));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Exiting runs no destructors.
    drop(state);
    conclusion.exit()
}

/// The cluster with all defects that the cases need, or why they are ignored.
fn start() -> Result<State, String> {
    let definitions = common::shared().map(|shared| shared.join(OLM)).filter(|path| path.exists());
    let definitions = definitions.ok_or(common::NO_DATA)?;
    let (cluster, registry) = or_reason(Cluster::with_node("doctor").and_then(|cluster| {
        let registry = cluster.registry()?;
        Ok((cluster, registry))
    }))?;
    let without_olm = doctor(cluster.kubeconfig(), &default_places(), "text");
    for object in documents(&fs::read_to_string(definitions).unwrap()) {
        put(&cluster, object);
    }
    put(&cluster, packages());
    cluster.established(&[&DEFINITIONS[..], &[PACKAGES]].concat()).unwrap();
    put(&cluster, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "olm"}}));
    for name in olm_catalog::install::api::olm::DEPLOYMENTS {
        put(&cluster, olm_deployment(name));
    }
    for path in cases() {
        break_it(&cluster, &registry, &path);
    }
    for name in olm_catalog::install::api::olm::DEPLOYMENTS {
        let mut runs = olm_deployment(name);
        (runs["spec"], runs["status"]) = (json!({}), json!({"availableReplicas": 1}));
        until(&cluster, &runs).unwrap_or_else(|error| panic!("OLM does not run: {error:?}"));
    }
    Ok(State { cluster, registry, without_olm })
}

/// The objects that OLM's package server would serve itself.
fn packages() -> Value {
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let names = json!({"kind": "PackageManifest", "plural": "packagemanifests", "singular": "packagemanifest"});
    let version = json!({"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": PACKAGES},
        "spec": {"group": "packages.operators.coreos.com", "scope": "Namespaced", "names": names, "versions": [version]},
    })
}

/// A part of OLM that runs, but does nothing.
fn olm_deployment(name: &str) -> Value {
    let labels = json!({"app": name});
    let container = json!({"name": name, "image": POD, "args": ["pause"]});
    let pod = json!({"containers": [container], "terminationGracePeriodSeconds": 1});
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": "olm", "name": name, "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}},
    })
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/doctor").unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    cases.sort();
    cases
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn documents(text: &str) -> Vec<Value> {
    yaml::read(text).unwrap().into_iter().map(|document| document.value).collect()
}

/// The namespace of a case.
struct Places {
    namespace: String,
    catalog: String,
    /// OLM's, or the case's own one for catalogs.
    olm: String,
}

impl Places {
    fn of(path: &Path) -> Self {
        let namespace = name_of(path).replace('.', "-");
        let own = fs::read_to_string(path).unwrap().contains("$OLM");
        let olm = if own { format!("{namespace}-catalogs") } else { "olm".into() };
        Self { catalog: format!("catalog-{namespace}"), namespace, olm }
    }

    /// The objects of a case, by its name.
    fn named(name: &str) -> Self {
        Self::of(&Path::new("tests/doctor").join(name).with_extension("yaml"))
    }
}

fn break_it(cluster: &Cluster, registry: &str, path: &Path) {
    let Places { namespace, catalog, olm } = Places::of(path);
    let text = fs::read_to_string(path).unwrap();
    let text = text.replace("$NAMESPACE", &namespace).replace("$CATALOG", &catalog).replace("$OLM", &olm);
    let text = text.replace("$REGISTRY", registry).replace("$POD", POD);
    put(cluster, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
    for object in documents(&text) {
        put(cluster, object);
    }
}

/// Creates an object with its status, or deletes it if the case says so.
fn put(cluster: &Cluster, mut object: Value) {
    let is_olms = object["apiVersion"].as_str().is_some_and(|version| version.starts_with("operators.coreos.com/"));
    let parts = object.as_object_mut().unwrap();
    let deleted = parts.remove("deleted");
    let status = if is_olms { parts.remove("status") } else { None };
    let (api, name) = api(cluster, &object);
    let failed = |error: &dyn Debug| panic!("{} {name}: {error:?}", object["kind"]);
    // A case can change its existing namespace.
    apply(cluster, &object).unwrap_or_else(|error| failed(&error.message()));
    if let Some(status) = status {
        let patch = Patch::Merge(json!({"status": status}));
        let patched = cluster.run(api.patch_status(&name, &PatchParams::default(), &patch));
        patched.map_or_else(|error| failed(&error), drop);
    }
    if deleted == Some(json!(true)) {
        cluster.run(api.delete(&name, &DeleteParams::default())).map_or_else(|error| failed(&error), drop);
    }
}

fn doctor(kubeconfig: &Path, places: &Places, format: &str) -> Output {
    let Places { namespace, catalog, olm } = places;
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    command.arg("doctor").arg("--kubeconfig").arg(kubeconfig).args(["--namespace", namespace, "--catalog", catalog]);
    command.args(["--olm-namespace", olm]);
    command.args(["-o", format]).env("NO_COLOR", "1").output().unwrap()
}

/// The default namespace of `install-catalog`.
fn default_places() -> Places {
    Places { namespace: "dbaas".into(), catalog: "dbaas-catalog".into(), olm: "olm".into() }
}

/// Once the output contains the case's name, it must match the snapshot.
fn case(state: &State, path: &Path) -> Outcome {
    let name = name_of(path);
    let places = Places::of(path);
    let topic = name.split('.').next().unwrap();
    let text = fs::read_to_string(path)?;
    let until = text.lines().find_map(|line| line.strip_prefix("# until: ")).unwrap_or_default();
    let end = Instant::now() + DEADLINE;
    loop {
        let run = |format| doctor(state.cluster.kubeconfig(), &places, format);
        let (data, text) = (run("json"), run("text"));
        let told: Value = serde_json::from_slice(&data.stdout).unwrap_or_default();
        let troubles = told["troubles"].as_array().cloned().unwrap_or_default();
        let text = String::from_utf8(text.stdout)?;
        // Both runs must see the same state: a pod that crashes runs in between.
        let same = troubles.iter().all(|one| text.contains(one["message"].as_str().unwrap_or_default()));
        if name == HEALTHY && troubles.is_empty() {
            if data.status.code() != Some(0) {
                return Err(format!("it ends with {}", data.status).into());
            }
            snapshot(&name, &steady(state, &places, &text));
            return Ok(Completion::Completed);
        }
        if same && troubles.iter().any(|one| one["topic"] == topic) && !is_passing(&text) && text.contains(until) {
            if data.status.code() != Some(1) {
                return Err(format!("it ends with {}", data.status).into());
            }
            snapshot(&name, &steady(state, &places, &text));
            return Ok(Completion::Completed);
        }
        if Instant::now() > end {
            let error = String::from_utf8_lossy(&data.stderr).into_owned();
            return Err(format!("nothing is said of {topic}, but {troubles:#?}\n{text}{error}").into());
        }
        sleep(Duration::from_millis(500));
    }
}

/// States that last only seconds: a program that has crashed once is not in a loop yet, parts of OLM start, the kubelet
/// has not read all mounts yet, and the remaining content of a namespace is not known yet.
fn is_passing(text: &str) -> bool {
    text.contains("this part of OLM")
        || text.contains("failed to sync configmap cache")
        || text.contains("it is being deleted: ")
        || (text.contains("ended with exit code") && !text.contains("--previous"))
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/doctor");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The text without parts that differ from run to run: random parts of names, the registry's port, numbers of retries,
/// and other objects that were checked.
fn steady(state: &State, places: &Places, text: &str) -> String {
    let mut text = text.replace(&state.registry, "REGISTRY");
    for namespace in [&places.namespace, &places.olm] {
        let pods: Api<Pod> = Api::namespaced(state.cluster.client(), namespace);
        for pod in state.cluster.run(pods.list(&Default::default())).unwrap() {
            let (Some(name), Some(prefix)) = (&pod.metadata.name, &pod.metadata.generate_name) else { continue };
            let labels = pod.metadata.labels.clone().unwrap_or_default();
            let hash = labels.get("pod-template-hash").map_or("", String::as_str);
            let steady =
                if hash.is_empty() { format!("{prefix}RANDOM") } else { prefix.replace(hash, "HASH") + "RANDOM" };
            text = text.replace(name, &steady);
        }
    }
    let lines = text.lines().map(|line| match (line.split_once(", "), line.split_once(": looked at ")) {
        (_, Some((count, _))) => count.to_owned(),
        (Some((start, rest)), None) => match rest.split_once(" times so far") {
            Some((number, rest)) if number.parse::<u32>().is_ok() => format!("{start}{rest}"),
            _ => line.to_owned(),
        },
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn olm_missing(state: &State) -> Outcome {
    let said = &state.without_olm;
    if said.status.code() != Some(1) {
        return Err(format!("it ends with {}: {}", said.status, String::from_utf8_lossy(&said.stderr)).into());
    }
    snapshot("olm-missing", &steady(state, &default_places(), &String::from_utf8(said.stdout.clone())?));
    Ok(Completion::Completed)
}

/// A user without permissions sees what is missing.
fn permission(state: &State) -> Outcome {
    let kubeconfig = account(state, "default", "default")?;
    let said = doctor(&kubeconfig, &Places::named("channel-unknown"), "text");
    if said.status.code() != Some(1) {
        return Err(format!("it ends with {}: {}", said.status, String::from_utf8_lossy(&said.stderr)).into());
    }
    snapshot("permission", &steady(state, &Places::named("channel-unknown"), &String::from_utf8(said.stdout)?));
    Ok(Completion::Completed)
}

/// With the roles that `install-catalog rbac` prints, the result is the same as with all permissions.
fn the_roles_of_rbac_are_enough(state: &State) -> Outcome {
    let places = Places::named("quota");
    let Places { namespace, catalog, .. } = &places;
    let options = Options {
        image: "none".into(),
        catalog: catalog.clone(),
        display_name: None,
        publisher: None,
        pull_secrets: Vec::new(),
        catalog_pod: Default::default(),
        priority_class: None,
        namespace: namespace.clone(),
        olm_namespace: "olm".into(),
        operators: options::together(&["percona-xtradb-cluster-operator".into()], &options::Settings::default())?.0,
        approval: Default::default(),
        watch: Default::default(),
        isolate: false,
        poll: Duration::ZERO,
    };
    let grant = Grant { namespace: namespace.clone(), account: "sees".into(), olm: false, uninstall: false };
    for object in rbac::objects(&options, &grant) {
        put(&state.cluster, object);
    }
    let kubeconfig = account(state, namespace, "sees")?;
    let seen = doctor(&kubeconfig, &places, "json");
    let all = doctor(state.cluster.kubeconfig(), &places, "json");
    if seen.stdout == all.stdout && seen.status.code() == Some(1) {
        return Ok(Completion::Completed);
    }
    let [seen, all] = [seen, all].map(|run| String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned());
    Err(format!("seen is {seen}\nbut there is {all}").into())
}

/// A kubeconfig file of a ServiceAccount.
fn account(state: &State, namespace: &str, name: &str) -> Result<PathBuf, Failed> {
    let token = state.cluster.token(namespace, name)?;
    Ok(state.cluster.kubeconfig_with(name, None, Some(&token))?)
}
