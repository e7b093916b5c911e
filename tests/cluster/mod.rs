//! A real Kubernetes for the tests, on this machine only: etcd, the API server and, if a test needs pods, a node.
//!
//! A test creates a [`Cluster`], keeps it while its cases run, and drops it before it exits. If the machine lacks
//! something, [`Error::Unavailable`] says what, and the cases are reported as ignored for that reason.
//!
//! The programs' output is in `target/cluster/logs/<test>/<program>.log`, from the last run.
#![allow(dead_code, reason = "each test file uses its own part of this")]

mod account;
mod control_plane;
mod credentials;
mod forward;
pub(crate) mod images;
mod machine;
mod node;
mod process;
mod programs;
mod ready;
mod registry;
mod trial;

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use kube::Client;
use olm_catalog::image::Image;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use self::control_plane::{Addresses, start_etcd, start_server};
use self::credentials::Authority;
use self::machine::Machine;
use self::node::Credentials;
use self::process::{Place, Processes};

#[allow(unused_imports, reason = "each test file uses its own part of this")]
pub(crate) use self::forward::{Forward, Network};
#[allow(unused_imports, reason = "each test file uses its own part of this")]
pub(crate) use self::trial::{or_reason, trial};

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine lacks this requirement.
    #[error("{0}")]
    Unavailable(String),
    /// It failed to start.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// A running cluster. Dropping it stops all of its processes; they also end with the test, however that ends.
pub(crate) struct Cluster {
    client: Client,
    runtime: Runtime,
    kubeconfig: PathBuf,
    // Dropped in this order: the folder is removed when nothing writes to it any more.
    forwards: Mutex<Vec<Forward>>,
    processes: Mutex<Processes>,
    machine: Option<Machine>,
    folder: TempDir,
}

impl Cluster {
    /// Starts etcd and the API server.
    ///
    /// # Errors
    /// A machine that lacks something, and a program that ends or is not ready in time, with the end of its log.
    pub(crate) fn control_plane(test: &str) -> Result<Self, Error> {
        let programs = programs::find(&["kube-apiserver"])?;
        let (folder, logs) = folders(test)?;
        let mut processes = Processes::new(Place::Here, &logs);
        let addresses = Addresses::free()?;
        start_etcd(&mut processes, &addresses, &folder.path().join("etcd"))?;
        let mut authority = Authority::new(folder.path())?;
        let kubeconfig = authority.kubeconfig("admin", &["system:masters"], &addresses.server())?;
        start_server(&mut processes, &programs, &addresses, &authority)?;
        let runtime = runtime()?;
        let client = runtime.block_on(ready::client(&mut processes, &kubeconfig))?;
        let processes = Mutex::new(processes);
        Ok(Self { client, runtime, kubeconfig, forwards: Mutex::default(), processes, machine: None, folder })
    }

    /// Starts a whole cluster with one node, in separate namespaces: pods run, reach each other and Services, and
    /// nothing outside. Call it as root on the main thread, because the node ends with that thread.
    ///
    /// # Errors
    /// Those of [`Self::control_plane`].
    pub(crate) fn with_node(test: &str) -> Result<Self, Error> {
        programs::find_for_node()?;
        let programs = programs::find(&[&["kube-apiserver"][..], &node::PROGRAMS].concat())?;
        let (folder, logs) = folders(test)?;
        let inside = folder.path().join("machine");
        let machine = Machine::start(&inside, &logs)?;
        let mut processes = Processes::new(Place::Machine(machine.first()), &logs);
        let forward = Forward::start(&machine)?;
        let addresses = Addresses::on_node(machine::ADDRESS, forward.port());
        start_etcd(&mut processes, &addresses, &inside.join("etcd"))?;
        let mut authority = Authority::new(folder.path())?;
        let kubeconfig = authority.kubeconfig("admin", &["system:masters"], &addresses.server())?;
        let credentials = Credentials::new(&mut authority, &addresses.server())?;
        start_server(&mut processes, &programs, &addresses, &authority)?;
        node::start_containerd(&mut processes, folder.path())?;
        let runtime = runtime()?;
        let client = runtime.block_on(ready::client(&mut processes, &kubeconfig))?;
        node::start(&mut processes, &programs, &machine, &authority, &credentials, folder.path())?;
        runtime.block_on(ready::node(&mut processes, &client))?;
        let (forwards, processes) = (Mutex::new(vec![forward]), Mutex::new(processes));
        Ok(Self { client, runtime, kubeconfig, forwards, processes, machine: Some(machine), folder })
    }

    /// A client of the cluster's administrator.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// The kubeconfig file of the cluster's administrator, for other programs.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Runs code that talks to the cluster.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Runs a background task.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.runtime.spawn(future)
    }

    /// Gives the node an image, which pods then find under this name.
    ///
    /// # Errors
    /// An image that containerd rejects.
    pub(crate) fn import(&self, image: &Image, name: &str) -> anyhow::Result<()> {
        node::import(&mut lock(&self.processes), self.folder.path(), image, name)
    }

    /// Starts a registry on the node. It has one name for both, the node and this machine, which this returns:
    /// `127.0.0.1:<port>`.
    ///
    /// # Errors
    /// A machine without docker-registry, and a registry that does not answer in time.
    pub(crate) fn registry(&self) -> Result<String, Error> {
        programs::installed("docker-registry", "--version")?;
        let machine = self.machine.as_ref().context("a cluster without a node")?;
        let forward = Forward::start(machine)?;
        let name = registry::start(&mut lock(&self.processes), self.folder.path(), forward.port())?;
        lock(&self.forwards).push(forward);
        Ok(name)
    }

    /// Kills one of the cluster's programs immediately, such as `kube-apiserver` or `etcd`.
    ///
    /// # Errors
    /// A program that is not part of the cluster.
    pub(crate) fn kill(&self, program: &str) -> anyhow::Result<()> {
        lock(&self.processes).kill(program)
    }

    /// Restarts a program that was killed, on the same ports and with the same data, without waiting for it.
    ///
    /// # Errors
    /// A program that is not part of the cluster.
    pub(crate) fn start_again(&self, program: &str) -> anyhow::Result<()> {
        lock(&self.processes).start_again(program)
    }

    /// Waits until the API server is ready.
    ///
    /// # Errors
    /// A program that ended, and an API server that is not ready in time.
    pub(crate) fn ready(&self) -> anyhow::Result<()> {
        self.runtime.block_on(ready::client(&mut lock(&self.processes), &self.kubeconfig)).map(drop)
    }

    /// Waits until the API server serves the resources of these definitions.
    ///
    /// # Errors
    /// A definition that does not exist, or is not served in time.
    pub(crate) fn established(&self, definitions: &[&str]) -> anyhow::Result<()> {
        self.runtime.block_on(ready::definitions(&self.client, definitions))
    }

    /// The end of a program's output.
    pub(crate) fn log(&self, program: &str) -> String {
        lock(&self.processes).tail(program)
    }

    /// The network of pods and Services.
    pub(crate) fn network(&self) -> anyhow::Result<Option<Network>> {
        self.machine.as_ref().map(Network::of).transpose()
    }

    /// The node's first process, and its control group.
    pub(crate) fn machine(&self) -> Option<(u32, &str)> {
        self.machine.as_ref().map(|machine| (machine.first(), machine.cgroup()))
    }
}

/// A panic in a test leaves nothing inconsistent here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary folder, and an empty one for the logs.
fn folders(test: &str) -> anyhow::Result<(TempDir, PathBuf)> {
    let logs = programs::target().join("logs").join(test);
    if logs.exists() {
        fs::remove_dir_all(&logs).with_context(|| format!("cannot empty {}", logs.display()))?;
    }
    fs::create_dir_all(&logs).with_context(|| format!("cannot make {}", logs.display()))?;
    Ok((tempfile::tempdir().context("no temporary folder")?, logs))
}

fn runtime() -> anyhow::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().context("no asynchronous runtime")
}
