//! Takes an installation off a cluster: what the installer made and what came of it, and nothing of others.

use std::collections::BTreeSet;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::ApiResource;
use kube::{Resource, ResourceExt};
use serde_json::{Value, json};

use super::api::{CatalogSource, ClusterServiceVersion, InstallPlan, OperatorGroup, Subscription};
use super::before::is_ours;
use super::cluster::Cluster;
use super::error::Error;
use super::objects::{MANAGED_BY, OWNER, PART_OF, selector};
use super::olm;
use super::places::Places;
use super::report::{Event, Report};
use super::run::title;
use super::state::State;
use super::wait::{Look, Waiter, Watches};

/// How long what was deleted may take to be gone.
const GONE: Duration = Duration::from_secs(180);

/// The label of a version that only shows an operator of another namespace.
const COPIED: &str = "olm.copiedFrom";
/// The prefix of the labels that name the Operators that OLM counts an object to.
const SUM: &str = "operators.coreos.com/";

/// What goes beside the Subscriptions, the operators, the groups and the catalog.
#[derive(Clone, Copy, Debug, Default)]
pub struct What {
    /// The operators' CustomResourceDefinitions, of which there must be no resources.
    pub definitions: bool,
    /// The namespaces that the installation made, which must have no data.
    pub namespaces: bool,
    /// OLM, if the installer put it there and nothing else uses it.
    pub olm: bool,
}

/// Uninstalls.
///
/// # Errors
/// [`Error::InTheWay`] where users' data would be lost, before anything is deleted; whatever stops it.
pub async fn uninstall(cluster: &Cluster, waiter: &Waiter<'_>, places: &Places, what: What) -> Result<(), Error> {
    let states = places.states(cluster).await?;
    let made: Vec<Namespace> = cluster.list(None, &selector(&places.catalog)).await?;
    let mut definitions = definitions(&states, places);
    let marked: Vec<CustomResourceDefinition> = cluster.list(None, &selector(&places.catalog)).await?;
    definitions.extend(marked.iter().map(ResourceExt::name_any));
    guard(cluster, &definitions, &made, what).await?;
    if what.definitions {
        unshared(cluster, &states, places, &definitions).await?;
    }
    if what.olm {
        olm::unused(cluster, places).await?;
    }
    mark(cluster, &states, places, &definitions, what).await?;
    let versions: BTreeSet<String> =
        states.iter().flat_map(|(_, state)| installed(state, places)).map(ResourceExt::name_any).collect();
    for (namespace, state) in &states {
        operators(cluster, waiter, places, namespace, state).await?;
    }
    for (namespace, _) in &states {
        all::<OperatorGroup>(cluster, waiter.report(), Some(namespace), &selector(&places.catalog)).await?;
    }
    all::<CatalogSource>(cluster, waiter.report(), Some(&places.olm_namespace), &selector(&places.catalog)).await?;
    gone::<CatalogSource>(cluster, waiter, Some(&places.olm_namespace), &selector(&places.catalog)).await?;
    if what.definitions {
        for name in &definitions {
            if let Some(definition) = cluster.get::<CustomResourceDefinition>(None, name).await? {
                delete(cluster, waiter.report(), &definition).await?;
            }
        }
        components(cluster, waiter.report(), &states, places).await?;
        roles(cluster, waiter.report(), &versions).await?;
    }
    if what.namespaces {
        for namespace in &made {
            delete(cluster, waiter.report(), namespace).await?;
        }
        gone::<Namespace>(cluster, waiter, None, &selector(&places.catalog)).await?;
    }
    if what.olm { olm::remove(cluster, waiter, places).await } else { Ok(()) }
}

/// Labels what is known only by the Subscriptions, so that a run that is interrupted can be gone on with after they are
/// gone.
async fn mark(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    definitions: &BTreeSet<String>,
    what: What,
) -> Result<(), Error> {
    let label = json!({"metadata": {"labels": {MANAGED_BY: OWNER, PART_OF: places.catalog}}});
    for (namespace, state) in states {
        for version in installed(state, places) {
            gone_is_fine(cluster.patch::<ClusterServiceVersion>(Some(namespace), &version.name_any(), &label).await)?;
        }
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

/// The definitions that the installation's operators own.
fn definitions(states: &[(String, State)], places: &Places) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, state) in states {
        for version in installed(state, places) {
            names.extend(version.spec.owned());
        }
    }
    names
}

/// The versions that are installed for our Subscriptions.
fn installed<'s>(state: &'s State, places: &'s Places) -> impl Iterator<Item = &'s ClusterServiceVersion> {
    let ours = state.subscriptions.iter().filter(|subscription| places.has(subscription));
    let names: BTreeSet<&str> = ours
        .filter_map(|subscription| subscription.status.as_ref())
        .flat_map(|status| [status.installed_csv.as_deref(), status.current_csv.as_deref()])
        .flatten()
        .collect();
    state.versions.iter().filter(move |version| names.contains(version.name_any().as_str()))
}

/// Nothing that users made is lost.
async fn guard(cluster: &Cluster, definitions: &BTreeSet<String>, made: &[Namespace], what: What) -> Result<(), Error> {
    if what.definitions {
        for name in definitions {
            let Some(definition) = cluster.get::<CustomResourceDefinition>(None, name).await? else { continue };
            let Some(kind) = stored(&definition) else { continue };
            let resources = cluster.list_dynamic(&kind, None, "").await?;
            if let Some(first) = resources.first() {
                return Err(Error::InTheWay {
                    message: format!(
                        "there are resources of {name}, {} for one: with the definition they would be lost; nothing was deleted",
                        first.namespace().map_or(first.name_any(), |it| format!("{it}/{}", first.name_any()))
                    ),
                    help: format!(
                        "delete them first (`kubectl delete {name} --all --all-namespaces`), or leave out --crds"
                    ),
                });
            }
        }
    }
    if what.namespaces {
        for namespace in made {
            let name = namespace.name_any();
            let volumes: Vec<PersistentVolumeClaim> = cluster.list(Some(&name), "").await?;
            if let Some(volume) = volumes.first() {
                return Err(Error::InTheWay {
                    message: format!(
                        "namespace {name} has data, in PersistentVolumeClaim {} for one; nothing was deleted",
                        volume.name_any()
                    ),
                    help: "delete the databases first, or leave out --namespaces".into(),
                });
            }
        }
    }
    Ok(())
}

/// No operator that stays needs a definition.
async fn unshared(
    cluster: &Cluster,
    states: &[(String, State)],
    places: &Places,
    definitions: &BTreeSet<String>,
) -> Result<(), Error> {
    let going: BTreeSet<_> =
        states.iter().flat_map(|(_, state)| installed(state, places)).map(ResourceExt::uid).collect();
    let versions: Vec<ClusterServiceVersion> = cluster.list(None, &format!("!{COPIED}")).await?;
    for other in versions.iter().filter(|other| !is_ours(*other, &places.catalog) && !going.contains(&other.uid())) {
        if let Some(name) = other.spec.owned().into_iter().find(|name| definitions.contains(name)) {
            return Err(Error::InTheWay {
                message: format!(
                    "{} of namespace {} needs {name} too; nothing was deleted",
                    other.name_any(),
                    other.namespace().unwrap_or_default()
                ),
                help: "leave out --crds".into(),
            });
        }
    }
    Ok(())
}

/// OLM sums up an operator's objects in an Operator, and leaves it when they are all gone. While definitions are kept it
/// has still something to sum up, and OLM would make it again.
async fn components(
    cluster: &Cluster,
    report: &dyn Report,
    states: &[(String, State)],
    places: &Places,
) -> Result<(), Error> {
    let kind = ApiResource {
        group: "operators.coreos.com".into(),
        version: "v1".into(),
        api_version: "operators.coreos.com/v1".into(),
        kind: "Operator".into(),
        plural: "operators".into(),
    };
    for name in states.iter().flat_map(|(_, state)| sums(state, places)).collect::<BTreeSet<_>>() {
        if let Some(sum) = cluster.get_dynamic(&kind, None, &name).await?
            && cluster.delete(&kind, &sum).await?
        {
            report.tell(Event::Deleted { object: format!("Operator {name}") });
        }
    }
    Ok(())
}

/// The names of the Operators that OLM made for an installation: it labels what they sum up with them.
fn sums(state: &State, places: &Places) -> BTreeSet<String> {
    let subscriptions = state.subscriptions.iter().filter(|subscription| places.has(subscription));
    let versions = state.versions.iter().filter(|version| is_ours(*version, &places.catalog));
    let labels = subscriptions.map(ResourceExt::labels).chain(versions.map(ResourceExt::labels));
    labels.flat_map(|labels| labels.keys()).filter_map(|key| Some(key.strip_prefix(SUM)?.to_owned())).collect()
}

/// OLM takes the roles that it made for a version, and leaves those of the bundle's own manifests: these have no kind of
/// owner. They are the whole cluster's, as definitions are.
async fn roles(cluster: &Cluster, report: &dyn Report, versions: &BTreeSet<String>) -> Result<(), Error> {
    for version in versions {
        let bundle = format!("olm.managed=true,olm.owner={version},!olm.owner.kind");
        all::<ClusterRoleBinding>(cluster, report, None, &bundle).await?;
        all::<ClusterRole>(cluster, report, None, &bundle).await?;
    }
    Ok(())
}

/// The kind that a definition stores.
fn stored(definition: &CustomResourceDefinition) -> Option<ApiResource> {
    let spec = &definition.spec;
    let version = spec.versions.iter().find(|version| version.storage)?.name.clone();
    Some(ApiResource {
        group: spec.group.clone(),
        api_version: format!("{}/{version}", spec.group),
        version,
        kind: spec.names.kind.clone(),
        plural: spec.names.plural.clone(),
    })
}

/// The Subscriptions first: else OLM would install again what is deleted.
async fn operators(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    places: &Places,
    namespace: &str,
    state: &State,
) -> Result<(), Error> {
    let ours: Vec<&Subscription> = state.subscriptions.iter().filter(|subscription| places.has(subscription)).collect();
    for subscription in &ours {
        delete(cluster, waiter.report(), *subscription).await?;
    }
    let selector = selector(&places.catalog);
    all::<ClusterServiceVersion>(cluster, waiter.report(), Some(namespace), &selector).await?;
    // OLM's garbage collection would take them in its own time; others' plans stay.
    for plan in state.plans.iter().filter(|plan| is_owned_by(plan, &ours)) {
        delete(cluster, waiter.report(), plan).await?;
    }
    gone::<ClusterServiceVersion>(cluster, waiter, Some(namespace), &selector).await
}

/// Whether every owner of a plan is one of these Subscriptions.
fn is_owned_by(plan: &InstallPlan, subscriptions: &[&Subscription]) -> bool {
    let owners = plan.owner_references();
    let ours = |uid: &str| subscriptions.iter().any(|subscription| subscription.uid().as_deref() == Some(uid));
    !owners.is_empty() && owners.iter().all(|owner| ours(&owner.uid))
}

/// Deletes every object of a kind that has these labels.
pub(super) async fn all<K>(
    cluster: &Cluster,
    report: &dyn Report,
    namespace: Option<&str>,
    selector: &str,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + serde::Serialize + serde::de::DeserializeOwned,
{
    for object in cluster.list::<K>(namespace, selector).await? {
        delete(cluster, report, &object).await?;
    }
    Ok(())
}

/// Waits until no object of a kind has these labels.
pub(super) async fn gone<K>(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    namespace: Option<&str>,
    selector: &str,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + serde::de::DeserializeOwned,
{
    let condition = format!("each {} is gone", K::kind(&()));
    let watches = Watches::new().on::<K>(cluster, namespace);
    waiter
        .until(&condition, GONE, &watches, async || {
            let left: Vec<K> = cluster.list(namespace, selector).await?;
            Ok(left.first().map_or(Look::Met(()), |object| Look::NotYet(format!("{} is still there", title(object)))))
        })
        .await
}

/// Deletes an object.
pub(super) async fn delete<K>(cluster: &Cluster, report: &dyn Report, object: &K) -> Result<(), Error>
where
    K: Resource<DynamicType = ()>,
{
    let kind = ApiResource::erase::<K>(&());
    let mut it = kube::api::DynamicObject::new(&object.name_any(), &kind);
    it.metadata.namespace = object.namespace();
    it.metadata.uid = object.uid();
    it.data = Value::Null;
    if cluster.delete(&kind, &it).await? {
        report.tell(Event::Deleted { object: title(object) });
    }
    Ok(())
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
        let places = Places { catalog: "ours".into(), olm_namespace: "olm".into(), namespace: "dbaas".into() };
        assert_eq!(sums(&state, &places), BTreeSet::from(["one.dbaas".to_owned()]));
    }
}
