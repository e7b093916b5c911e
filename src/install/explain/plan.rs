//! InstallPlans that failed, or that wait for approval.

use super::Trouble;
use super::found::{Found, Topic, list, title, words};
use crate::install::api::{InstallPlan, Subscription};
use crate::install::evidence::{Evidence, is};

/// Checks the plans that Subscriptions wait for. Other plans do not matter.
pub(super) fn find(evidence: &Evidence, found: &mut Found) {
    for plan in &evidence.plans {
        let meta = &plan.metadata;
        let (Some(namespace), Some(name)) = (&meta.namespace, &meta.name) else { continue };
        let waiting: Vec<&Subscription> =
            evidence.subscriptions.iter().filter(|one| waits_for(one, namespace, name)).collect();
        if waiting.is_empty() || found.namespaces.contains(namespace) {
            continue;
        }
        if let Some((topic, (message, help))) = explain(plan, namespace, name, &waiting) {
            found.add(topic, Trouble { object: title("InstallPlan", meta), message, help });
        }
    }
}

/// Whether a Subscription's plan is that one.
pub(super) fn waits_for(subscription: &Subscription, namespace: &str, plan: &str) -> bool {
    let reference = subscription.status.as_ref().and_then(|status| status.install_plan_ref.as_ref());
    subscription.metadata.namespace.as_deref() == Some(namespace)
        && reference.is_some_and(|reference| reference.name.as_deref() == Some(plan))
}

/// The plan that a Subscription refers to, if it exists.
pub(super) fn of<'a>(evidence: &'a Evidence, subscription: &Subscription) -> Option<&'a InstallPlan> {
    let reference = subscription.status.as_ref()?.install_plan_ref.as_ref()?;
    let namespace = subscription.metadata.namespace.as_deref()?;
    evidence.plans.iter().find(|plan| is(&plan.metadata, namespace, reference.name.as_deref().unwrap_or_default()))
}

fn explain(
    plan: &InstallPlan,
    namespace: &str,
    name: &str,
    waiting: &[&Subscription],
) -> Option<(Topic, (String, String))> {
    let status = plan.status.as_ref()?;
    let csvs = list(&plan.spec.cluster_service_version_names);
    let mut conditions = status.conditions.iter().filter(|condition| condition.status == "False");
    let said = conditions.find_map(|condition| condition.message.as_deref()).or(status.message.as_deref());
    let said = words(said.unwrap_or_default());
    match status.phase.as_str() {
        "Failed" => {
            let said = if said.is_empty() { "OLM gives no reason".to_owned() } else { said };
            let help = format!(
                "{}, then let OLM create a new InstallPlan: `kubectl delete installplan -n {namespace} {name}`",
                mend(&said)
            );
            Some((Topic::PlanFailed, (format!("the installation of {csvs} failed: {said}"), help)))
        }
        "Installing" if !said.is_empty() => {
            let help = format!("{}; OLM retries automatically", mend(&said));
            Some((Topic::PlanFailed, (format!("the installation of {csvs} is stuck: {said}"), help)))
        }
        "RequiresApproval" if !plan.spec.approved => {
            // A waiting upgrade is not a problem: the operator runs.
            let first = |one: &&&Subscription| one.status.as_ref().is_none_or(|status| status.installed_csv.is_none());
            let packages: Vec<&str> = waiting.iter().filter(first).map(|one| one.spec.name.as_str()).collect();
            if packages.is_empty() {
                return None;
            }
            let message = format!("the installation of {csvs} waits for approval");
            let help = format!(
                "`install-catalog upgrades` shows its changes, `install-catalog approve {}` approves it",
                packages.join(" ")
            );
            Some((Topic::Approval, (message, help)))
        }
        _ => None,
    }
}

/// The remedy for a message of the cluster.
fn mend(said: &str) -> &'static str {
    if said.contains("too restrictive") || said.contains("error validating existing CRs") {
        "change the named resource to be valid under the new CRD"
    } else if said.contains("risk of data loss") {
        "migrate the stored resources to a version that the new CRD still has, and remove the old version from the \
         CRD's status.storedVersions"
    } else if said.contains("exceeded quota") {
        "raise the quota"
    } else if said.contains("is forbidden") || said.contains("cannot create") || said.contains("cannot get") {
        "grant that permission to OLM, or to the OperatorGroup's ServiceAccount"
    } else if said.contains("admission webhook") || said.contains("denied the request") {
        "ask the owner of that policy for an exception"
    } else {
        "fix the reported problem"
    }
}
