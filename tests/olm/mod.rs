//! A simulation of OLM's controllers, for tests of the installer on a real API server.
//!
//! [`Olm::start`] runs them until it is dropped. They wait for OLM's definitions, serve the catalogs of published
//! images with the real `catalog serve`, query these over gRPC as OLM's resolver does, write InstallPlans, execute
//! approved ones, and move ClusterServiceVersions through their phases. They follow the source of
//! operator-lifecycle-manager as far as an installer can observe it; `../README.md` lists the differences.
#![allow(dead_code, reason = "each test file uses its own part of this")]

mod catalog;
mod catalog_pod;
mod catalog_source;
mod copies;
mod csv;
mod deployments;
mod garbage;
mod install_plan;
mod operator_group;
mod packages;
mod present;
mod random;
mod rbac;
mod requirements;
mod resolution;
mod resolver;
mod served;
mod steps;
mod store;
mod strategy;
mod stub;
mod subscription;
mod unpack;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinHandle;

#[allow(unused_imports, reason = "each test file uses its own part of this")]
pub(crate) use self::catalog::{OPERATORS, catalog, catalog_at, push};
#[allow(unused_imports, reason = "each test file uses its own part of this")]
pub(crate) use self::present::{apply, crds, present};
#[allow(unused_imports, reason = "each test file uses its own part of this")]
pub(crate) use self::random::Random;

use self::catalog_source::Sources;
use self::store::{Cache, Kind, Server};
use super::cluster::{Cluster, Network};

/// The settings and faults of the simulation. They can be changed while it runs, see [`Olm::change`].
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The published catalogs: the folder to serve, by the image's reference.
    pub(crate) catalogs: BTreeMap<String, PathBuf>,
    /// The seed of names and choices.
    pub(crate) seed: u64,
    /// How often it checks the cluster.
    pub(crate) interval: Duration,
    /// The time from a new Subscription to its resolution.
    pub(crate) settle: Duration,
    /// The time for each object of an InstallPlan.
    pub(crate) step_delay: Duration,
    /// The time that a ClusterServiceVersion stays in each phase.
    pub(crate) phase_delay: Duration,
    /// No catalog is ever connected to.
    pub(crate) catalog_never_ready: bool,
    /// Bundles are unpacked into ConfigMaps, as those with an image are, and the steps of plans refer to these.
    pub(crate) unpacked: bool,
    /// The bundles cannot be unpacked, for this reason.
    pub(crate) unpack_fails: Option<String>,
    /// A ClusterServiceVersion that fails to install: its name, the reason and the message.
    pub(crate) csv_fails: Option<(String, String, String)>,
    /// The namespaces whose approved plans are not executed.
    pub(crate) hold_plans: BTreeSet<String>,
    /// The operators' deployments never become available.
    pub(crate) hold_deployments: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            catalogs: BTreeMap::new(),
            seed: 1,
            interval: Duration::from_millis(100),
            settle: Duration::from_millis(300),
            step_delay: Duration::ZERO,
            phase_delay: Duration::ZERO,
            catalog_never_ready: false,
            unpacked: false,
            unpack_fails: None,
            csv_fails: None,
            hold_plans: BTreeSet::new(),
            hold_deployments: false,
        }
    }
}

/// OLM's controllers, which run until this is dropped.
pub(crate) struct Olm {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// The state that the test and the simulation share.
struct Shared {
    settings: Mutex<Settings>,
    errors: Mutex<Vec<String>>,
}

impl Olm {
    /// Starts the simulation.
    pub(crate) fn start(cluster: &Cluster, settings: Settings) -> Result<Self> {
        let shared = Arc::new(Shared { settings: Mutex::new(settings.clone()), errors: Mutex::default() });
        let player = Player::new(Server::new(cluster.client()), &settings, cluster.network()?);
        let playing = player.play(Arc::clone(&shared));
        let task = cluster.spawn(playing);
        Ok(Self { shared, task })
    }

    /// Publishes a catalog under an image's reference, replacing an earlier one.
    pub(crate) fn publish(&self, image: &str, folder: &Path) {
        self.change(|settings| drop(settings.catalogs.insert(image.to_owned(), folder.to_owned())));
    }

    /// Changes the settings from now on.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.shared.settings));
    }

    /// The errors that were retried, each once.
    pub(crate) fn errors(&self) -> Vec<String> {
        lock(&self.shared.errors).clone()
    }
}

impl Drop for Olm {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All controllers: they check the cluster repeatedly, and do what is due.
struct Player {
    server: Server,
    settings: Settings,
    /// The place where pods run, on a cluster with a node. Other controllers than OLM's run there too.
    network: Option<Network>,
    random: Random,
    sources: Sources,
    waits: subscription::Waits,
    progress: install_plan::Progress,
    phases: csv::Phases,
    catalogs: Cache,
    subscriptions: Cache,
    plans: Cache,
    csvs: Cache,
    groups: Cache,
    deployments: Cache,
    /// The time of the last garbage collection.
    collected: Instant,
}

/// The interval of garbage collections: each takes many requests.
const GARBAGE: Duration = Duration::from_millis(700);

impl Player {
    fn new(server: Server, settings: &Settings, network: Option<Network>) -> Self {
        let cache = |kind: &str| Cache::new(Kind::olm(kind));
        Self {
            server,
            settings: settings.clone(),
            network,
            random: Random::new(settings.seed),
            sources: Sources::new(),
            waits: Default::default(),
            progress: Default::default(),
            phases: Default::default(),
            catalogs: cache("CatalogSource"),
            subscriptions: cache("Subscription"),
            plans: cache("InstallPlan"),
            csvs: cache("ClusterServiceVersion"),
            groups: Cache::new(Kind::operator_group()),
            deployments: Cache::new(Kind::deployment()),
            collected: Instant::now(),
        }
    }

    async fn play(mut self, shared: Arc<Shared>) {
        loop {
            self.settings = lock(&shared.settings).clone();
            if let Err(error) = self.look().await {
                remember(&shared, &error);
            } else {
                // A failing one does not stop the others, and is retried soon.
                let results = [
                    self.stubs().await,
                    self.operator_groups().await,
                    self.catalog_sources().await,
                    self.package_manifests().await,
                    self.subscriptions().await,
                    self.install_plans().await,
                    self.csvs().await,
                    self.copies().await,
                    self.deployments().await,
                    self.garbage().await,
                ];
                results.iter().filter_map(|result| result.as_ref().err()).for_each(|error| remember(&shared, error));
            }
            tokio::time::sleep(self.settings.interval).await;
        }
    }

    fn has_node(&self) -> bool {
        self.network.is_some()
    }

    async fn look(&mut self) -> Result<()> {
        let caches = [&mut self.catalogs, &mut self.subscriptions, &mut self.plans, &mut self.csvs, &mut self.groups];
        for cache in caches {
            cache.refresh(&self.server).await?;
        }
        self.deployments.refresh(&self.server).await
    }
}

fn remember(shared: &Shared, error: &anyhow::Error) {
    let mut errors = lock(&shared.errors);
    let error = format!("{error:#}");
    if errors.len() < 100 && !errors.contains(&error) {
        errors.push(error);
    }
}
