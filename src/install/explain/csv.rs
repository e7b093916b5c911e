//! Operators that are not installed, or do not run: their ClusterServiceVersions.

use serde_json::Value;

use super::Trouble;
use super::found::{Found, Topic, list, title, words};
use super::group::{other_targets, own};
use super::pull::Whose;
use super::{refused, workload};
use crate::install::api::{ClusterServiceVersion, ClusterServiceVersionStatus, Requirement};
use crate::install::evidence::{Evidence, is};

/// Checks the ClusterServiceVersions in the operators' namespaces.
pub(super) fn find(evidence: &Evidence, found: &mut Found) {
    for csv in own(evidence) {
        let meta = &csv.metadata;
        let (Some(namespace), Some(name)) = (&meta.namespace, &meta.name) else { continue };
        let known = found.namespaces.contains(namespace) || found.csvs.contains(&format!("{namespace}/{name}"));
        if known || !evidence.scope.namespaces.contains(namespace) {
            continue;
        }
        let Some(status) = &csv.status else {
            if !found.olm {
                let message = "OLM has not processed it yet".to_owned();
                let help = logs(evidence);
                found.add(Topic::NoReaction, Trouble { object: title("ClusterServiceVersion", meta), message, help });
            }
            continue;
        };
        if matches!(status.phase.as_str(), "Replacing" | "Deleting") {
            continue;
        }
        let troubles = explain(evidence, csv, status, namespace);
        found.extend(troubles);
    }
}

fn logs(evidence: &Evidence) -> String {
    format!("check OLM's log: `kubectl logs -n {} deployment/olm-operator`", evidence.olm)
}

fn explain(
    evidence: &Evidence,
    csv: &ClusterServiceVersion,
    status: &ClusterServiceVersionStatus,
    namespace: &str,
) -> Vec<(Topic, Trouble)> {
    let object = title("ClusterServiceVersion", &csv.metadata);
    let said = words(status.message.as_deref().unwrap_or_default());
    let one = |topic, message, help| vec![(topic, Trouble { object: object.clone(), message, help })];
    let ended = matches!(status.phase.as_str(), "Failed" | "Pending" | "Unknown");
    match status.reason.as_deref().unwrap_or_default() {
        "NoOperatorGroup" if ended => {
            one(Topic::GroupMissing, said, "`install-catalog install` creates an OperatorGroup".into())
        }
        "TooManyOperatorGroups" if ended => one(
            Topic::TooManyGroups,
            said,
            format!("keep one OperatorGroup: `kubectl get operatorgroups -n {namespace}`"),
        ),
        "UnsupportedOperatorGroup" | "NoTargetNamespaces" if ended => {
            one(Topic::GroupTargets, said, other_targets("", namespace))
        }
        "InterOperatorGroupOwnerConflict" | "CannotModifyStaticOperatorGroupProvidedAPIs" if ended => one(
            Topic::GroupOverlap,
            said,
            "give the OperatorGroups different target namespaces, or remove one of the operators".into(),
        ),
        "RequirementsNotMet" if ended => requirements(object, csv, status),
        "OwnerConflict" if ended => {
            let owners = owners(evidence, csv);
            let message = if owners.is_empty() {
                format!("another operator in the namespace already provides its APIs: {said}")
            } else {
                format!("another operator in the namespace already owns its CRDs: {}", list(&owners))
            };
            let help =
                format!("keep one of the two: `kubectl get subscriptions,clusterserviceversions -n {namespace}`");
            one(Topic::OwnerConflict, message, help)
        }
        "OperatorConditionNotUpgradeable" => one(
            Topic::Upgradeable,
            format!("the running operator currently blocks its upgrade: {said}"),
            "wait until the operator has finished its work; `kubectl get operatorconditions` shows its conditions"
                .into(),
        ),
        _ => {
            let mut troubles = deployments(evidence, csv, namespace);
            if troubles.is_empty() && matches!(status.phase.as_str(), "Failed" | "Unknown") {
                troubles.push(failed(evidence, object, namespace, status, &said));
            }
            troubles
        }
    }
}

/// The problems of the operator's Deployments.
fn deployments(evidence: &Evidence, csv: &ClusterServiceVersion, namespace: &str) -> Vec<(Topic, Trouble)> {
    let names = csv.spec.install.spec.deployments.iter().map(|deployment| deployment.name.as_str());
    let found = names.filter_map(|name| evidence.deployments.iter().find(|one| is(&one.metadata, namespace, name)));
    found.flat_map(|deployment| workload::explain(evidence, deployment, Whose::Operator(""))).collect()
}

/// A failure that no Deployment explains.
fn failed(
    evidence: &Evidence,
    object: String,
    namespace: &str,
    status: &ClusterServiceVersionStatus,
    said: &str,
) -> (Topic, Trouble) {
    let reason = status.reason.as_deref().unwrap_or_default();
    if reason.starts_with("InstallComponentFailed") {
        if said.contains("exceeded quota") || said.contains("denied the request") {
            return refused::explain(object, namespace, said);
        }
        let help = if reason.ends_with("NoRetry") {
            "OLM does not retry: fix the reported problem, delete the ClusterServiceVersion and its Subscription, and \
             install again"
                .to_owned()
        } else {
            format!("fix the reported problem, then OLM retries automatically; {}", logs(evidence))
        };
        return (
            Topic::Component,
            Trouble { object, message: format!("the operator was not installed: {said}"), help },
        );
    }
    let message = match (reason, said) {
        ("InstallCheckFailed", said) => format!("the operator did not become ready in time: {said}"),
        ("", "") => "the operator failed".to_owned(),
        (reason, "") => format!("the operator failed: {reason}"),
        (_, said) => format!("the operator failed: {said}"),
    };
    (Topic::CsvFailed, Trouble { object, message, help: logs(evidence) })
}

/// The requirements that are missing.
fn requirements(
    object: String,
    csv: &ClusterServiceVersion,
    status: &ClusterServiceVersionStatus,
) -> Vec<(Topic, Trouble)> {
    let met = |requirement: &&Requirement| requirement.status != "Present" && requirement.status != "Satisfied";
    let missing: Vec<&Requirement> = status.requirements.iter().filter(met).collect();
    let alongside =
        missing.iter().find_map(|one| one.message.as_deref()?.strip_prefix("CRD installed alongside other CSV(s): "));
    if let Some(others) = alongside {
        let message = format!("another operator in the namespace already owns its CRDs: {others}");
        let help =
            "remove one of the two operators, or install them in namespaces that only one of them watches".to_owned();
        return vec![(Topic::OwnerConflict, Trouble { object, message, help })];
    }
    let missing_names = missing.iter().map(|requirement| {
        let said = requirement.message.as_deref().map(words).filter(|said| !said.is_empty());
        let rules = requirement.dependents.iter().filter(|dependent| dependent.status == "NotSatisfied");
        let rules: Vec<String> = rules.filter_map(|dependent| dependent.message.as_deref()).map(rule).collect();
        match (rules.is_empty(), said) {
            (false, _) => format!("{} {} lacks {}", requirement.kind, requirement.name, list(rules)),
            // The message of a version already contains all of it.
            (true, Some(said)) if requirement.kind == "ClusterServiceVersion" => said,
            (true, Some(said)) => format!("{} {} ({said})", requirement.kind, requirement.name),
            (true, None) => format!("{} {}", requirement.kind, requirement.name),
        }
    });
    let message = match missing.len() {
        0 => "its requirements are not met".to_owned(),
        _ => format!("its requirements are not met: {}", list(missing_names)),
    };
    let of = |kind: &str| missing.iter().any(|requirement| requirement.kind == kind);
    let owned = |requirement: &&&Requirement| csv.spec.owned().any(|name| name == requirement.name);
    let help = if missing
        .iter()
        .any(|requirement| requirement.message.as_deref().is_some_and(|m| m.contains("minKubeVersion")))
    {
        "upgrade Kubernetes, or install an older version of the operator with --version".to_owned()
    } else if let Some(stuck) = missing
        .iter()
        .filter(owned)
        .find(|requirement| requirement.status == "PresentNotSatisfied" || requirement.status == "NotAvailable")
    {
        format!(
            "the API server does not serve the CRD yet; `kubectl describe crd {}` shows why, and any change to it \
             makes the API server check again",
            stuck.name
        )
    } else if missing.iter().filter(owned).count() > 0 {
        "its own CRDs were deleted: delete the ClusterServiceVersion and its Subscription, and install again".into()
    } else if of("CustomResourceDefinition") || of("APIService") {
        "install the operator that provides them".into()
    } else if of("ServiceAccount") {
        "allow OLM, or the OperatorGroup's ServiceAccount, to grant these permissions".into()
    } else {
        "OLM continues once they exist".into()
    };
    vec![(Topic::Requirements, Trouble { object, message, help })]
}

/// `get and list secrets`, from `namespaced rule:{"verbs":["get","list"],"apiGroups":[""],"resources":["secrets"]}`.
fn rule(said: &str) -> String {
    let parsed =
        said.split_once("rule:").and_then(|(scope, rule)| Some((scope, serde_json::from_str::<Value>(rule).ok()?)));
    let Some((scope, rule)) = parsed else { return words(said) };
    let texts = |key: &str| rule[key].as_array().into_iter().flatten().filter_map(Value::as_str);
    let objects = if rule["resources"].is_array() { texts("resources") } else { texts("nonResourceURLs") };
    let group =
        texts("apiGroups").find(|group| !group.is_empty()).map(|group| format!(" of {group}")).unwrap_or_default();
    let place = if scope.trim() == "cluster" { " in all namespaces" } else { "" };
    format!("{} {}{group}{place}", list(texts("verbs")), list(objects))
}

/// The operators that own the same CRDs.
fn owners(evidence: &Evidence, csv: &ClusterServiceVersion) -> Vec<String> {
    let mut owners = Vec::new();
    for other in own(evidence) {
        let same = other.metadata.namespace == csv.metadata.namespace && other.metadata.name != csv.metadata.name;
        let replaced = csv.spec.replaces == other.metadata.name;
        let shared: Vec<String> = csv.spec.owned().filter(|name| other.spec.owned().any(|one| one == *name)).collect();
        if same && !replaced && !shared.is_empty() {
            let name = other.metadata.name.as_deref().unwrap_or_default();
            owners.push(format!("{} belongs to {name}", list(&shared)));
        }
    }
    owners
}
