//! Installs OLM on a cluster, with server-side apply: its CRDs are too large for the default mode of `kubectl apply`.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ApiResource, GroupVersionKind};
use kube::discovery::{self, Scope};
use serde_json::Value;

use super::manifests::Manifests;
use super::{Olm, State};
use crate::install::cluster::{Action, Cluster};
use crate::install::error::Error;
use crate::install::marks::{MANAGED_BY, OWNER, is_managed, title};
use crate::install::report::Event;
use crate::install::wait::{Look, Waiter};
use crate::install::watches::Watches;

/// How long the API server may take to serve new CRDs.
const ESTABLISHED: Duration = Duration::from_secs(60);
/// How long OLM's programs may take to be pulled and to start.
const RUNNING: Duration = Duration::from_secs(300);

/// Applies the manifests and waits until OLM runs. Existing objects of others are kept, and only missing ones are
/// added; with [`Cluster::force_conflicts`] theirs are corrected too.
///
/// # Errors
/// A missing permission, an object that is rejected, or a timeout.
pub async fn setup(cluster: &Cluster, waiter: &Waiter<'_>, manifests: &Manifests) -> Result<(), Error> {
    let mut kinds = Kinds::default();
    for definition in &manifests.definitions {
        kinds.apply(cluster, waiter, definition).await?;
    }
    if cluster.is_dry_run() {
        let message = "what OLM's own kinds are for cannot be checked before they are there".to_owned();
        waiter.report().tell(Event::Note { message });
        return Ok(());
    }
    await_established(cluster, waiter, manifests).await?;
    for object in &manifests.objects {
        kinds.apply(cluster, waiter, object).await?;
    }
    let namespace = manifests.namespace().unwrap_or("olm");
    await_running(cluster, waiter, namespace).await.map(drop)
}

async fn await_established(cluster: &Cluster, waiter: &Waiter<'_>, manifests: &Manifests) -> Result<(), Error> {
    let names: Vec<_> = manifests.definitions.iter().filter_map(|crd| crd["metadata"]["name"].as_str()).collect();
    let watches = Watches::new().on::<CustomResourceDefinition>(cluster, None);
    waiter
        .until("OLM's CustomResourceDefinitions are Established", ESTABLISHED, &watches, async || {
            let mut left = Vec::new();
            for name in &names {
                let definition = cluster.get::<CustomResourceDefinition>(None, name).await?;
                let status = definition.and_then(|definition| definition.status);
                let mut conditions = status.iter().flat_map(|status| status.conditions.iter().flatten());
                if !conditions.any(|condition| condition.type_ == "Established" && condition.status == "True") {
                    left.push(*name);
                }
            }
            Ok(if left.is_empty() {
                Look::Met(())
            } else {
                Look::NotYet(format!("{} of {} are not Established", left.len(), names.len()))
            })
        })
        .await
}

/// Waits until all of OLM's programs run.
///
/// # Errors
/// [`Error::NotReady`] with the programs that do not run.
pub async fn await_running(cluster: &Cluster, waiter: &Waiter<'_>, namespace: &str) -> Result<Olm, Error> {
    let watches = Watches::new().on::<Deployment>(cluster, Some(namespace));
    waiter
        .until("OLM runs", RUNNING, &watches, async || {
            let olm = Olm::look(cluster, namespace).await?;
            Ok(match olm.state() {
                State::Running => Look::Met(olm),
                _ => Look::NotYet(match (&*olm.missing, &*olm.unavailable) {
                    ([], unavailable) => format!("not available: {}", unavailable.join(", ")),
                    (missing, _) => format!("missing: {}", missing.join(", ")),
                }),
            })
        })
        .await
}

/// A cache of the cluster's kinds.
#[derive(Default)]
struct Kinds(BTreeMap<(String, String), (ApiResource, Scope)>);

impl Kinds {
    async fn apply(&mut self, cluster: &Cluster, waiter: &Waiter<'_>, object: &Value) -> Result<(), Error> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = text(&object["metadata"]["name"]);
        let (kind, scope) = self.kind(cluster, waiter, &text(&object["apiVersion"]), &text(&object["kind"])).await?;
        let namespace = match scope {
            Scope::Namespaced => object["metadata"]["namespace"].as_str(),
            Scope::Cluster => None,
        };
        let there = cluster.get_dynamic(&kind, namespace, &name).await?;
        let is_theirs = there.as_ref().is_some_and(|there| !is_managed(there));
        let mut object = object.clone();
        // The label marks it for deletion when OLM is uninstalled, so objects of others must not have it.
        if !is_theirs {
            object["metadata"]["labels"][MANAGED_BY] = OWNER.into();
        }
        let action = match is_theirs && !cluster.is_forced() {
            true => Action::Unchanged,
            false => cluster.apply_over(there.as_ref(), &kind, namespace, &name, &object).await?,
        };
        waiter.report().tell(Event::Applied { object: title(&kind.kind, namespace, &name), action });
        Ok(())
    }

    /// Not every API server may serve a new kind yet.
    async fn kind(
        &mut self,
        cluster: &Cluster,
        waiter: &Waiter<'_>,
        api_version: &str,
        kind: &str,
    ) -> Result<(ApiResource, Scope), Error> {
        let key = (api_version.to_owned(), kind.to_owned());
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let wanted = GroupVersionKind::gvk(group, version, kind);
        let client = cluster.client();
        let found = waiter
            .until(&format!("{kind} of {api_version} is served"), ESTABLISHED, &Watches::new(), async || {
                match discovery::pinned_kind(&client, &wanted).await {
                    Ok((resource, capabilities)) => Ok(Look::Met((resource, capabilities.scope))),
                    Err(error) => Ok(Look::NotYet(error.to_string())),
                }
            })
            .await?;
        self.0.insert(key, found.clone());
        Ok(found)
    }
}
