//! Catalogs that are not served, and their pods.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;

use super::Trouble;
use super::found::{Found, Topic, title, words};
use super::pull::Whose;
use super::{pod, refused};
use crate::install::api::{CatalogSource, CatalogSourceStatus};
use crate::install::evidence::{Evidence, is};

/// The label of a catalog's pods.
const SERVES: &str = "olm.catalogSource";
/// The label of the pod of a newer image, which replaces the other pod once it is ready.
const UPDATES: &str = "catalogsource.operators.coreos.com/update";

/// Checks the catalog of the scope, and those that its Subscriptions name.
pub(super) fn find(evidence: &Evidence, found: &mut Found) {
    let scope = &evidence.scope;
    let mut names = BTreeSet::from([(scope.olm_namespace.as_str(), scope.catalog.as_str())]);
    names.extend(
        evidence.subscriptions.iter().map(|one| (one.spec.source_namespace.as_str(), one.spec.source.as_str())),
    );
    for (namespace, name) in names {
        if found.namespaces.contains(namespace) {
            found.catalogs.insert(format!("{namespace}/{name}"));
            continue;
        }
        match evidence.catalog(namespace, name) {
            Some(catalog) => explain(evidence, catalog, namespace, name, found),
            None if scope.all().contains(&namespace) && evidence.knows("CatalogSource", Some(namespace)) => {
                missing(evidence, namespace, name, found);
            }
            None => {}
        }
    }
}

fn missing(evidence: &Evidence, namespace: &str, name: &str, found: &mut Found) {
    let object = format!("CatalogSource {namespace}/{name}");
    let users =
        evidence.subscriptions.iter().filter(|one| one.spec.source == name && one.spec.source_namespace == namespace);
    let message = match users.count() {
        0 => "it does not exist: nothing of this catalog is installed".to_owned(),
        1 => "it does not exist, but a Subscription names it".to_owned(),
        number => format!("it does not exist, but {number} Subscriptions name it"),
    };
    let help = "`install-catalog install --image …` creates it; use --catalog and --olm-namespace to name another one"
        .to_owned();
    found.catalogs.insert(format!("{namespace}/{name}"));
    found.add(Topic::CatalogMissing, Trouble { object, message, help });
}

fn explain(evidence: &Evidence, catalog: &CatalogSource, namespace: &str, name: &str, found: &mut Found) {
    let key = format!("{namespace}/{name}");
    let status = catalog.status.clone().unwrap_or_default();
    let state = status.connection_state.as_ref().and_then(|state| state.last_observed_state.as_deref());
    let pods = |label: &'static str| {
        evidence.pods.iter().filter(move |pod| {
            let labels = pod.metadata.labels.as_ref();
            pod.metadata.namespace.as_deref() == Some(namespace)
                && labels.and_then(|labels| labels.get(label)).is_some_and(|value| value == name)
        })
    };
    let of_pods = |label| pods(label).find_map(|pod: &Pod| pod::explain(evidence, pod, Whose::Catalog(&key)));
    // An evicted pod may still exist next to the one that serves.
    let trouble = if pods(SERVES).any(pod::is_well) { None } else { of_pods(SERVES) };
    let unserved = trouble.is_some();
    found.extend(trouble.or_else(|| of_pods(UPDATES)));
    if state == Some("READY") && !unserved {
        return;
    }
    found.catalogs.insert(key);
    if unserved {
        return;
    }
    let object = title("CatalogSource", &catalog.metadata);
    if let Some((topic, trouble)) = told(&object, namespace, &evidence.olm, &status) {
        found.add(topic, trouble);
        return;
    }
    // If OLM itself has a problem, nobody serves or queries the catalog.
    if found.olm {
        return;
    }
    let logs = |what: &str| format!("check OLM's log: `kubectl logs -n {} {what}`", evidence.olm);
    let (topic, message, help) = match pods(SERVES).next() {
        None if !evidence.knows("Pod", Some(namespace)) => {
            let message =
                format!("OLM cannot reach the catalog: its connection is {}", state.unwrap_or("not opened yet"));
            (Topic::CatalogNotServed, message, logs("deployment/catalog-operator"))
        }
        None if status == CatalogSourceStatus::default() => {
            let message = "OLM has not processed it yet".to_owned();
            (Topic::NoReaction, message, logs("deployment/catalog-operator"))
        }
        None => {
            let message = "OLM has not created a pod for the catalog".to_owned();
            (Topic::CatalogPodMissing, message, logs("deployment/catalog-operator"))
        }
        Some(pod) if !pod::is_well(pod) => {
            let object = title("Pod", &pod.metadata);
            let message = format!("the catalog is not served yet: {object} is not ready");
            let help = "wait a minute and check again".to_owned();
            (Topic::CatalogNotServed, message, help)
        }
        Some(_) => {
            let service = evidence.services.iter().any(|service| is(&service.metadata, namespace, name));
            if !service && evidence.knows("Service", Some(namespace)) {
                let message = "its pod runs, but its Service does not exist".to_owned();
                let help = format!(
                    "delete the catalog's pod; OLM then creates both again: `kubectl delete pod -n {namespace} -l \
                     {SERVES}={name}`"
                );
                (Topic::CatalogNotServed, message, help)
            } else {
                let message = format!(
                    "its pod runs, but OLM cannot reach it: its connection is {}",
                    state.unwrap_or("not opened yet")
                );
                let help = format!(
                    "check that no NetworkPolicy blocks OLM from port 50051 of the pod, and check the pod's log: \
                     `kubectl logs -n {namespace} -l {SERVES}={name}`"
                );
                (Topic::CatalogNotServed, message, help)
            }
        }
    };
    found.add(topic, Trouble { object, message, help });
}

/// OLM's own message in the status.
fn told(object: &str, namespace: &str, olm: &str, status: &CatalogSourceStatus) -> Option<(Topic, Trouble)> {
    let said = status.message.as_deref().map(words).filter(|said| !said.is_empty())?;
    let (topic, message, help) = match status.reason.as_deref() {
        Some("SpecInvalidError" | "InvalidIntervalError") => (
            Topic::CatalogInvalid,
            format!("OLM rejected it: {said}"),
            "correct its spec; `install-catalog install` writes a valid one".to_owned(),
        ),
        _ if said.contains("is forbidden") || said.contains("denied the request") => {
            let (topic, mut trouble) = refused::explain(object.to_owned(), namespace, &said);
            if topic == Topic::PodSecurity {
                trouble.help = "set spec.grpcPodConfig.securityContextConfig to restricted; `install-catalog install` \
                                sets it"
                    .into();
            }
            return Some((topic, trouble));
        }
        _ => (
            Topic::CatalogNotServed,
            format!("OLM cannot serve it: {said}"),
            format!("check OLM's log: `kubectl logs -n {olm} deployment/catalog-operator`"),
        ),
    };
    Some((topic, Trouble { object: object.to_owned(), message, help }))
}
