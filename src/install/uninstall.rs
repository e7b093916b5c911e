//! Removes an installation from a cluster: what the installer created and what resulted from it, but nothing of others.
//!
//! 1. `contents` and `resources` look for users' data in what would be deleted. If there is any, nothing is deleted.
//! 2. Objects that only the Subscriptions name are labelled, so that an interrupted run can be resumed.
//! 3. Subscriptions, versions, OperatorGroups and the CatalogSource are deleted, then CRDs, namespaces and OLM if the
//!    user asked for that.

mod contents;
mod delete;
mod olm;
mod resources;
mod servers;

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt;
use kube::api::ApiResource;
use serde_json::json;

use self::contents::{named, of_others};
use self::delete::{all, delete, gone, gone_but};
use super::api::{CatalogSource, ClusterServiceVersion, InstallPlan, OperatorGroup, Subscription};
use super::cluster::Cluster;
use super::error::Error;
use super::marks::{CREATED, MANAGED_BY, OWNER, PART_OF, is_ours, selector, title_of};
use super::places::Places;
use super::report::{Event, Report};
use super::state::State;
use super::wait::Waiter;

/// The label of a ClusterServiceVersion that is a copy from another namespace.
const COPIED: &str = "olm.copiedFrom";
/// The prefix of the labels that name the Operator objects that an object belongs to.
const SUM: &str = "operators.coreos.com/";

/// The operators to uninstall, and what else to delete in addition to the Subscriptions, the operators, the
/// OperatorGroups and the catalog.
#[derive(Clone, Debug, Default)]
pub struct What {
    /// Only these operators, by their packages; all if it is empty.
    pub operators: Vec<String>,
    /// The operators' CustomResourceDefinitions. No resources of them may exist.
    pub definitions: bool,
    /// The namespaces that the installer created. They must contain nothing of users.
    pub namespaces: bool,
    /// OLM, if the installer installed it and nothing else uses it.
    pub olm: bool,
}

impl What {
    fn includes(&self, subscription: &Subscription) -> bool {
        self.operators.is_empty() || self.operators.contains(&subscription.spec.name)
    }
}

/// Uninstalls. Returns the versions that still run, as `<namespace>/<name>`: no Subscription names them, and nothing
/// proves that the installer installed them.
///
/// # Errors
/// [`Error::InTheWay`] if users' data would be lost, before anything is deleted; and any error that stops it.
pub async fn uninstall(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    places: &Places,
    what: &What,
) -> Result<Vec<String>, Error> {
    let states = places.states(cluster).await?;
    are_installed(&states, places, what)?;
    let made = made(cluster, &states, places, what).await?;
    let (left, running) = left_behind(cluster, &states, places, what, &made).await?;
    let mut definitions = definitions(&states, places, what);
    definitions.extend(left.iter().flat_map(|version| version.spec.owned()));
    definitions.extend(earlier(cluster, &states, places, what).await?);
    let users = other_users(cluster, &states, places, what).await?;
    if what.operators.is_empty() && users.is_empty() {
        let marked: Vec<CustomResourceDefinition> = cluster.list(None, &selector(&places.catalog)).await?;
        definitions.extend(marked.iter().map(ResourceExt::name_any));
    }
    if what.definitions {
        resources::none(cluster, &definitions).await?;
        unshared(cluster, &states, places, &definitions, what, &left).await?;
    }
    if what.namespaces {
        empty(cluster, &made, places).await?;
    }
    if what.olm {
        let going = states.iter().flat_map(|(_, state)| installed(state, places, what)).chain(&left);
        let going = going.map(ResourceExt::uid).collect();
        olm::unused(cluster, places, &states, &going).await?;
    }
    mark(cluster, &states, places, &definitions, what, &left).await?;
    let versions: BTreeSet<String> = states
        .iter()
        .flat_map(|(_, state)| installed(state, places, what))
        .chain(&left)
        .map(ResourceExt::name_any)
        .collect();
    for (namespace, state) in &states {
        operators(cluster, waiter, places, namespace, state, what).await?;
    }
    for (namespace, state) in &states {
        let stays = |subscription: &&Subscription| places.has(subscription) && !what.includes(subscription);
        if !state.subscriptions.iter().any(|subscription| stays(&subscription)) {
            all::<OperatorGroup>(cluster, waiter.report(), Some(namespace), &selector(&places.catalog)).await?;
        }
    }
    if users.is_empty() {
        let (olm, ours) = (Some(places.olm_namespace.as_str()), selector(&places.catalog));
        all::<CatalogSource>(cluster, waiter.report(), olm, &ours).await?;
        gone::<CatalogSource>(cluster, waiter, olm, &ours).await?;
    } else {
        let message = format!(
            "CatalogSource {}/{} is kept because it is used by {}",
            places.olm_namespace,
            places.catalog,
            named(&users)
        );
        waiter.report().tell(Event::Note { message });
    }
    if what.definitions {
        for name in &definitions {
            if let Some(definition) = cluster.get::<CustomResourceDefinition>(None, name).await? {
                delete(cluster, waiter.report(), &definition).await?;
            }
        }
        components(cluster, waiter.report(), &states, places, what).await?;
        roles(cluster, waiter.report(), &versions).await?;
        for sum in states.iter().flat_map(|(_, state)| sums(state, places, what)).collect::<BTreeSet<_>>() {
            // Of earlier versions, nothing else is left.
            let earlier = format!("olm.managed=true,!olm.owner.kind,{SUM}{sum}");
            all::<ClusterRoleBinding>(cluster, waiter.report(), None, &earlier).await?;
            all::<ClusterRole>(cluster, waiter.report(), None, &earlier).await?;
        }
    }
    if what.namespaces {
        for namespace in &made {
            delete(cluster, waiter.report(), namespace).await?;
        }
        let names: BTreeSet<String> = made.iter().map(ResourceExt::name_any).collect();
        gone_but::<Namespace>(cluster, waiter, None, &selector(&places.catalog), &|namespace| {
            names.contains(&namespace.name_any())
        })
        .await?;
    }
    if what.olm {
        olm::remove(cluster, waiter, places).await?;
    }
    Ok(running)
}

/// Checks that every named operator is installed.
fn are_installed(states: &[(String, State)], places: &Places, what: &What) -> Result<(), Error> {
    let there: BTreeSet<&str> = states
        .iter()
        .flat_map(|(_, state)| &state.subscriptions)
        .filter(|subscription| places.has(subscription))
        .map(|subscription| subscription.spec.name.as_str())
        .collect();
    match what.operators.iter().find(|operator| !there.contains(operator.as_str())) {
        None => Ok(()),
        Some(operator) => Err(Error::InTheWay {
            message: format!("{operator} is not installed from {}; nothing was deleted", places.catalog),
            help: match there.len() {
                0 => "`install-catalog status` shows what is installed".into(),
                _ => format!("installed operators: {}", there.into_iter().collect::<Vec<_>>().join(", ")),
            },
        }),
    }
}

/// The namespaces of the installation that the installer created. The labels alone do not prove that: others may have
/// written them, or applied the output of `--dry-run=client`.
async fn made(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    what: &What,
) -> Result<Vec<Namespace>, Error> {
    let ours: Vec<Namespace> = cluster.list(None, &selector(&places.catalog)).await?;
    let is_created = |namespace: &Namespace| namespace.annotations().contains_key(CREATED);
    let goes = |namespace: &Namespace| {
        let state = states.iter().find(|(name, _)| *name == namespace.name_any()).map(|(_, state)| state);
        let stays = |state: &State| {
            state.subscriptions.iter().any(|subscription| places.has(subscription) && !what.includes(subscription))
        };
        let used = |state: &State| state.subscriptions.iter().any(|subscription| places.has(subscription));
        // With named operators, only their own namespaces are deleted.
        state.is_some_and(|state| !stays(state) && (what.operators.is_empty() || used(state)))
    };
    let is_main = |namespace: &Namespace| !what.operators.is_empty() && namespace.name_any() == places.namespace;
    Ok(ours.into_iter().filter(|namespace| is_created(namespace) && goes(namespace) && !is_main(namespace)).collect())
}

/// The versions that no Subscription names: those that the installer must have installed, because the namespace and its
/// OperatorGroup are its own and nobody else subscribes there; and the names of the others.
async fn left_behind(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    what: &What,
    made: &[Namespace],
) -> Result<(Vec<ClusterServiceVersion>, Vec<String>), Error> {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    if !what.operators.is_empty() {
        return Ok((ours, others));
    }
    for (namespace, state) in states {
        let named: BTreeSet<&str> = state
            .subscriptions
            .iter()
            .filter_map(|subscription| subscription.status.as_ref())
            .flat_map(|status| [status.installed_csv.as_deref(), status.current_csv.as_deref()])
            .flatten()
            .collect();
        let replaced: BTreeSet<&str> = state
            .versions
            .iter()
            .filter(|version| named.contains(version.name_any().as_str()))
            .filter_map(|version| version.spec.replaces.as_deref())
            .collect();
        let left = state.versions.iter().filter(|version| {
            let name = version.name_any();
            // OLM labels what a Subscription installed. Objects that somebody applied by hand have no such label.
            let installed = |label: &String| label.starts_with(SUM);
            version.labels().keys().any(installed)
                && !named.contains(name.as_str())
                && !replaced.contains(name.as_str())
                && !version.labels().contains_key(COPIED)
                && !is_ours(*version, &places.catalog)
        });
        let left: Vec<_> = left.cloned().collect();
        if left.is_empty() || *namespace == places.olm_namespace {
            continue;
        }
        let groups: Vec<OperatorGroup> = cluster.list(Some(namespace), "").await?;
        let is_ours_alone = made.iter().any(|made| made.name_any() == *namespace)
            && groups.iter().all(|group| is_ours(group, &places.catalog))
            && state.subscriptions.iter().all(|subscription| places.has(subscription));
        match is_ours_alone {
            true => ours.extend(left),
            false => others.extend(left.iter().map(|version| format!("{namespace}/{}", version.name_any()))),
        }
    }
    Ok((ours, others))
}

/// The remaining Subscriptions that need the CatalogSource, as `Subscription <namespace>/<name>`.
async fn other_users(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    what: &What,
) -> Result<Vec<String>, Error> {
    let all: Vec<Subscription> = cluster.list(None, "").await?;
    let goes = |subscription: &Subscription| {
        let namespace = subscription.namespace().unwrap_or_default();
        places.has(subscription) && what.includes(subscription) && states.iter().any(|(name, _)| *name == namespace)
    };
    let uses = |subscription: &Subscription| {
        subscription.spec.source == places.catalog && subscription.spec.source_namespace == places.olm_namespace
    };
    Ok(all.iter().filter(|subscription| uses(subscription) && !goes(subscription)).map(title_of).collect())
}

/// The CRDs that earlier versions of the operators installed. OLM labels them with the operator, like those of the
/// current versions.
async fn earlier(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    what: &What,
) -> Result<BTreeSet<String>, Error> {
    let mut names = BTreeSet::new();
    for sum in states.iter().flat_map(|(_, state)| sums(state, places, what)).collect::<BTreeSet<_>>() {
        let brought: Vec<CustomResourceDefinition> = cluster.list(None, &format!("{SUM}{sum}")).await?;
        names.extend(brought.iter().map(ResourceExt::name_any));
    }
    Ok(names)
}

/// Checks that the namespaces contain nothing that users made.
async fn empty(cluster: &Cluster, made: &[Namespace], places: &Places) -> Result<(), Error> {
    if !made.is_empty() {
        servers::answer(cluster, None).await?;
    }
    let mut found = Vec::new();
    for namespace in made.iter().map(ResourceExt::name_any) {
        let objects = match of_others(cluster, &namespace, &places.catalog).await {
            Ok(objects) => objects,
            Err(error @ (Error::Forbidden { .. } | Error::Refused { .. })) => {
                return Err(Error::InTheWay {
                    message: format!(
                        "cannot check whether namespace {namespace} is empty; nothing was deleted: \
                         {error}"
                    ),
                    help: "grant the roles that `install-catalog rbac --with-uninstall` prints, or run it without \
                         --namespaces"
                        .into(),
                });
            }
            Err(error) => return Err(error),
        };
        if !objects.is_empty() {
            found.push(format!("namespace {namespace} contains {}", named(&objects)));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::InTheWay {
        message: format!("{}: these would be lost with the namespace; nothing was deleted", found.join("; ")),
        help: "move or delete them first, or run it without --namespaces".into(),
    })
}

/// Labels the objects that only the Subscriptions name, so that an interrupted run can be resumed after the
/// Subscriptions are deleted.
async fn mark(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    definitions: &BTreeSet<String>,
    what: &What,
    left: &[ClusterServiceVersion],
) -> Result<(), Error> {
    let label = json!({"metadata": {"labels": {MANAGED_BY: OWNER, PART_OF: places.catalog}}});
    for version in states.iter().flat_map(|(_, state)| installed(state, places, what)).chain(left) {
        let namespace = version.namespace();
        let marked = cluster.patch::<ClusterServiceVersion>(namespace.as_deref(), &version.name_any(), &label).await;
        gone_is_fine(marked)?;
    }
    for name in definitions.iter().filter(|_| what.definitions) {
        gone_is_fine(cluster.patch::<CustomResourceDefinition>(None, name, &label).await)?;
    }
    Ok(())
}

fn gone_is_fine(patched: Result<(), Error>) -> Result<(), Error> {
    match patched {
        Err(Error::Refused { code: 404, .. }) => Ok(()),
        other => other,
    }
}

/// The CRDs that the installation's operators own.
fn definitions(states: &[(String, State)], places: &Places, what: &What) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, state) in states {
        for version in installed(state, places, what) {
            names.extend(version.spec.owned());
        }
    }
    names
}

/// The versions that are installed for our Subscriptions.
fn installed<'s>(
    state: &'s State,
    places: &'s Places,
    what: &'s What,
) -> impl Iterator<Item = &'s ClusterServiceVersion> {
    let goes = |subscription: &&Subscription| places.has(subscription) && what.includes(subscription);
    let ours = state.subscriptions.iter().filter(goes);
    let names: BTreeSet<&str> = ours
        .filter_map(|subscription| subscription.status.as_ref())
        .flat_map(|status| [status.installed_csv.as_deref(), status.current_csv.as_deref()])
        .flatten()
        .collect();
    state.versions.iter().filter(move |version| names.contains(version.name_any().as_str()))
}

/// Checks that no remaining operator needs a CRD.
async fn unshared(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    definitions: &BTreeSet<String>,
    what: &What,
    left: &[ClusterServiceVersion],
) -> Result<(), Error> {
    let going = states.iter().flat_map(|(_, state)| installed(state, places, what)).chain(left);
    let going: BTreeSet<_> = going.map(ResourceExt::uid).collect();
    let versions: Vec<ClusterServiceVersion> = cluster.list(None, &format!("!{COPIED}")).await?;
    let is_marked = |version: &ClusterServiceVersion| {
        let namespace = version.namespace().unwrap_or_default();
        what.operators.is_empty()
            && is_ours(version, &places.catalog)
            && states.iter().any(|(name, _)| *name == namespace)
    };
    for other in versions.iter().filter(|other| !is_marked(other) && !going.contains(&other.uid())) {
        if let Some(name) = other.spec.owned().into_iter().find(|name| definitions.contains(name)) {
            return Err(Error::InTheWay {
                message: format!(
                    "{} in namespace {} also needs {name}; nothing was deleted",
                    other.name_any(),
                    other.namespace().unwrap_or_default()
                ),
                help: "run it without --crds".into(),
            });
        }
    }
    Ok(())
}

/// OLM lists an operator's objects in an Operator object, and does not delete it when they are all gone. While CRDs are
/// kept, the list is not empty, and OLM would create it again.
async fn components(
    cluster: &Cluster,
    report: &dyn Report,
    states: &[(String, State)],
    places: &Places,
    what: &What,
) -> Result<(), Error> {
    let kind = ApiResource {
        group: "operators.coreos.com".into(),
        version: "v1".into(),
        api_version: "operators.coreos.com/v1".into(),
        kind: "Operator".into(),
        plural: "operators".into(),
    };
    for name in states.iter().flat_map(|(_, state)| sums(state, places, what)).collect::<BTreeSet<_>>() {
        if let Some(sum) = cluster.get_dynamic(&kind, None, &name).await?
            && cluster.delete(&kind, &sum).await?
        {
            report.tell(Event::Deleted { object: format!("Operator {name}") });
        }
    }
    Ok(())
}

/// The names of the Operator objects that OLM created for an installation: it labels the objects in their lists with
/// them.
fn sums(state: &State, places: &Places, what: &What) -> BTreeSet<String> {
    let goes = |subscription: &&Subscription| places.has(subscription) && what.includes(subscription);
    let subscriptions = state.subscriptions.iter().filter(goes);
    // Versions that an earlier run labelled. With named operators, these may belong to others.
    let marked = |version: &&ClusterServiceVersion| what.operators.is_empty() && is_ours(*version, &places.catalog);
    let versions = state.versions.iter().filter(marked);
    let labels = subscriptions.map(ResourceExt::labels).chain(versions.map(ResourceExt::labels));
    labels.flat_map(|labels| labels.keys()).filter_map(|key| Some(key.strip_prefix(SUM)?.to_owned())).collect()
}

/// OLM deletes the roles that it created for a version, and leaves those of the bundle's own manifests, which have no
/// owner. They are cluster-scoped, like CRDs.
async fn roles(cluster: &Cluster, report: &dyn Report, versions: &BTreeSet<String>) -> Result<(), Error> {
    let stay: Vec<ClusterServiceVersion> = cluster.list(None, &format!("!{COPIED}")).await?;
    // Another installation may have the same version: its roles have the same names.
    let stays = |version: &str| stay.iter().any(|other| other.name_any() == version);
    for version in versions.iter().filter(|version| !stays(version)) {
        let bundle = format!("olm.managed=true,olm.owner={version},!olm.owner.kind");
        all::<ClusterRoleBinding>(cluster, report, None, &bundle).await?;
        all::<ClusterRole>(cluster, report, None, &bundle).await?;
    }
    Ok(())
}

/// The Subscriptions first: otherwise OLM would reinstall what is deleted.
async fn operators(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    places: &Places,
    namespace: &str,
    state: &State,
    what: &What,
) -> Result<(), Error> {
    let goes = |subscription: &&Subscription| places.has(subscription) && what.includes(subscription);
    let ours: Vec<&Subscription> = state.subscriptions.iter().filter(goes).collect();
    for subscription in &ours {
        delete(cluster, waiter.report(), *subscription).await?;
    }
    let selector = selector(&places.catalog);
    let chosen: BTreeSet<String> = installed(state, places, what).map(ResourceExt::name_any).collect();
    let goes = |version: &ClusterServiceVersion| what.operators.is_empty() || chosen.contains(&version.name_any());
    for version in cluster.list::<ClusterServiceVersion>(Some(namespace), &selector).await?.iter().filter(|it| goes(it))
    {
        delete(cluster, waiter.report(), version).await?;
    }
    // OLM's garbage collection would delete them later. Plans of others stay.
    for plan in state.plans.iter().filter(|plan| is_owned_by(plan, &ours)) {
        delete(cluster, waiter.report(), plan).await?;
    }
    gone_but(cluster, waiter, Some(namespace), &selector, &goes).await
}

/// Whether every owner of a plan is one of these Subscriptions.
fn is_owned_by(plan: &InstallPlan, subscriptions: &[&Subscription]) -> bool {
    let owners = plan.owner_references();
    let ours = |uid: &str| subscriptions.iter().any(|subscription| subscription.uid().as_deref() == Some(uid));
    !owners.is_empty() && owners.iter().all(|owner| ours(&owner.uid))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn operators_are_known_by_labels_of_what_is_ours() {
        let of = |catalog: &str, name: &str, operator: &str| -> Subscription {
            let label = format!("{SUM}{operator}");
            serde_json::from_value(json!({
                "apiVersion": "operators.coreos.com/v1alpha1", "kind": "Subscription",
                "metadata": {"name": name, "labels": {MANAGED_BY: OWNER, PART_OF: catalog, label: ""}},
                "spec": {"name": name, "source": catalog, "sourceNamespace": "olm"},
            }))
            .unwrap()
        };
        let state = State {
            subscriptions: vec![of("ours", "one", "one.dbaas"), of("theirs", "two", "two.dbaas")],
            ..State::default()
        };
        let places =
            Places { catalog: "ours".into(), olm_namespace: "olm".into(), namespace: "dbaas".into(), only: false };
        assert_eq!(sums(&state, &places, &What::default()), BTreeSet::from(["one.dbaas".to_owned()]));
    }
}
