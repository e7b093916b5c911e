//! Removes OLM from a cluster, as far as the installer installed it.

use std::collections::BTreeSet;
use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, RoleBinding};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::ResourceExt;

use crate::install::api::{CatalogSource, ClusterServiceVersion, OperatorGroup, Subscription};
use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::install::marks::{MANAGED_BY, OWNER, is_of_olm, is_ours, title_of};
use crate::install::places::Places;
use crate::install::state::State;
use crate::install::wait::{Look, Waiter};
use crate::install::watches::Watches;

use super::contents::{named, of_others};
use super::delete::{all, delete, gone, gone_but};
use super::servers;

/// OLM's own operator, which serves the packages.
const PACKAGE_SERVER: &str = "packageserver";
/// The namespace for cluster-wide operators that OLM's manifests also contain. The part of the API that OLM's package
/// server extends.
const PACKAGES: &str = "v1.packages.operators.coreos.com";
const OPERATORS: &str = "operators";
/// How long OLM may take to remove its package server.
const GONE: Duration = Duration::from_secs(120);

/// Checks that nobody else needs OLM: no Subscription, version, OperatorGroup or CatalogSource may exist except those
/// of the installation (versions by their uids) and those that came with OLM, and OLM's namespaces must contain nothing
/// else.
///
/// # Errors
/// [`Error::InTheWay`] with those that need it. Also if the API server does not answer, or a permission is missing.
pub(super) async fn unused(
    cluster: &Cluster,
    places: &Places,
    states: &[(String, State)],
    going: &BTreeSet<Option<String>>,
) -> Result<(), Error> {
    let namespaces = namespaces(cluster, places).await?;
    if !namespaces.iter().any(|namespace| namespace.name_any() == places.olm_namespace) {
        return Err(Error::InTheWay {
            message: "OLM was not installed by install-catalog; nothing was deleted".into(),
            help: "run it without --olm".into(),
        });
    }
    let goes = |namespace: Option<String>| {
        let namespace = namespace.unwrap_or_default();
        states.iter().any(|(name, _)| *name == namespace)
    };
    let mut users = Vec::new();
    for other in cluster.list::<Subscription>(None, "").await? {
        if !(places.has(&other) && goes(other.namespace())) {
            users.push(title_of(&other));
        }
    }
    for other in cluster.list::<ClusterServiceVersion>(None, "!olm.copiedFrom").await? {
        let of_olm = other.name_any() == PACKAGE_SERVER;
        let marked = is_ours(&other, &places.catalog) && goes(other.namespace());
        if !(of_olm || marked || going.contains(&other.uid())) {
            users.push(title_of(&other));
        }
    }
    for other in cluster.list::<OperatorGroup>(None, "").await? {
        let ours = is_ours(&other, &places.catalog) && goes(other.namespace());
        if !ours && !is_of_olm(&other) {
            users.push(title_of(&other));
        }
    }
    for other in cluster.list::<CatalogSource>(None, "").await? {
        if !is_ours(&other, &places.catalog) && !is_of_olm(&other) {
            users.push(title_of(&other));
        }
    }
    servers::answer(cluster, Some(PACKAGES)).await?;
    for namespace in namespaces.iter().map(ResourceExt::name_any) {
        let others = of_others(cluster, &namespace, &places.catalog).await?;
        users.extend(others.into_iter().map(|object| format!("{object} in namespace {namespace}")));
    }
    users.sort();
    users.dedup();
    if users.is_empty() {
        return Ok(());
    }
    Err(Error::InTheWay {
        message: format!("OLM or its namespaces are still used by {}; nothing was deleted", named(&users)),
        help: "run it without --olm".into(),
    })
}

/// Removes OLM: first, while it still runs, what it created, then itself, then its CRDs.
///
/// # Errors
/// No answer, a missing permission, or objects that are not deleted in time.
pub(super) async fn remove(cluster: &Cluster, waiter: &Waiter<'_>, places: &Places) -> Result<(), Error> {
    let (report, namespace, ours) = (waiter.report(), Some(places.olm_namespace.as_str()), ours());
    // While its server is being removed, every request to its API would fail, including those of a namespace's
    // deletion.
    if let Some(service) = cluster.get::<APIService>(None, PACKAGES).await? {
        delete(cluster, report, &service).await?;
    }
    if let Some(server) = cluster.get::<ClusterServiceVersion>(namespace, PACKAGE_SERVER).await? {
        delete(cluster, report, &server).await?;
    }
    let watches = Watches::new().on::<Deployment>(cluster, namespace);
    let server = waiter.until("OLM's package server is deleted", GONE, &watches, async || {
        let server = cluster.get::<Deployment>(namespace, PACKAGE_SERVER).await?;
        Ok(server.map_or(Look::Met(()), |_| Look::NotYet("its Deployment still exists".into())))
    });
    match server.await {
        // An OLM that does not run cannot clean up.
        Err(Error::NotReady { .. }) => {
            if let Some(server) = cluster.get::<Deployment>(namespace, PACKAGE_SERVER).await? {
                delete(cluster, report, &server).await?;
            }
        }
        other => other?,
    }
    all::<CatalogSource>(cluster, report, namespace, &ours).await?;
    all::<OperatorGroup>(cluster, report, None, &ours).await?;
    all::<Deployment>(cluster, report, namespace, &ours).await?;
    all::<CustomResourceDefinition>(cluster, report, None, &ours).await?;
    gone::<CustomResourceDefinition>(cluster, waiter, None, &ours).await?;
    all::<ServiceAccount>(cluster, report, namespace, &ours).await?;
    all::<ClusterRoleBinding>(cluster, report, None, &ours).await?;
    all::<ClusterRole>(cluster, report, None, &ours).await?;
    // The objects that OLM created for OperatorGroups and for its package server. Roles of other operators' versions
    // stay.
    for made in ["olm.owner.kind=OperatorGroup", "olm.owner=packageserver"] {
        all::<ClusterRoleBinding>(cluster, report, None, made).await?;
        all::<ClusterRole>(cluster, report, None, made).await?;
    }
    // The package server's permission to read how the API server's requests are authenticated.
    all::<RoleBinding>(cluster, report, Some("kube-system"), "olm.managed=true,olm.owner=packageserver").await?;
    let namespaces = namespaces(cluster, places).await?;
    for namespace in &namespaces {
        delete(cluster, report, namespace).await?;
    }
    let names: BTreeSet<String> = namespaces.iter().map(ResourceExt::name_any).collect();
    gone_but::<Namespace>(cluster, waiter, None, &ours, &|namespace| names.contains(&namespace.name_any())).await
}

/// The namespaces in OLM's own manifests, if the installer wrote them. A label alone is not enough: others may set it.
async fn namespaces(cluster: &Cluster, places: &Places) -> Result<Vec<Namespace>, Error> {
    let mut found: Vec<Namespace> = cluster.list(None, &ours()).await?;
    found.retain(|namespace| [places.olm_namespace.as_str(), OPERATORS].contains(&namespace.name_any().as_str()));
    Ok(found)
}

/// The objects that the installer created for OLM. The objects of its catalogs have one more label, and are deleted
/// before.
fn ours() -> String {
    format!("{MANAGED_BY}={OWNER},!app.kubernetes.io/part-of")
}
