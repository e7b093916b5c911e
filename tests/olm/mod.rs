//! OLM's controllers, played: for tests of the installer on a real API server.
//!
//! [`Olm::start`] plays them until it is dropped. They wait for OLM's definitions, serve the catalogs of published images
//! with the real `catalog serve`, ask these over gRPC as OLM's resolver does, write InstallPlans, carry out those that
//! are approved, and let ClusterServiceVersions go through their phases. What the source of operator-lifecycle-manager
//! does is done here too, as far as an installer can see it; `../README.md` says what is different.
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

/// What the player is to do, and what is to go wrong. It can be changed while it plays, see [`Olm::change`].
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The published catalogs: the folder to serve, by the image's reference.
    pub(crate) catalogs: BTreeMap<String, PathBuf>,
    /// What names and choices follow from.
    pub(crate) seed: u64,
    /// How often it looks at the cluster.
    pub(crate) interval: Duration,
    /// How long it takes from a new Subscription to its resolution.
    pub(crate) settle: Duration,
    /// How long each object of an InstallPlan takes.
    pub(crate) step_delay: Duration,
    /// How long a ClusterServiceVersion stays in each phase.
    pub(crate) phase_delay: Duration,
    /// No catalog is ever connected to.
    pub(crate) catalog_never_ready: bool,
    /// Bundles are unpacked into ConfigMaps, as those with an image are, and the steps of plans refer to these.
    pub(crate) unpacked: bool,
    /// The bundles cannot be unpacked, for this reason.
    pub(crate) unpack_fails: Option<String>,
    /// A ClusterServiceVersion that fails to install: its name, the reason and the message.
    pub(crate) csv_fails: Option<(String, String, String)>,
    /// The namespaces whose approved plans are not carried out.
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

/// OLM's controllers, played until this is dropped.
pub(crate) struct Olm {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What the test and the player share.
struct Shared {
    settings: Mutex<Settings>,
    errors: Mutex<Vec<String>>,
}

impl Olm {
    /// Begins to play.
    pub(crate) fn start(cluster: &Cluster, settings: Settings) -> Result<Self> {
        let shared = Arc::new(Shared { settings: Mutex::new(settings.clone()), errors: Mutex::default() });
        let player = Player::new(Server::new(cluster.client()), &settings, cluster.network()?);
        let playing = player.play(Arc::clone(&shared));
        let task = cluster.spawn(playing);
        Ok(Self { shared, task })
    }

    /// Publishes a catalog under an image's reference, in place of the one that was there.
    pub(crate) fn publish(&self, image: &str, folder: &Path) {
        self.change(|settings| drop(settings.catalogs.insert(image.to_owned(), folder.to_owned())));
    }

    /// Changes what the player does from now on.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.shared.settings));
    }

    /// What went wrong and was tried again, each once.
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

/// All controllers: they look at the cluster again and again, and do what is to be done now.
struct Player {
    server: Server,
    settings: Settings,
    /// Where pods run, on a cluster with a node. There other controllers than OLM's run too.
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
    /// When the garbage was last collected.
    collected: Instant,
}

/// How often the garbage is collected: it takes many requests.
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
                // One that fails does not keep the others from their work, and is tried again soon.
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
