//! OperatorGroups that prevent the installation of operators.

use kube::ResourceExt;

use super::Trouble;
use super::found::{Found, Topic, list, title};
use crate::install::api::{ClusterServiceVersion, InstallMode, OperatorGroup};
use crate::install::evidence::{Evidence, OVERLAP};
use crate::install::marks::{MANAGED_BY, OWNER};

/// Checks the OperatorGroups in the operators' namespaces.
pub(super) fn find(evidence: &Evidence, found: &mut Found) {
    for namespace in &evidence.scope.namespaces {
        if found.namespaces.contains(namespace) || !evidence.knows("OperatorGroup", Some(namespace)) {
            continue;
        }
        let here = |meta: &kube::api::ObjectMeta| meta.namespace.as_ref() == Some(namespace);
        let groups: Vec<&OperatorGroup> = evidence.groups.iter().filter(|group| here(&group.metadata)).collect();
        let subscribed = evidence.subscriptions.iter().any(|one| here(&one.metadata));
        let csvs: Vec<_> = own(evidence).filter(|csv| here(&csv.metadata)).collect();
        let object = format!("Namespace {namespace}");
        match groups.as_slice() {
            [] if subscribed || !csvs.is_empty() => {
                let message = "it has no OperatorGroup: OLM installs nothing in it".to_owned();
                let help = "`install-catalog install` creates one".to_owned();
                found.namespaces.insert(namespace.clone());
                found.add(Topic::GroupMissing, Trouble { object, message, help });
            }
            [] => {}
            [group] => one(evidence, group, namespace, &csvs, found),
            groups => {
                let names: Vec<&str> = groups.iter().filter_map(|group| group.metadata.name.as_deref()).collect();
                let message =
                    format!("it has {} OperatorGroups, {}: OLM installs nothing in it", names.len(), list(&names));
                let help = format!(
                    "keep the one with the right target namespaces: `kubectl delete operatorgroup -n {namespace} {}`",
                    theirs(groups).or(names.last().copied()).unwrap_or_default()
                );
                found.namespaces.insert(namespace.clone());
                found.add(Topic::TooManyGroups, Trouble { object, message, help });
            }
        }
    }
}

fn one(
    evidence: &Evidence,
    group: &OperatorGroup,
    namespace: &str,
    csvs: &[&ClusterServiceVersion],
    found: &mut Found,
) {
    let object = title("OperatorGroup", &group.metadata);
    let name = group.metadata.name.as_deref().unwrap_or_default();
    let conditions = group.status.iter().flat_map(|status| &status.conditions);
    if conditions.clone().any(|condition| condition.reason.as_deref() == Some("ServiceAccountNotFound")) {
        let message = "its ServiceAccount, which installs operators, does not exist".to_owned();
        let help = format!(
            "create it with the permissions that the operators need, or remove spec.serviceAccountName: `kubectl edit \
             operatorgroup -n {namespace} {name}`"
        );
        found.namespaces.insert(namespace.to_owned());
        found.add(Topic::GroupServiceAccount, Trouble { object: object.clone(), message, help });
    }
    let targets = targets(group);
    for csv in csvs {
        let Some(csv_name) = csv.metadata.name.as_deref() else { continue };
        let modes = &csv.spec.install_modes;
        if let Some(mode) = targets.as_deref().and_then(|targets| unsupported(modes, namespace, targets)) {
            let message = format!(
                "its operators watch {}, but {csv_name} does not support {mode}, only {}",
                watched(targets.as_deref().unwrap_or_default()),
                list(modes.iter().filter(|mode| mode.supported).map(|mode| &mode.kind))
            );
            found.csvs.insert(format!("{namespace}/{csv_name}"));
            found.add(
                Topic::GroupTargets,
                Trouble { object: object.clone(), message, help: other_targets(name, namespace) },
            );
        }
        if csv.status.as_ref().and_then(|status| status.reason.as_deref()) == Some(OVERLAP) {
            let others = overlapping(evidence, namespace, targets.as_deref().unwrap_or_default());
            let others = if others.is_empty() { "another OperatorGroup".to_owned() } else { list(others) };
            let message =
                format!("{csv_name} would watch the same namespaces for the same APIs as an operator of {others}");
            let help =
                "remove one of the two operators, or give the OperatorGroups different target namespaces".to_owned();
            found.csvs.insert(format!("{namespace}/{csv_name}"));
            found.add(Topic::GroupOverlap, Trouble { object: object.clone(), message, help });
        }
    }
}

/// How to fix an OperatorGroup whose namespaces do not fit an operator.
pub(super) fn other_targets(group: &str, namespace: &str) -> String {
    format!(
        "change spec.targetNamespaces: `kubectl edit operatorgroup -n {namespace} {group}`; to change it for one \
         operator only, install that one in its own namespace with `install-catalog install --isolate`"
    )
}

/// The ClusterServiceVersions that are not copies from other namespaces.
pub(super) fn own(evidence: &Evidence) -> impl Iterator<Item = &ClusterServiceVersion> {
    evidence.csvs.iter().filter(|csv| {
        let copied = csv.metadata.labels.as_ref().is_some_and(|labels| labels.contains_key("olm.copiedFrom"));
        let reason = csv.status.as_ref().and_then(|status| status.reason.as_deref());
        !copied && reason != Some("Copied")
    })
}

/// The namespaces that a group's operators watch, one empty name for all; `None` if only OLM knows them.
fn targets(group: &OperatorGroup) -> Option<Vec<String>> {
    match (&group.status, &group.spec.target_namespaces) {
        (Some(status), _) if !status.namespaces.is_empty() => Some(status.namespaces.clone()),
        (_, Some(targets)) if !targets.is_empty() => Some(targets.clone()),
        _ => None,
    }
}

/// The required install mode that an operator does not support, as OLM's `InstallModeSet.Supports` decides it.
fn unsupported(modes: &[InstallMode], namespace: &str, targets: &[String]) -> Option<&'static str> {
    if modes.is_empty() {
        return None;
    }
    let supports = |kind: &str| modes.iter().any(|mode| mode.kind == kind && mode.supported);
    let needed: &[&str] = match targets {
        [] => return None,
        [all] if all.is_empty() => &["AllNamespaces"],
        [one] if one == namespace => &["OwnNamespace"],
        [_] => &["SingleNamespace"],
        many if many.iter().any(|one| one == namespace) => &["MultiNamespace", "OwnNamespace"],
        _ => &["MultiNamespace"],
    };
    let needed = needed.iter().find(|kind| !supports(kind))?;
    ["AllNamespaces", "OwnNamespace", "SingleNamespace", "MultiNamespace"].into_iter().find(|kind| kind == needed)
}

/// The OperatorGroups in other namespaces whose targets overlap with these.
fn overlapping(evidence: &Evidence, namespace: &str, these: &[String]) -> Vec<String> {
    let all = |targets: &[String]| targets.iter().any(String::is_empty);
    let meets = |group: &&OperatorGroup| {
        let others = targets(group).unwrap_or_default();
        group.metadata.namespace.as_deref() != Some(namespace)
            && !others.is_empty()
            && (all(these) || all(&others) || others.iter().any(|other| these.contains(other)))
    };
    evidence.groups.iter().filter(meets).map(|group| title("OperatorGroup", &group.metadata)).collect()
}

/// An OperatorGroup that the installer did not create.
fn theirs<'a>(groups: &[&'a OperatorGroup]) -> Option<&'a str> {
    let ours = |group: &OperatorGroup| group.labels().get(MANAGED_BY).is_some_and(|owner| owner == OWNER);
    groups.iter().find(|group| !ours(group)).and_then(|group| group.metadata.name.as_deref())
}

fn watched(targets: &[String]) -> String {
    match targets {
        [all] if all.is_empty() => "all namespaces".into(),
        [one] => format!("namespace {one}"),
        many => format!("the namespaces {}", list(many)),
    }
}
