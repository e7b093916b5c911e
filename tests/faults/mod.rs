//! Faults while `install-catalog` works, and the common part of their cases.

pub(crate) mod at_once;
pub(crate) mod conflicts;
pub(crate) mod connections;
pub(crate) mod credentials;
pub(crate) mod deleted;
pub(crate) mod killed;
mod program;
mod proxy;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::ListParams;
use kube::{Api, Resource, ResourceExt as _};
use libtest_mimic::Failed;
use olm_catalog::install::api::{ClusterServiceVersion, InstallPlan, OperatorGroup, Subscription};
use olm_catalog::yaml;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cluster::{Cluster, Error};
use crate::olm::{self, Olm, Random, Settings};

use self::program::{Ended, Program};
use self::proxy::{Fault, Proxy};

pub(crate) type Outcome = Result<(), Failed>;

pub(crate) const DBAAS: &str = "dbaas-operator";
pub(crate) const VM: &str = "victoriametrics-operator";
/// Two operators, in all their versions.
const IMAGE: &str = "registry.example/dbaas/catalog:2";
/// The same without the newest of [`DBAAS`].
const OLD_IMAGE: &str = "registry.example/dbaas/catalog:1";
const OLD: &str = "0.1.15";
const NEW: &str = "0.1.17";
/// The time limits for a program without a fault, and with one.
const WAIT: Duration = Duration::from_secs(60);

/// A cluster and the state that its cases share. Dropped in this order.
pub(crate) struct State {
    pub(crate) olm: Olm,
    cluster: Cluster,
    /// The whole output of the program.
    log: PathBuf,
    #[allow(dead_code, reason = "it is there until the end")]
    catalogs: [TempDir; 2],
    pub(crate) seed: u64,
}

impl State {
    /// A cluster that has OLM, its logs in a folder of this name.
    pub(crate) fn start(logs: &str) -> Result<Self, Error> {
        let seed = std::env::var("OLM_CATALOG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
        let cluster = Cluster::control_plane(logs)?;
        olm::present(&cluster)?;
        let all = olm::catalog()?;
        let catalogs = [small(all.path(), &[OLD, NEW])?, small(all.path(), &[OLD])?];
        let published = [(IMAGE, &catalogs[0]), (OLD_IMAGE, &catalogs[1])];
        let published = published.map(|(image, folder)| (image.to_owned(), folder.path().to_owned()));
        let settings = Settings { catalogs: BTreeMap::from(published), seed, ..Settings::default() };
        let olm = Olm::start(&cluster, settings)?;
        // Next to the logs of the cluster.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("cluster");
        let log = target.join("logs").join(logs).join("install-catalog.log");
        Ok(Self { olm, cluster, log, catalogs, seed })
    }

    /// Numbers derived from the seed and a case's name.
    fn random(&self, case: &str) -> Random {
        Random::new(case.bytes().fold(self.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into())))
    }

    /// A separate installation: namespace, catalog and the catalog's namespace have one name.
    fn place(&self, name: &str) -> Place<'_> {
        Place {
            state: self,
            name: name.to_owned(),
            operators: vec![DBAAS],
            kubeconfig: self.cluster.kubeconfig().into(),
        }
    }

    fn server(&self) -> Result<(SocketAddr, Vec<u8>), Failed> {
        let kubeconfig = fs::read_to_string(self.cluster.kubeconfig())?;
        let at = kubeconfig.lines().find_map(|line| line.trim().strip_prefix("server: https://")).ok_or("no server")?;
        let authority = self.cluster.kubeconfig().with_file_name("ca.crt");
        Ok((at.trim().parse()?, fs::read(authority)?))
    }

    fn proxy(&self, fault: Fault) -> Result<Proxy, Failed> {
        let (server, authority) = self.server()?;
        Proxy::start(fault, server, &authority)
    }

    fn run<F: Future>(&self, future: F) -> F::Output {
        self.cluster.run(future)
    }
}

/// A catalog of few bundles, so that it is read quickly: these versions of [`DBAAS`], each an upgrade of the one
/// before, and one of [`VM`].
fn small(all: &Path, versions: &[&str]) -> anyhow::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (package, versions) in [(DBAAS, versions), (VM, &["0.29.1"][..])] {
        let names: Vec<String> = versions.iter().map(|version| format!("{package}.v{version}")).collect();
        let text = fs::read_to_string(all.join(package).join("catalog.yaml"))?;
        let mut documents: Vec<Value> = yaml::read(&text)?.into_iter().map(|document| document.value).collect();
        documents.retain(|it| it["schema"] != "olm.channel");
        documents.retain(|it| it["schema"] != "olm.bundle" || names.iter().any(|name| it["name"] == *name));
        let mut entries: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        for (entry, before) in entries.iter_mut().skip(1).zip(&names) {
            entry["replaces"] = json!(before);
        }
        documents.push(json!({"schema": "olm.channel", "package": package, "name": "stable-v0", "entries": entries}));
        fs::create_dir(folder.path().join(package))?;
        fs::write(folder.path().join(package).join("catalog.yaml"), yaml::to_yaml_stream(&documents)?)?;
    }
    Ok(folder)
}

/// An installation.
struct Place<'s> {
    state: &'s State,
    name: String,
    operators: Vec<&'s str>,
    kubeconfig: PathBuf,
}

impl Place<'_> {
    fn start(&self, verb: &str, more: &[&str]) -> Result<Program, Failed> {
        let name = self.name.as_str();
        let mut arguments = vec![verb, "--namespace", name, "--olm-namespace", name, "--catalog", name];
        let operators = self.operators.join(",");
        if verb == "install" {
            arguments.extend(["--operators", &operators, "--no-image-labels"]);
            if !more.contains(&"--image") {
                arguments.extend(["--image", IMAGE]);
            }
        }
        if ["install", "approve", "uninstall"].contains(&verb) && !more.contains(&"--wait") {
            arguments.extend(["--wait", "60s"]);
        }
        arguments.extend(more);
        Program::start(&self.kubeconfig, &arguments, &self.state.log)
    }

    fn run(&self, verb: &str, more: &[&str]) -> Result<Ended, Failed> {
        self.start(verb, more)?.ends(WAIT)
    }

    /// The bundles to install.
    fn bundles(&self, version: &str) -> BTreeSet<String> {
        let version = |operator: &&str| format!("{operator}.v{}", if *operator == VM { "0.29.1" } else { version });
        self.operators.iter().map(version).collect()
    }

    fn api<K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>>(&self) -> Api<K> {
        Api::namespaced(self.state.cluster.client(), &self.name)
    }

    fn list<K>(&self) -> Result<Vec<K>, Failed>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
    {
        Ok(self.state.run(self.api::<K>().list(&ListParams::default()))?.items)
    }

    /// Whether OLM leaves approved plans as they are.
    fn hold_plans(&self, hold: bool) {
        self.state.olm.change(|settings| {
            if hold {
                settings.hold_plans.insert(self.name.clone());
            } else {
                settings.hold_plans.remove(&self.name);
            }
        });
    }

    fn delete<K>(&self, name: &str) -> Outcome
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
    {
        Ok(self.state.run(self.api::<K>().delete(name, &Default::default())).map(drop)?)
    }

    fn approved(&self) -> Result<Vec<InstallPlan>, Failed> {
        Ok(self.list::<InstallPlan>()?.into_iter().filter(|plan| plan.spec.approved).collect())
    }

    /// In every case: only a plan that contains everything requested, and nothing else, is approved.
    fn nothing_half_approved(&self, allowed: &[BTreeSet<String>]) -> Outcome {
        for plan in self.approved()? {
            let names: BTreeSet<String> = plan.spec.cluster_service_version_names.iter().cloned().collect();
            if !allowed.contains(&names) {
                return Err(format!("{}: plan {} is approved for {names:?}", self.name, plan.name_any()).into());
            }
        }
        Ok(())
    }

    /// Everything exists and runs, exactly once, with at most so many approvals.
    fn is_installed(&self, version: &str, approvals: usize) -> Outcome {
        let wanted = self.bundles(version);
        let runs = |version: &&ClusterServiceVersion| {
            version.status.as_ref().is_some_and(|status| status.phase == "Succeeded")
        };
        let running: Vec<ClusterServiceVersion> = self.list()?;
        let running: BTreeSet<String> = running.iter().filter(runs).map(|version| version.name_any()).collect();
        equal(&self.name, "what runs", &running, &wanted)?;
        // OLM deletes the replaced one later.
        eventually(|| {
            let there = self.list::<ClusterServiceVersion>()?.len();
            Ok(if there == wanted.len() { Ok(()) } else { Err(format!("{}: {there} versions", self.name)) })
        })?;
        let subscriptions: BTreeSet<String> = self.list::<Subscription>()?.iter().map(|one| one.name_any()).collect();
        equal(&self.name, "Subscriptions", &subscriptions, &self.operators.iter().map(|&it| it.to_owned()).collect())?;
        equal(&self.name, "OperatorGroups", &self.list::<OperatorGroup>()?.len(), &1)?;
        let approved = self.approved()?;
        if approved.len() > approvals || approved.is_empty() {
            return Err(format!("{}: {} plans are approved, not {approvals}", self.name, approved.len()).into());
        }
        Ok(())
    }

    /// A run with a fault, or the second run, ends successfully. Then a third run has nothing to do.
    fn finishes(&self, first: &Ended, verb: &str, more: &[&str]) -> Outcome {
        if first.code != 0 {
            if !first.text.contains("error: ") {
                return Err(first.but("it says no error"));
            }
            let second = self.run(verb, more)?;
            second.with(0).map_err(|error| first.but(&format!("the second run:\n{}", message(&error))))?;
        }
        if verb == "install" {
            self.run(verb, more)?.saying(0, &["nothing was changed"])?;
        }
        Ok(())
    }

    fn is_removed(&self) -> Outcome {
        let namespaces: Api<Namespace> = Api::all(self.state.cluster.client());
        eventually(|| {
            let left = self.state.run(namespaces.get_opt(&self.name))?;
            Ok(if left.is_none() { Ok(()) } else { Err(format!("namespace {} is there", self.name)) })
        })
    }
}

/// Does the same for each in parallel.
fn at_the_same_time<T: Send>(all: impl IntoIterator<Item = T>, each: impl Fn(T) -> Outcome + Sync) -> Outcome {
    thread::scope(|scope| {
        let each = &each;
        let threads: Vec<_> = all.into_iter().map(|one| scope.spawn(move || each(one))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "it panicked")?)
    })
}

fn message(failed: &Failed) -> String {
    failed.message().unwrap_or_default().to_owned()
}

/// Retries until the condition is met; the error contains the last state.
fn eventually<T>(mut attempt: impl FnMut() -> Result<Result<T, String>, Failed>) -> Result<T, Failed> {
    let start = Instant::now();
    loop {
        match attempt()? {
            Ok(found) => return Ok(found),
            Err(instead) if start.elapsed() > Duration::from_secs(120) => {
                return Err(format!("not so after {:?}: {instead}", start.elapsed()).into());
            }
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn equal<T: Debug + PartialEq>(place: &str, what: &str, found: &T, expected: &T) -> Outcome {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{place}, {what}: found {found:?}, expected {expected:?}").into())
    }
}
