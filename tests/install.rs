//! The installer against a real API server, with OLM's controllers played.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
mod olm;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use cluster::{Cluster, Error};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use olm::{Olm, Settings};
use tempfile::TempDir;

type Outcome = Result<(), Failed>;
type Case = fn(&State) -> Outcome;

/// The whole catalog.
const IMAGE: &str = "registry.example/dbaas/catalog:2";
const VM: &str = "victoriametrics-operator";

struct State {
    // Dropped in this order.
    olm: Olm,
    cluster: Cluster,
    #[allow(dead_code, reason = "it is there until the end")]
    catalogs: Vec<TempDir>,
}

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { start() });
    let cases: [(&str, Case); 1] = [("the_whole_way", the_whole_way)];
    let trials = cases.map(|(name, case)| {
        let state = Arc::clone(&state);
        Trial::ignorable_test(name, move || match &*state {
            Ok(state) => case(state).map(|()| Completion::Completed).map_err(|error| {
                format!("{}\nthe player met {:#?}", error.message().unwrap_or_default(), state.olm.errors()).into()
            }),
            Err(reason) => Ok(Completion::ignored_with(reason)),
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    // The exit runs no destructors.
    drop(state);
    conclusion.exit()
}

/// A cluster without OLM, where OLM is played once it is there; or why the cases are left out.
fn start() -> Result<State, String> {
    if common::shared().is_none() {
        return Err("../shared is not there".into());
    }
    let begin = || -> Result<State, Error> {
        let cluster = Cluster::control_plane("install")?;
        let catalogs = vec![olm::catalog()?];
        let published = BTreeMap::from([(IMAGE.to_owned(), catalogs[0].path().to_owned())]);
        let olm = Olm::start(&cluster, Settings { catalogs: published, ..Settings::default() })?;
        Ok(State { olm, cluster, catalogs })
    };
    match begin() {
        Ok(state) => Ok(state),
        Err(Error::Unavailable(reason)) => Err(reason),
        Err(error @ Error::Failed(_)) => panic!("the cluster did not start: {error}"),
    }
}

fn the_whole_way(state: &State) -> Outcome {
    let manifests = common::shared().unwrap().join("olm/v0.28.0");
    let version = format!("{VM}=0.24.0");
    let install = ["install", "--image", IMAGE, "--olm-manifests", manifests.to_str().unwrap(), "--version", &version];
    for arguments in [
        &install[..],
        &install[..],
        &["status"],
        &["upgrades"],
        &["approve", VM],
        &["upgrades"],
        &["approve", "--all"],
        &["status"],
        &["uninstall", "--crds", "--namespaces", "--olm"],
    ] {
        let start = std::time::Instant::now();
        let output = run(&state.cluster, arguments);
        eprintln!(
            "$ {arguments:?} -> {:?} {:?}\n{}{}",
            output.status.code(),
            start.elapsed(),
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout)
        );
    }
    Err("look".into())
}

fn run(cluster: &Cluster, arguments: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_install-catalog"));
    Command::new(program).args(arguments).env("KUBECONFIG", cluster.kubeconfig()).output().unwrap()
}
