//! Objects that could not be read.

use std::collections::{BTreeMap, BTreeSet};

use super::Trouble;
use super::found::{Found, Topic, list, words};
use crate::install::evidence::Evidence;

/// Permissions that the user lacks.
pub(super) fn missing(evidence: &Evidence, found: &mut Found) {
    let mut by_place: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for unread in evidence.unread.iter().filter(|unread| unread.forbidden) {
        let place = unread.namespace.as_ref().map_or("Cluster".to_owned(), |name| format!("Namespace {name}"));
        let missing = permission(&unread.message).unwrap_or_else(|| words(&unread.message));
        by_place.entry(place).or_default().insert(missing);
    }
    for (object, permissions) in by_place {
        let message = format!("not everything could be checked; missing permissions: {}", list(permissions));
        let help = "grant them and check again: `install-catalog rbac` prints the roles".to_owned();
        found.add(Topic::Permission, Trouble { object, message, help });
    }
}

/// The package server that does not answer.
pub(super) fn package_server(evidence: &Evidence, found: &mut Found) {
    let silent = |kind: &str, forbidden: bool| kind == "PackageManifest" && !forbidden;
    let Some(unread) = evidence.unread.iter().find(|unread| silent(&unread.kind, unread.forbidden)) else { return };
    let namespace = &evidence.olm;
    // The reason why its Deployment does not run was already reported.
    if found.olm || found.has(&format!("{namespace}/packageserver")) {
        return;
    }
    let message = format!("OLM's package server does not answer: {}", words(&unread.message));
    let help = "to see why: `kubectl describe apiservice v1.packages.operators.coreos.com`".to_owned();
    let object = "APIService v1.packages.operators.coreos.com".to_owned();
    found.add(Topic::PackageServer, Trouble { object, message, help });
}

/// `list pods`, from `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "y"`.
fn permission(said: &str) -> Option<String> {
    let (_, rest) = said.split_once(" cannot ")?;
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (resource, rest) = rest.split_once('"')?;
    let group =
        rest.split_once("API group \"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(group, _)| group);
    let dot = if group.is_empty() { "" } else { "." };
    Some(format!("{verb} {resource}{dot}{group}"))
}
