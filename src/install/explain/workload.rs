//! Why a Deployment is not available: the problems of its pods, or why it has none.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::ObjectMeta;

use super::Trouble;
use super::found::{Topic, title, words};
use super::pull::Whose;
use super::{pod, refused};
use crate::install::evidence::Evidence;

/// The problems of a Deployment: those of its newest pods, or why it has none. None if all of its pods are new and
/// available, or will be soon.
pub(super) fn explain(evidence: &Evidence, deployment: &Deployment, whose: Whose<'_>) -> Vec<(Topic, Trouble)> {
    if is_complete(deployment) {
        return Vec::new();
    }
    let meta = &deployment.metadata;
    let namespace = meta.namespace.as_deref().unwrap_or_default();
    let account = deployment.spec.template.spec.as_ref().and_then(|spec| spec.service_account_name.clone());
    let account = format!("{namespace}/{}", account.as_deref().unwrap_or("default"));
    let whose = if matches!(whose, Whose::Operator(_)) { Whose::Operator(&account) } else { whose };
    let sets: Vec<&ReplicaSet> = evidence.replica_sets.iter().filter(|set| owned(&set.metadata, meta)).collect();
    let newest = sets.iter().max_by_key(|set| revision(&set.metadata)).copied();
    let pods = evidence.pods.iter().filter(|pod| newest.is_some_and(|set| owned(&pod.metadata, &set.metadata)));
    let mut troubles: Vec<(Topic, Trouble)> = Vec::new();
    for (topic, trouble) in pods.filter_map(|pod: &Pod| pod::explain(evidence, pod, whose)) {
        // All replicas fail in the same way.
        if !troubles.iter().any(|(other, _)| *other == topic) {
            troubles.push((topic, trouble));
        }
    }
    if !troubles.is_empty() {
        return troubles;
    }
    let failure = condition(deployment, "ReplicaFailure").filter(|(status, ..)| *status == "True");
    let event = newest.and_then(|set| {
        evidence
            .warnings("ReplicaSet", &set.metadata)
            .find(|(reason, _)| *reason == "FailedCreate")
            .map(|(_, said)| said)
    });
    if let Some(said) = failure.map(|(_, _, message)| message).or(event) {
        return vec![refused::explain(title("Deployment", meta), namespace, said)];
    }
    match condition(deployment, "Progressing") {
        Some((_, "ProgressDeadlineExceeded", message)) => {
            let help = format!(
                "check its pods: `kubectl get pods -n {namespace}`; `kubectl describe deployment -n {namespace} {}`",
                meta.name.as_deref().unwrap_or_default()
            );
            vec![(Topic::Deployment, Trouble { object: title("Deployment", meta), message: words(message), help })]
        }
        _ => Vec::new(),
    }
}

/// Whether all desired pods exist, are new and available.
pub(super) fn is_complete(deployment: &Deployment) -> bool {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let status = deployment.status.as_ref();
    let number = |of: Option<i32>| of.unwrap_or_default();
    status
        .is_some_and(|status| number(status.updated_replicas) >= wanted && number(status.available_replicas) >= wanted)
}

/// A condition's status, reason and message.
pub(super) fn condition<'a>(deployment: &'a Deployment, kind: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let condition = conditions.iter().find(|condition| condition.type_.as_deref() == Some(kind))?;
    let text = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
    Some((text(&condition.status), text(&condition.reason), text(&condition.message)))
}

/// Whether an object belongs to another one.
pub(super) fn owned(meta: &ObjectMeta, by: &ObjectMeta) -> bool {
    let is = |owner: &OwnerReference| {
        Some(&owner.name) == by.name.as_ref() && by.uid.as_ref().is_none_or(|uid| *uid == owner.uid)
    };
    meta.namespace == by.namespace && meta.owner_references.iter().flatten().any(is)
}

fn revision(meta: &ObjectMeta) -> u64 {
    let annotations = meta.annotations.as_ref();
    annotations.and_then(|all| all.get("deployment.kubernetes.io/revision")?.parse().ok()).unwrap_or_default()
}
