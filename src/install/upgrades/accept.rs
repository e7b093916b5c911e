//! Accepting an upgrade: exactly what was shown, and waiting until it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kube::ResourceExt;

use super::Upgrade;
use crate::install::api::InstallPlan;
use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::install::marks::title;
use crate::install::places::Places;
use crate::install::plan::{self, SUCCEEDED};
use crate::install::report::Event;
use crate::install::state::State;
use crate::install::wait::{Look, Waiter};
use crate::install::watches::Watches;

/// How long the new versions may take to be pulled and to run.
const RUNNING: Duration = Duration::from_secs(600);

/// What is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accept {
    /// All that waits.
    All,
    /// These operators' upgrades, and nothing beside them.
    Operators(Vec<String>),
    /// These plans in exactly these states: `<plan>@<resource version>`, maybe with `<namespace>/` before it.
    Exactly(Vec<String>),
}

/// Chooses the upgrades that are accepted.
///
/// # Errors
/// [`Error::InTheWay`]: nothing waits for an operator, or its plan upgrades others too, which were not named.
pub fn choose(waiting: Vec<Upgrade>, accept: &Accept) -> Result<Vec<Upgrade>, Error> {
    match accept {
        Accept::All => Ok(waiting),
        Accept::Exactly(ids) => {
            for id in ids {
                if !waiting.iter().any(|upgrade| upgrade.is_named(id)) {
                    return Err(Error::InTheWay {
                        message: format!("no InstallPlan waits in the state {id}"),
                        help: "`install-catalog upgrades` shows what waits now".into(),
                    });
                }
            }
            Ok(waiting.into_iter().filter(|upgrade| ids.iter().any(|id| upgrade.is_named(id))).collect())
        }
        Accept::Operators(names) => {
            let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
            let changes = |upgrade: &Upgrade, name: &str| upgrade.operators.iter().any(|it| it.operator == name);
            if let Some(name) = names.iter().find(|name| !waiting.iter().any(|upgrade| changes(upgrade, name))) {
                return Err(Error::InTheWay {
                    message: format!("no upgrade of {name} waits"),
                    help: "`install-catalog upgrades` shows what waits".into(),
                });
            }
            let chosen = waiting.into_iter().filter(|upgrade| names.iter().any(|name| changes(upgrade, name)));
            chosen.map(|upgrade| nothing_else(upgrade, &names)).collect()
        }
    }
}

/// A plan is accepted as a whole, so all of it must have been named.
fn nothing_else(upgrade: Upgrade, names: &BTreeSet<&str>) -> Result<Upgrade, Error> {
    let others: Vec<_> = upgrade
        .operators
        .iter()
        .map(|change| change.operator.as_str())
        .filter(|operator| !names.contains(operator))
        .collect();
    if others.is_empty() {
        return Ok(upgrade);
    }
    Err(Error::InTheWay {
        message: format!(
            "InstallPlan {}/{} upgrades {} too, and is accepted as a whole; nothing was approved",
            upgrade.namespace,
            upgrade.plan,
            others.join(", ")
        ),
        help: "name these too, or pass --all; operators that were installed with --isolate are upgraded one by one"
            .into(),
    })
}

/// Approves an upgrade as it was shown, and waits until it runs.
///
/// # Errors
/// [`Error::InTheWay`] where the plan is not what was shown any more; [`Error::NotReady`] where it does not run in time.
pub async fn accept(cluster: &Cluster, waiter: &Waiter<'_>, upgrade: &Upgrade) -> Result<(), Error> {
    let title = titled(&upgrade.object);
    if !plan::approve(cluster, waiter.report(), &upgrade.object).await? {
        let now: Option<InstallPlan> = cluster.get(Some(&upgrade.namespace), &upgrade.plan).await?;
        // Somebody else approved the same plan, or this was tried again after an answer that was lost.
        if !now.is_some_and(|now| now.spec.approved && now.spec.cluster_service_version_names == upgrade.bundles) {
            return Err(Error::InTheWay {
                message: format!("{title} is not what was shown any more; it was not approved"),
                help: "`install-catalog upgrades` shows what waits now".into(),
            });
        }
    }
    await_running(cluster, waiter, &upgrade.object, &upgrade.bundles).await
}

/// A plan that was accepted before, whose operators do not run yet. Whoever was interrupted goes on with it.
#[derive(Clone, Debug, PartialEq)]
pub struct UnderWay {
    plan: InstallPlan,
    operators: Vec<String>,
    bundles: Vec<String>,
}

/// The plans that were accepted before, and are not carried out yet.
///
/// # Errors
/// No answer, a missing permission.
pub async fn under_way(cluster: &Cluster, places: &Places) -> Result<Vec<UnderWay>, Error> {
    let mut all = Vec::new();
    for (_, state) in places.states(cluster).await? {
        let mut open = BTreeMap::new();
        for subscription in state.subscriptions.iter().filter(|subscription| places.has(subscription)) {
            let bundle = state.pending(subscription).or_else(|| state.installed(subscription));
            if let Some(bundle) = bundle.filter(|bundle| state.phase(bundle) != SUCCEEDED) {
                open.insert(bundle, subscription.spec.name.clone());
            }
        }
        let bundles: BTreeSet<&str> = open.keys().copied().collect();
        let newest = plan::newest(&state, |plan| !bundles.is_empty() && plan::carries(plan, &bundles));
        if let Some(plan) = newest.filter(|plan| plan.spec.approved) {
            let bundles = open.keys().map(|&bundle| bundle.to_owned()).collect();
            let operators = open.into_values().collect();
            all.push(UnderWay { plan: plan.clone(), operators, bundles });
        }
    }
    Ok(all)
}

impl Accept {
    /// What is left of it where these were accepted already.
    #[must_use]
    pub fn besides(self, under_way: &[UnderWay]) -> Self {
        let keep = |names: Vec<String>, is: &dyn Fn(&UnderWay, &str) -> bool| {
            names.into_iter().filter(|name| !under_way.iter().any(|one| is(one, name))).collect()
        };
        match self {
            Self::All => Self::All,
            Self::Operators(names) => {
                Self::Operators(keep(names, &|one, name| one.operators.iter().any(|operator| operator == name)))
            }
            Self::Exactly(ids) => Self::Exactly(keep(ids, &|one, id| {
                id.split_once('@').is_some_and(|(plan, _)| plan == one.plan.name_any())
            })),
        }
    }
}

/// Waits until what was accepted before runs.
///
/// # Errors
/// [`Error::NotReady`] where it does not run in time.
pub async fn go_on(cluster: &Cluster, waiter: &Waiter<'_>, with: &UnderWay) -> Result<(), Error> {
    let message = format!("{} was approved before", titled(&with.plan));
    waiter.report().tell(Event::Note { message });
    await_running(cluster, waiter, &with.plan, &with.bundles).await
}

async fn await_running(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    accepted: &InstallPlan,
    names: &[String],
) -> Result<(), Error> {
    let namespace = &accepted.namespace().unwrap_or_default();
    let title = titled(accepted);
    let bundles: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let watches = State::watched(Watches::new(), cluster, namespace);
    let condition =
        format!("{} in namespace {namespace} {}", names.join(", "), if names.len() == 1 { "runs" } else { "run" });
    waiter
        .until(&condition, RUNNING, &watches, async || {
            let state = State::read(cluster, namespace).await?;
            let newest = plan::newest(&state, |plan| plan::carries(plan, &bundles));
            let Some(plan) = newest else { return Ok(Look::NotYet(format!("{title} is not there"))) };
            if plan::is_waiting(plan) {
                let name = plan.name_any();
                // OLM resolved anew meanwhile, to the same: this is what was accepted, under another name.
                if plan::brings_no_more(plan, accepted) {
                    plan::approve(cluster, waiter.report(), plan).await?;
                    return Ok(Look::NotYet(format!("InstallPlan {name} took its place")));
                }
                return Ok(Look::NotYet(format!(
                    "InstallPlan {name} took its place and brings something else; `install-catalog upgrades` shows it"
                )));
            }
            let look = plan::carried_out(plan, &bundles, &state);
            Ok(match look {
                Look::Met(()) if !subscribed(&state, &bundles) => {
                    Look::NotYet("the Subscriptions do not know yet what is installed".into())
                }
                look => look,
            })
        })
        .await
}

fn titled(plan: &InstallPlan) -> String {
    title("InstallPlan", plan.namespace().as_deref(), &plan.name_any())
}

/// Whether no Subscription waits for one of these any more.
fn subscribed(state: &State, bundles: &BTreeSet<&str>) -> bool {
    !state
        .subscriptions
        .iter()
        .any(|subscription| state.pending(subscription).is_some_and(|name| bundles.contains(name)))
}
