//! The common part of the simulation's tests: objects that an installer writes, and waiting for results.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::fmt::Debug;
use std::time::{Duration, Instant};

use k8s_openapi::NamespaceResourceScope;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::{Api, Resource, ResourceExt};
use libtest_mimic::Failed;
use olm_catalog::install::api::{CatalogSource, ClusterServiceVersion, Condition, InstallPlan, Subscription};
use olm_catalog::install::objects::Objects;
use olm_catalog::install::options::{Approval, Operator, Options, Watch};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tempfile::TempDir;

use super::cluster::Cluster;
use super::olm::Olm;

/// The time limit for anything that a case waits for.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) const VM: &str = "victoriametrics-operator";

pub(crate) type Outcome = Result<(), Failed>;

/// A cluster with simulated OLM.
pub(crate) struct State {
    // Dropped in this order.
    pub(crate) olm: Olm,
    pub(crate) cluster: Cluster,
    /// The whole catalog, and an older one.
    pub(crate) catalogs: [TempDir; 2],
}

impl State {
    pub(crate) fn api<K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>>(&self, namespace: &str) -> Api<K> {
        Api::namespaced(self.cluster.client(), namespace)
    }
}

/// The installer's objects for these operators and versions, in a namespace with a catalog of the same name.
pub(crate) fn objects(image: &str, namespace: &str, operators: &[(&str, Option<&str>)]) -> Objects {
    let operator = |(package, version): &(&str, Option<&str>)| Operator {
        package: (*package).to_owned(),
        version: version.map(str::to_owned),
        ..Operator::default()
    };
    Objects::new(&Options {
        image: image.into(),
        catalog: namespace.into(),
        display_name: None,
        publisher: None,
        pull_secrets: Vec::new(),
        catalog_pod: Default::default(),
        priority_class: None,
        namespace: namespace.into(),
        olm_namespace: "olm".into(),
        operators: operators.iter().map(operator).collect(),
        approval: Approval::Manual,
        watch: Watch::Own,
        isolate: false,
        poll: Duration::from_secs(600),
    })
}

/// Creates all of them, and waits for the catalog in between.
pub(crate) fn begin(state: &State, objects: &Objects) -> Outcome {
    create(state, &objects.catalog)?;
    let namespaces = Api::all(state.cluster.client());
    for namespace in &objects.namespaces {
        state.cluster.run(namespaces.create(&PostParams::default(), namespace))?;
    }
    for group in &objects.groups {
        create(state, group)?;
    }
    ready(state, &objects.catalog.name_any())?;
    for subscription in &objects.subscriptions {
        create(state, subscription)?;
    }
    Ok(())
}

pub(crate) fn create<K>(state: &State, object: &K) -> Outcome
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize,
{
    let api: Api<K> = state.api(&object.namespace().unwrap_or_default());
    Ok(state.cluster.run(api.create(&PostParams::default(), object)).map(drop)?)
}

pub(crate) fn delete<K>(state: &State, namespace: &str, name: &str) -> Outcome
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    let api: Api<K> = state.api(namespace);
    Ok(state.cluster.run(api.delete(name, &Default::default())).map(drop)?)
}

pub(crate) fn connection(source: &CatalogSource) -> String {
    let status = source.status.as_ref();
    let connection = status.and_then(|status| status.connection_state.as_ref());
    connection.and_then(|state| state.last_observed_state.clone()).unwrap_or_default()
}

pub(crate) fn ready(state: &State, catalog: &str) -> Outcome {
    let sources: Api<CatalogSource> = state.api("olm");
    eventually(|| {
        let state = connection(&state.cluster.run(sources.get(catalog))?);
        Ok(if state == "READY" { Ok(()) } else { Err(state) })
    })
}

/// A namespace's plans, the oldest first.
pub(crate) fn plans(state: &State, namespace: &str) -> Result<Vec<InstallPlan>, Failed> {
    let api: Api<InstallPlan> = state.api(namespace);
    let mut plans = state.cluster.run(api.list(&ListParams::default()))?.items;
    plans.sort_by_key(|plan| plan.spec.generation);
    Ok(plans)
}

pub(crate) fn phase(plan: &InstallPlan) -> String {
    plan.status.as_ref().map(|status| status.phase.clone()).unwrap_or_default()
}

/// The plan that waits for approval to install one bundle.
pub(crate) fn waiting(state: &State, namespace: &str, csv: &str) -> Result<InstallPlan, Failed> {
    eventually(|| {
        let plan = plans(state, namespace)?.pop();
        let names = plan.as_ref().map(|plan| plan.spec.cluster_service_version_names.clone()).unwrap_or_default();
        Ok(match plan {
            Some(plan) if names == [csv] && phase(&plan) == "RequiresApproval" => Ok(plan),
            _ => Err(format!("the newest plan is for {names:?}")),
        })
    })
}

pub(crate) fn approve(state: &State, plan: &InstallPlan) -> Outcome {
    let api: Api<InstallPlan> = state.api(&plan.namespace().unwrap_or_default());
    let patch = Patch::Merge(json!({"spec": {"approved": true}}));
    Ok(state.cluster.run(api.patch(&plan.name_any(), &PatchParams::default(), &patch)).map(drop)?)
}

pub(crate) fn succeeded(state: &State, namespace: &str, csv: &str) -> Outcome {
    let csvs: Api<ClusterServiceVersion> = state.api(namespace);
    eventually(|| {
        let status = state.cluster.run(csvs.get_opt(csv))?.and_then(|csv| csv.status).unwrap_or_default();
        Ok(if status.phase == "Succeeded" { Ok(()) } else { Err(format!("{csv}: {status:?}")) })
    })
}

pub(crate) type SubscriptionStatus = olm_catalog::install::api::SubscriptionStatus;

pub(crate) fn subscription(state: &State, namespace: &str, name: &str) -> Result<SubscriptionStatus, Failed> {
    let api: Api<Subscription> = state.api(namespace);
    Ok(state.cluster.run(api.get(name))?.status.unwrap_or_default())
}

/// Waits until a Subscription is at the newest version.
pub(crate) fn settled(state: &State, namespace: &str, name: &str) -> Result<SubscriptionStatus, Failed> {
    eventually(|| {
        let status = subscription(state, namespace, name)?;
        let is = status.state.as_deref() == Some("AtLatestKnown");
        Ok(if is { Ok(status) } else { Err(format!("{status:?}")) })
    })
}

pub(crate) fn condition(
    state: &State,
    namespace: &str,
    name: &str,
    kind: &str,
    reason: &str,
) -> Result<Condition, Failed> {
    eventually(|| {
        let status = subscription(state, namespace, name)?;
        let is = |one: &&Condition| one.kind == kind && one.status == "True" && one.reason.as_deref() == Some(reason);
        Ok(status.conditions.iter().find(is).cloned().ok_or_else(|| format!("{:?}", status.conditions)))
    })
}

/// Retries until the condition is met; after the time limit, the error contains the last state.
pub(crate) fn eventually<T>(mut attempt: impl FnMut() -> Result<Result<T, String>, Failed>) -> Result<T, Failed> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match attempt()? {
            Ok(found) => return Ok(found),
            Err(instead) if Instant::now() > deadline => {
                return Err(format!("not so after {DEADLINE:?}: {instead}").into());
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

pub(crate) fn equal<T: Debug + PartialEq>(what: &str, found: &T, expected: &T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}").into()) }
}
