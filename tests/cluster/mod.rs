//! A real Kubernetes for the tests: etcd and the Kubernetes programs of [`programs`], on this machine alone.
//!
//! A test asks for a [`Cluster`], holds it while its cases run and drops it before it exits. Where the machine has not
//! what it takes, [`Error::Unavailable`] says what is missing and the cases are reported as ignored for that reason.
//!
//! What the programs say is in `target/cluster/logs/<test>/<program>.log`, from the last run.
#![allow(dead_code, reason = "each test file uses its own part of this")]

mod control_plane;
mod credentials;
mod process;
mod programs;
mod ready;

use std::future::Future;
use std::path::{Path, PathBuf};

use anyhow::Context;
use kube::Client;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::process::Processes;

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine has not what it takes; this says what.
    #[error("{0}")]
    Unavailable(String),
    /// It should have started and did not.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// A running cluster. Dropping it ends all of its processes; they end with the test's main thread too, however that ends.
pub(crate) struct Cluster {
    // Dropped in this order: the folder goes when nothing writes to it any more.
    processes: Processes,
    client: Client,
    runtime: Runtime,
    kubeconfig: PathBuf,
    folder: TempDir,
}

impl Cluster {
    /// Starts etcd and the API server. Call it on the main thread: its processes end with the thread that started them.
    ///
    /// # Errors
    /// A machine that lacks something, and a program that ends or is not ready in time, with the end of its log.
    pub(crate) fn control_plane(test: &str) -> Result<Self, Error> {
        let programs = programs::find(&["kube-apiserver"])?;
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let mut processes = Processes::new(&programs::target().join("logs").join(test))?;
        let started = control_plane::start(&mut processes, &programs, folder.path())?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("no asynchronous runtime")?;
        let client = runtime.block_on(ready::client(&mut processes, &started.kubeconfig))?;
        Ok(Self { processes, client, runtime, kubeconfig: started.kubeconfig, folder })
    }

    /// A client of the cluster's administrator.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// The kubeconfig file of the cluster's administrator, for other programs.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Runs what talks to the cluster.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}
