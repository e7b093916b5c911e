//! Every bundle of the catalog on a real API server: it accepts the CustomResourceDefinitions, the examples are valid
//! and lose nothing, a release's resources stay valid under the next release's definitions, and OLM's own definitions
//! accept the ClusterServiceVersion.
//!
//! A case is a bundle's folder `bundles/<package>/<version>`. `$OLM_CATALOG_BUNDLES` names another such folder.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
#[path = "apiserver/pods.rs"]
mod pods;
#[path = "apiserver/server.rs"]
mod server;
#[path = "apiserver/upgrades.rs"]
mod upgrades;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::{env, fs};

use cluster::{Cluster, or_reason, trial};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use olm_catalog::bundle::Bundle;
use semver::Version;
use serde_json::{Value, json};
use server::{Served, Server, documents, lost};

/// The release of OLM whose definitions accept the ClusterServiceVersions, in the folder of shared data.
const OLM: &str = "olm/v0.28.0/crds.yaml";

/// The defects of a case, one per line, or the reason for skipping it.
type Outcome = Result<Completion, Failed>;
type Case = fn(&State, &Path, &str, &Version) -> Outcome;

/// The state that the cases share.
struct State {
    cluster: Cluster,
    server: Server,
    /// By package, the examples of the bundles so far.
    examples: Mutex<BTreeMap<String, Vec<Example>>>,
    /// OLM's definition of a ClusterServiceVersion, once it exists.
    csv: OnceLock<Result<Served, String>>,
}

/// An example that is in the cluster.
struct Example {
    kind: String,
    namespace: String,
    name: String,
}

fn main() {
    let mut arguments = Arguments::from_args();
    // The releases of a package run one after another.
    arguments.test_threads = Some(1);
    let cluster = if arguments.list { Err("only listed".to_owned()) } else { start() };
    let state = Arc::new(cluster.map(|cluster| State {
        server: Server::new(cluster.client()),
        cluster,
        examples: Mutex::default(),
        csv: OnceLock::new(),
    }));
    let mut trials = Vec::new();
    for (topic, case) in [("crds", crds as Case), ("csv", csv)] {
        for (folder, package, version) in bundles() {
            let name = format!("{topic}::{package}::{version}");
            trials.push(trial(name, &state, move |state| case(state, &folder, &package, &version)));
        }
    }
    trials.push(trial("pods".to_owned(), &state, |state| {
        let folders: Vec<PathBuf> = bundles().into_iter().map(|(folder, ..)| folder).collect();
        pods::pods_are_accepted_as_predicted(&state.cluster, &folders)
    }));
    trials.push(trial("upgrades".to_owned(), &state, |state| upgrades::resources_change_as_predicted(&state.cluster)));
    if trials.is_empty() {
        trials.push(Trial::ignorable_test("bundles", || Ok(Completion::ignored_with("there is no bundle"))));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Exiting runs no destructors.
    drop(state);
    conclusion.exit()
}

/// The control plane, or why the cases are skipped.
fn start() -> Result<Cluster, String> {
    or_reason(Cluster::control_plane("apiserver"))
}

/// The bundles' folders with their packages and versions, in order of version.
fn bundles() -> Vec<(PathBuf, String, Version)> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("bundles");
    let folder = env::var_os("OLM_CATALOG_BUNDLES").map_or_else(beside, PathBuf::from);
    let mut found = Vec::new();
    for package in folders(&folder) {
        for bundle in folders(&package).into_iter().filter(|path| Bundle::is_at(path)) {
            let version =
                Version::parse(&name_of(&bundle)).unwrap_or_else(|error| panic!("{}: {error}", bundle.display()));
            found.push((bundle, name_of(&package), version));
        }
    }
    found.sort_by(|a, b| (&a.1, &a.2).cmp(&(&b.1, &b.2)));
    found
}

fn folders(within: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(within).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The definitions are accepted, the examples are valid, and those of earlier releases stay valid.
fn crds(state: &State, folder: &Path, package: &str, version: &Version) -> Outcome {
    let manifests = manifests(folder)?;
    let namespace = format!("{package}-{version}").replace('.', "-");
    let (server, run) = (&state.server, &state.cluster);
    run.run(server.namespace(&namespace))?;

    let definitions = manifests.iter().filter(|manifest| manifest["kind"] == "CustomResourceDefinition");
    let (mut served, mut problems) = (Vec::new(), Vec::new());
    for result in run.run(server.define(definitions)) {
        match result {
            Ok(one) => served.push(one),
            Err(problem) => problems.push(problem),
        }
    }
    let mut all = state.examples.lock().unwrap_or_else(PoisonError::into_inner);
    let living = all.entry(package.to_owned()).or_default();
    for example in &*living {
        let Some(served) = served.iter().find(|served| served.kind == example.kind) else { continue };
        for version in served.api_versions() {
            let valid = server.revalidate(served, &version, &example.namespace, &example.name);
            problems.extend(run.run(valid).err().map(|problem| format!("an earlier example: {problem}")));
        }
    }
    for mut example in examples(csv_of(&manifests)?)? {
        let kind = example["kind"].as_str().unwrap_or_default().to_owned();
        let Some(served) = served.iter().find(|served| served.serves(&example)) else {
            problems.push(format!("the bundle serves no {kind} of {}", example["apiVersion"]));
            continue;
        };
        example["metadata"]["namespace"] = json!(namespace);
        let name = example["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        match run.run(server.create(served, &namespace, &example)) {
            Ok(stored) => {
                problems.extend(lost(&example, &stored).into_iter().map(|loss| format!("{kind} {name}: {loss}")));
                living.push(Example { kind, namespace: namespace.clone(), name });
            }
            Err(problem) => problems.push(problem),
        }
    }
    conclude(&problems)
}

/// OLM's definition accepts the ClusterServiceVersion.
fn csv(state: &State, folder: &Path, package: &str, version: &Version) -> Outcome {
    let Some(definitions) = common::shared().map(|shared| shared.join(OLM)) else {
        return Ok(Completion::ignored_with(common::NO_DATA));
    };
    let (server, run) = (&state.server, &state.cluster);
    let served = state.csv.get_or_init(|| run.run(define_olm(server, &definitions))).clone()?;
    let namespace = format!("{package}-{version}").replace('.', "-");
    run.run(server.namespace(&namespace))?;
    let mut csv = csv_of(&manifests(folder)?)?.clone();
    csv["metadata"]["namespace"] = json!(namespace);
    let stored = run.run(server.create(&served, &namespace, &csv))?;
    conclude(&lost(&csv, &stored))
}

async fn define_olm(server: &Server, path: &Path) -> Result<Served, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let served = server.define(&documents(&text)?).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let csv = served.into_iter().find(|served| served.kind == "ClusterServiceVersion");
    csv.ok_or_else(|| format!("{} defines no ClusterServiceVersion", path.display()))
}

fn manifests(folder: &Path) -> Result<Vec<Value>, String> {
    let mut manifests = Vec::new();
    for (path, bytes) in Bundle::read(folder).map_err(|error| error.to_string())?.files {
        if path.starts_with("manifests/") {
            let text = String::from_utf8(bytes).map_err(|error| format!("{path}: {error}"))?;
            manifests.extend(documents(&text).map_err(|error| format!("{path}: {error}"))?);
        }
    }
    Ok(manifests)
}

fn csv_of(manifests: &[Value]) -> Result<&Value, String> {
    let mut csvs = manifests.iter().filter(|manifest| manifest["kind"] == "ClusterServiceVersion");
    csvs.next().ok_or_else(|| "the bundle has no ClusterServiceVersion".to_owned())
}

/// The example resources of a ClusterServiceVersion: `alm-examples` is a JSON list.
fn examples(csv: &Value) -> Result<Vec<Value>, String> {
    let text = csv["metadata"]["annotations"]["alm-examples"].as_str().ok_or("the bundle has no examples")?;
    serde_json::from_str(text).map_err(|error| format!("alm-examples: {error}"))
}

fn conclude(problems: &[String]) -> Outcome {
    if problems.is_empty() { Ok(Completion::Completed) } else { Err(problems.join("\n").into()) }
}
