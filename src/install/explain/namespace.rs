//! Namespaces that do not exist, or are being deleted.

use super::Trouble;
use super::found::{Found, Topic, words};
use crate::install::evidence::Evidence;

/// Namespaces that are being deleted, and what is left in them.
pub(super) fn terminating(evidence: &Evidence, found: &mut Found) {
    for namespace in &evidence.namespaces {
        let (Some(name), Some(status)) = (&namespace.metadata.name, &namespace.status) else { continue };
        if status.phase.as_deref() != Some("Terminating") && namespace.metadata.deletion_timestamp.is_none() {
            continue;
        }
        let conditions = || status.conditions.iter().flatten().filter(|condition| condition.status == "True");
        let said: Vec<String> = conditions().filter_map(|condition| condition.message.as_deref()).map(words).collect();
        let is = |kind: &str| conditions().any(|condition| condition.type_ == kind);
        let help = if is("NamespaceDeletionDiscoveryFailure") {
            "an aggregated API of the cluster does not answer: `kubectl get apiservices` shows which one; fix or \
             delete it"
                .to_owned()
        } else if is("NamespaceFinalizersRemaining") {
            format!(
                "let the controllers that set the finalizers finish, or remove the finalizers by hand: \
                 `kubectl api-resources --verbs=list --namespaced -o name | xargs -n1 kubectl get -n {name} \
                 --ignore-not-found` shows what is left"
            )
        } else {
            "wait until it is gone, then run the same command again".to_owned()
        };
        let message = match said.is_empty() {
            true => "it is being deleted: nothing can be created in it".to_owned(),
            false => format!("it is being deleted, and nothing can be created in it: {}", said.join("; ")),
        };
        found.namespaces.insert(name.clone());
        found.add(Topic::NamespaceTerminating, Trouble { object: format!("Namespace {name}"), message, help });
    }
}

/// Namespaces of the operators that do not exist.
pub(super) fn missing(evidence: &Evidence, found: &mut Found) {
    let scope = &evidence.scope;
    let nothing_installed = found.catalogs.contains(&format!("{}/{}", scope.olm_namespace, scope.catalog))
        && evidence.subscriptions.is_empty();
    if !evidence.knows("Namespace", None) || nothing_installed {
        return;
    }
    for name in &scope.namespaces {
        if !evidence.namespaces.iter().any(|namespace| namespace.metadata.name.as_ref() == Some(name)) {
            let message = "it does not exist".to_owned();
            let help = "`install-catalog install` creates it; use --namespace to name another one".to_owned();
            found.namespaces.insert(name.clone());
            found.add(Topic::NamespaceMissing, Trouble { object: format!("Namespace {name}"), message, help });
        }
    }
}
