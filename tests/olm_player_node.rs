//! The simulation of OLM's controllers on a whole cluster: the catalog's image runs as in OLM, the operators'
//! deployments become ready, and a newer image brings an upgrade.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
mod olm;
#[path = "olm_player/state.rs"]
mod state;

use std::path::PathBuf;
use std::sync::Arc;

use cluster::{Cluster, Error, or_reason, trial};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use libtest_mimic::{Arguments, Completion};
use olm::{Olm, Settings};
use state::*;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { start() });
    let case = trial("upgrades_run_on_a_node", &state, |(state, repository)| {
        upgrades_run_on_a_node(state, repository).map(|()| Completion::Completed).map_err(|error| {
            let met = state.olm.errors();
            format!("{}\nthe player met {met:#?}", error.message().unwrap_or_default()).into()
        })
    });
    let conclusion = libtest_mimic::run(&arguments, vec![case]);
    // Exiting runs no destructors.
    drop(state);
    conclusion.exit()
}

/// The static program in catalog images.
fn program() -> Result<PathBuf, Error> {
    common::static_program().map_err(|reason| Error::Unavailable(reason.into()))
}

/// A cluster with OLM and a registry, whose name is returned too; or why there is none.
fn start() -> Result<(State, String), String> {
    let begin = || -> Result<(State, String), Error> {
        program()?;
        let cluster = Cluster::with_node("olm_player_node")?;
        let registry = cluster.registry()?;
        let olm = Olm::start(&cluster, Settings::default())?;
        olm::apply(&cluster)?;
        let catalogs = [olm::catalog()?, olm::catalog_at(&[(VM, "0.27.2")])?];
        Ok((State { olm, cluster, catalogs }, format!("{registry}/dbaas/catalog")))
    };
    or_reason(begin())
}

fn upgrades_run_on_a_node(state: &State, repository: &str) -> Outcome {
    let namespace = "dbaas";
    let image = olm::push(state.catalogs[1].path(), &program()?, repository, "latest")?;
    begin(state, &objects(&image, namespace, &[(VM, None)]))?;
    let old = format!("{VM}.v0.27.2");
    approve(state, &waiting(state, namespace, &old)?)?;
    succeeded(state, namespace, &old)?;
    running(state, namespace)?;
    // The catalog's pod is recreated for a newer image under the same tag.
    let new = format!("{VM}.v0.29.1");
    olm::push(state.catalogs[0].path(), &program()?, repository, "latest")?;
    state.olm.publish(&image, state.catalogs[0].path());
    approve(state, &waiting(state, namespace, &new)?)?;
    succeeded(state, namespace, &new)?;
    running(state, namespace)
}

/// The operator's pod really runs.
fn running(state: &State, namespace: &str) -> Outcome {
    let pods: Api<Pod> = state.api(namespace);
    let pods = state.cluster.run(pods.list(&ListParams::default()))?.items;
    let phases: Vec<_> = pods.iter().filter_map(|pod| pod.status.as_ref()?.phase.as_deref()).collect();
    if phases.contains(&"Running") { Ok(()) } else { Err(format!("the operator's pods are {phases:?}").into()) }
}
