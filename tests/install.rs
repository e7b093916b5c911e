//! The installer on a real API server with simulated OLM controllers: every case is a file with a user's steps, and a
//! transcript of the output. The installer only has the permissions that `install-catalog rbac` prints.
//!
//! tests/README.md says how to add a case.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/cases.rs"]
mod cases;
mod cluster;
mod common;
#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;
#[path = "common/objects.rs"]
mod objects;
mod olm;
#[path = "install/other_olm.rs"]
mod other_olm;
#[path = "install/restricted.rs"]
mod restricted;
#[path = "install/two_catalogs.rs"]
mod two_catalogs;
#[path = "common/whole_way.rs"]
mod whole_way;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cases::expect_text;
use cluster::{Cluster, Error};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, DeleteParams};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use objects::{api, apply, title, until};
use olm::{Olm, Settings};
use olm_catalog::yaml;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use whole_way::{from_nothing_to_nothing, run};

type Outcome = Result<(), Failed>;
type Run = Box<dyn Fn(&Clusters) -> Result<Completion, Failed> + Send>;

/// The repository's catalog, and an older one.
const IMAGES: [&str; 2] = ["registry.example/dbaas/catalog:2", "registry.example/dbaas/catalog:1"];
/// The heads of the older one.
const OLDER: [(&str, &str); 2] =
    [("victoriametrics-operator", "0.27.2"), ("percona-server-mongodb-operator", "1.13.1")];
/// The namespace of the installer's ServiceAccounts.
const ACCOUNTS: &str = "installers";

struct State {
    // Dropped in this order.
    olm: Olm,
    cluster: Cluster,
    _catalogs: Vec<TempDir>,
}

/// A step of a case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Step {
    /// Runs the installer with these arguments, and those for the case's namespace and catalog.
    Run(String),
    /// The same as the cluster's administrator.
    RunAsAdmin(String),
    /// Somebody else writes an object.
    Apply(Value),
    /// Somebody else deletes an object: `kind`, `name`, and optionally `namespace`.
    Delete(Value),
    /// Waits until a field of an object has a value: the object with that field.
    Until(Value),
}

/// A case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    /// Arguments of `rbac`, in addition to those for the case's namespace and catalog.
    #[serde(default)]
    rbac: String,
    steps: Vec<Step>,
}

/// How many cases run in parallel, each on its own cluster.
const THREADS: usize = 2;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let clusters = Arc::<Clusters>::default();
    let trial = |name: String, case: Run| {
        let clusters = Arc::clone(&clusters);
        Trial::ignorable_test(name, move || case(&clusters))
    };
    let nothing = |state: &State| from_nothing_to_nothing(&state.cluster, IMAGES[0], &|_, _| ());
    let mut trials = vec![trial(
        "from-nothing-to-nothing".into(),
        Box::new(move |clusters| clusters.run(clusters.start(), nothing)),
    )];
    let two = |state: &State| {
        olm::present(&state.cluster).map_err(|error| error.to_string())?;
        two_catalogs::two_catalogs(&state.cluster, IMAGES)
    };
    // Its remains would disturb the other cases.
    let once = move |clusters: &Clusters| Ok(Clusters::run_once(clusters.start(), two)?.0);
    trials.push(trial("two-catalogs".into(), Box::new(once)));
    let hardened = |state: &State| {
        olm::present(&state.cluster).map_err(|error| error.to_string())?;
        restricted::restricted(&state.cluster)
    };
    trials.push(trial("restricted".into(), Box::new(move |clusters| clusters.run(clusters.take(), hardened))));
    for (name, of) in
        [("older-olm", other_olm::older as fn(&Cluster) -> Outcome), ("olm-elsewhere", other_olm::elsewhere)]
    {
        let case = move |state: &State| of(&state.cluster);
        let once = move |clusters: &Clusters| Ok(Clusters::run_once(clusters.start(), case)?.0);
        trials.push(trial(name.into(), Box::new(once)));
    }
    let files = fs::read_dir("tests/install").unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect();
    // The longest ones start first.
    let told = |path: &PathBuf| fs::metadata(path.with_extension("txt")).map_or(0, |text| text.len());
    files.sort_by_key(|path| (Reverse(told(path)), path.clone()));
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        trials.push(trial(name, Box::new(move |clusters| clusters.run(clusters.take(), |state| case(state, &file)))));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Exiting runs no destructors.
    drop(clusters);
    conclusion.exit()
}

/// The free clusters: changes of definitions and of OLM would disturb other cases.
#[derive(Default)]
struct Clusters {
    free: Mutex<Vec<State>>,
    started: AtomicUsize,
}

impl Clusters {
    /// A cluster without OLM, where OLM is simulated once it is installed.
    fn start(&self) -> Result<State, Error> {
        if common::shared().is_none() {
            return Err(Error::Unavailable(common::NO_DATA.into()));
        }
        let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        let cluster = Cluster::control_plane(&format!("install_{number}"))?;
        let catalogs = vec![olm::catalog()?, olm::catalog_at(&OLDER)?];
        let published = IMAGES.iter().zip(&catalogs);
        let published = published.map(|(image, folder)| ((*image).to_owned(), folder.path().to_owned()));
        // As with a catalog whose bundles have images, which is the default.
        let settings = Settings { catalogs: BTreeMap::from_iter(published), unpacked: true, ..Settings::default() };
        let olm = Olm::start(&cluster, settings)?;
        Ok(State { olm, cluster, _catalogs: catalogs })
    }

    /// One that is free, or else a new one.
    fn take(&self) -> Result<State, Error> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(|| self.start(), Ok)
    }

    /// Runs a case, or returns why it is ignored. The next case gets its cluster.
    fn run(&self, cluster: Result<State, Error>, case: impl Fn(&State) -> Outcome) -> Result<Completion, Failed> {
        let (completion, state) = Self::run_once(cluster, case)?;
        self.free.lock().unwrap_or_else(PoisonError::into_inner).extend(state);
        Ok(completion)
    }

    /// Runs a case, or returns why it is ignored; and its cluster, if there is one.
    fn run_once(
        cluster: Result<State, Error>,
        case: impl Fn(&State) -> Outcome,
    ) -> Result<(Completion, Option<State>), Failed> {
        let state = match cluster {
            Ok(state) => state,
            Err(Error::Unavailable(reason)) => return Ok((Completion::ignored_with(reason), None)),
            Err(error @ Error::Failed(_)) => return Err(format!("the cluster did not start: {error}").into()),
        };
        // After a failed case its remains are unknown: its cluster is stopped.
        case(&state).map_err(|error| {
            format!("{}\nthe player met {:#?}", error.message().unwrap_or_default(), state.olm.errors())
        })?;
        Ok((Completion::Completed, Some(state)))
    }
}

/// A case of a file: on a cluster with OLM, in a separate namespace, with the permissions that the installer requires.
fn case(state: &State, file: &Path) -> Outcome {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let manifests = common::shared().ok_or(common::NO_DATA)?.join("olm/v0.28.0").display().to_string();
    let text = fs::read_to_string(file)?.replace("$NAMESPACE", &name).replace("$OLM", &manifests);
    let case: Case = serde_json::from_value(yaml::read_one(&text)?)?;
    olm::present(&state.cluster).map_err(|error| error.to_string())?;
    let place = ["--namespace", &name, "--catalog", &name];
    let account = account(state, &name, &case.rbac, &place)?;
    let mut transcript = String::new();
    let told = case.steps.iter().try_for_each(|step| -> Outcome {
        match step {
            Step::Run(line) => transcript += &run(&account, line, &place)?,
            Step::RunAsAdmin(line) => transcript += &run(state.cluster.kubeconfig(), line, &place)?,
            Step::Apply(object) => {
                apply(&state.cluster, object)?;
                transcript += &format!("# somebody writes {}\n\n", title(object));
            }
            Step::Delete(object) => {
                let (api, name) = api(&state.cluster, object);
                state.cluster.run(api.delete(&name, &DeleteParams::default()))?;
                transcript += &format!("# somebody deletes {}\n\n", title(object));
            }
            Step::Until(object) => until(&state.cluster, object)?,
        }
        Ok(())
    });
    told?;
    expect_text(&file.with_extension("txt"), &transcript.replace(&manifests, "olm-0.28.0"))?;
    // Nothing of it remains for the other cases.
    let gone = run(state.cluster.kubeconfig(), "uninstall --crds --namespaces", &place)?;
    if !gone.ends_with("exit 0\n\n") {
        return Err(gone.into());
    }
    for namespace in namespaces(state, &name)? {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        let (api, name) = api(&state.cluster, &namespace);
        state.cluster.run(api.delete(&name, &DeleteParams::default()))?;
    }
    Ok(())
}

/// The namespaces of a case, which its permissions created.
fn namespaces(state: &State, case: &str) -> Result<Vec<String>, Failed> {
    let all: Api<Namespace> = Api::all(state.cluster.client());
    let all = state.cluster.run(all.list(&Default::default()))?;
    let names = all.items.into_iter().filter_map(|namespace| namespace.metadata.name);
    Ok(names.filter(|name| name == case || name.starts_with(&format!("{case}-"))).collect())
}

/// Grants the permissions that `install-catalog rbac` prints, and returns a kubeconfig of that ServiceAccount.
fn account(state: &State, name: &str, rbac: &str, place: &[&str]) -> Result<PathBuf, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    command.args(["rbac", "--service-account", name, "--service-account-namespace", ACCOUNTS]);
    let output = command.args(rbac.split_whitespace()).args(place).output()?;
    for document in yaml::read(&String::from_utf8(output.stdout)?)? {
        let mut object = document.value;
        // The cluster-wide roles are separate for each case.
        if object["kind"].as_str().is_some_and(|kind| kind.starts_with("Cluster")) {
            object["metadata"]["name"] = name.into();
            if object["roleRef"]["name"] == "install-catalog" {
                object["roleRef"]["name"] = name.into();
            }
        } else if object["metadata"]["namespace"] == "olm" {
            object["metadata"]["name"] = name.into();
            if object["kind"] == "RoleBinding" {
                object["roleRef"]["name"] = name.into();
            }
        }
        apply(&state.cluster, &object)?;
    }
    Ok(state.cluster.kubeconfig_with(name, None, Some(&state.cluster.token(ACCOUNTS, name)?))?)
}
