//! Subscriptions that OLM cannot satisfy.

use super::found::{Found, Topic, list, title, words};
use super::resolution;
use super::{Trouble, plan};
use crate::install::api::{Condition, Subscription, SubscriptionStatus};
use crate::install::evidence::{Evidence, is};

/// Checks the Subscriptions in the operators' namespaces.
pub(super) fn find(evidence: &Evidence, found: &mut Found) {
    for subscription in &evidence.subscriptions {
        let namespace = subscription.metadata.namespace.as_deref().unwrap_or_default();
        if evidence.scope.namespaces.iter().any(|one| one == namespace) && !found.namespaces.contains(namespace) {
            explain(evidence, subscription, found);
        }
    }
}

fn explain(evidence: &Evidence, subscription: &Subscription, found: &mut Found) {
    let spec = &subscription.spec;
    let object = title("Subscription", &subscription.metadata);
    let source = format!("{}/{}", spec.source_namespace, spec.source);
    let unserved = found.catalogs.contains(&source);
    let nothing = SubscriptionStatus::default();
    let status = subscription.status.as_ref().unwrap_or(&nothing);
    if *status == nothing {
        if !found.olm && !unserved {
            let message = "OLM has not processed it yet".to_owned();
            let help = format!("check OLM's log: `kubectl logs -n {} deployment/catalog-operator`", evidence.olm);
            found.add(Topic::NoReaction, Trouble { object, message, help });
        }
        return;
    }
    let installed = status.installed_csv.as_deref().filter(|name| !name.is_empty());
    let namespace = subscription.metadata.namespace.as_deref();
    if let Some(installed) = installed
        && status.current_csv.as_deref() == Some(installed)
        && evidence.knows("ClusterServiceVersion", namespace)
        && !evidence.csvs.iter().any(|csv| is(&csv.metadata, namespace.unwrap_or_default(), installed))
    {
        let message = format!("its ClusterServiceVersion {installed} was deleted: OLM does not create it again");
        found.add(Topic::VersionDeleted, Trouble { object: object.clone(), message, help: again(subscription) });
    }
    for condition in status.conditions.iter().filter(|condition| condition.status == "True") {
        let said = words(condition.message.as_deref().unwrap_or_default());
        match condition.kind.as_str() {
            "ResolutionFailed" if !unserved && !follows(&said, found) => {
                found.extend([resolution::explain(evidence, subscription, &said)]);
            }
            "CatalogSourcesUnhealthy" if !unserved && !follows(&said, found) => {
                found.extend(unhealthy(evidence, condition, &said, object.clone()));
            }
            "BundleUnpackFailed" if !found.unpack => {
                let help = format!(
                    "check the Job: `kubectl get jobs,pods -n {} -l {}`; delete it to make OLM retry",
                    spec.source_namespace,
                    super::unpack::JOBS
                );
                found.add(Topic::Unpack, Trouble { object: object.clone(), message: said, help });
            }
            "InstallPlanMissing" => {
                let message = "its InstallPlan was deleted: OLM does not create another one".to_owned();
                let help = again(subscription);
                found.add(Topic::PlanMissing, Trouble { object: object.clone(), message, help });
            }
            // If the plan could be read, it reports this itself.
            "InstallPlanFailed" if plan::of(evidence, subscription).is_none() => {
                let message = format!("its installation failed: {said}");
                let help = again(subscription);
                found.add(Topic::PlanFailed, Trouble { object: object.clone(), message, help });
            }
            _ => {}
        }
    }
}

/// Whether OLM's message is about a catalog whose problem was already reported. Both orders of namespace and name
/// occur.
fn follows(said: &str, found: &Found) -> bool {
    found.catalogs.iter().any(|catalog| {
        let (namespace, name) = catalog.split_once('/').unwrap_or_default();
        said.contains(catalog.as_str()) || said.contains(&format!("{name}/{namespace}"))
    })
}

/// A catalog other than the Subscription's own: OLM resolves nothing in a namespace while any catalog that it sees
/// there is not served.
fn unhealthy(evidence: &Evidence, condition: &Condition, said: &str, object: String) -> Option<(Topic, Trouble)> {
    let state = |name: &str| format!("CatalogSource {name}");
    let others = evidence.catalogs.iter().filter_map(|catalog| {
        let connection = catalog.status.as_ref()?.connection_state.as_ref()?.last_observed_state.as_deref()?;
        (connection != "READY").then(|| title("CatalogSource", &catalog.metadata))
    });
    let others: Vec<String> = others.collect();
    let message = match (condition.reason.as_deref(), said.is_empty()) {
        (Some("NoCatalogSourcesFound"), _) => "OLM sees no CatalogSource at all".to_owned(),
        (_, false) => format!("a catalog is not served: {said}"),
        (_, true) if others.is_empty() => return None,
        (_, true) => format!("catalogs are not served: {}", list(&others)),
    };
    let named = said.split_whitespace().find(|word| word.contains('/')).map(state);
    let which = named.unwrap_or_else(|| list(&others));
    let help = format!("fix or delete {which}: OLM resolves nothing while any of its catalogs is not served");
    Some((Topic::CatalogsUnhealthy, Trouble { object, message, help }))
}

/// How to start a Subscription again.
fn again(subscription: &Subscription) -> String {
    let meta = &subscription.metadata;
    format!(
        "delete the Subscription and install again: `kubectl delete subscription -n {} {}`, then `install-catalog install`",
        meta.namespace.as_deref().unwrap_or_default(),
        meta.name.as_deref().unwrap_or_default()
    )
}
