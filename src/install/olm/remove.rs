//! Takes OLM off a cluster, as far as the installer put it there.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, RoleBinding};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::ResourceExt;

use crate::install::api::{CatalogSource, ClusterServiceVersion, OperatorGroup, Subscription};
use crate::install::before::is_ours;
use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::install::objects::{MANAGED_BY, OWNER};
use crate::install::places::Places;
use crate::install::uninstall::{all, delete, gone};
use crate::install::wait::{Look, Waiter, Watches};

/// OLM's own operator, which serves the packages.
const PACKAGE_SERVER: &str = "packageserver";
/// How long OLM may take to take its package server down.
const GONE: Duration = Duration::from_secs(120);

/// Whether nobody else needs OLM.
///
/// # Errors
/// [`Error::InTheWay`] with who needs it; no answer, a missing permission.
pub async fn unused(cluster: &Cluster, places: &Places) -> Result<(), Error> {
    let subscriptions: Vec<Subscription> = cluster.list(None, "").await?;
    if let Some(other) = subscriptions.iter().find(|other| !is_ours(*other, &places.catalog)) {
        return Err(Error::InTheWay {
            message: format!(
                "OLM is needed by Subscription {}/{}; nothing was deleted",
                other.namespace().unwrap_or_default(),
                other.name_any()
            ),
            help: "leave out --olm".into(),
        });
    }
    let namespaces: Vec<Namespace> = cluster.list(None, &ours()).await?;
    if namespaces.iter().any(|namespace| namespace.name_any() == places.olm_namespace) {
        return Ok(());
    }
    Err(Error::InTheWay {
        message: "OLM was not put there by install-catalog; nothing was deleted".into(),
        help: "leave out --olm".into(),
    })
}

/// Removes OLM: what it made while it still runs, then itself, then its kinds.
///
/// # Errors
/// No answer, a missing permission, what does not go in time.
pub async fn remove(cluster: &Cluster, waiter: &Waiter<'_>, places: &Places) -> Result<(), Error> {
    let (report, namespace, ours) = (waiter.report(), Some(places.olm_namespace.as_str()), ours());
    // While its server goes, every request for what it serves would fail, those of a namespace's deletion too.
    if let Some(service) = cluster.get::<APIService>(None, "v1.packages.operators.coreos.com").await? {
        delete(cluster, report, &service).await?;
    }
    if let Some(server) = cluster.get::<ClusterServiceVersion>(namespace, PACKAGE_SERVER).await? {
        delete(cluster, report, &server).await?;
    }
    let watches = Watches::new().on::<Deployment>(cluster, namespace);
    let server = waiter.until("OLM's package server is gone", GONE, &watches, async || {
        let server = cluster.get::<Deployment>(namespace, PACKAGE_SERVER).await?;
        Ok(server.map_or(Look::Met(()), |_| Look::NotYet("its Deployment is still there".into())))
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
    // What OLM made by itself and labelled so: the roles of OperatorGroups and of its package server.
    all::<ClusterRoleBinding>(cluster, report, None, "olm.owner").await?;
    all::<ClusterRole>(cluster, report, None, "olm.owner").await?;
    // The package server's right to know how the API server's requests are authenticated.
    all::<RoleBinding>(cluster, report, Some("kube-system"), "olm.managed").await?;
    for namespace in cluster.list::<Namespace>(None, &ours).await? {
        delete(cluster, report, &namespace).await?;
    }
    gone::<Namespace>(cluster, waiter, None, &ours).await
}

/// What the installer put there for OLM; the objects of its catalogs have a label more and are gone before.
fn ours() -> String {
    format!("{MANAGED_BY}={OWNER},!app.kubernetes.io/part-of")
}
