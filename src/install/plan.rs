//! InstallPlans, as they really behave, and the next step in a namespace.
//!
//! Subscriptions that are created one after another result in several plans. A later plan contains the pending bundles
//! of all of them. An earlier plan is abandoned, sometimes without status or steps, and approving it has no effect. A
//! plan is therefore chosen by what it installs, never only by a Subscription's reference, and exactly the plan that
//! was inspected is approved.

use std::collections::BTreeSet;

use kube::ResourceExt;
use serde_json::{Value, json};

use super::api::{ClusterServiceVersion, InstallPlan, Step};
use super::cluster::Cluster;
use super::error::Error;
use super::report::{Event, Report};
use super::state::State;
use super::wait::Look;

/// The phase of a plan that waits for approval.
pub const REQUIRES_APPROVAL: &str = "RequiresApproval";
/// The phase of a plan that cannot be carried out.
const FAILED: &str = "Failed";
/// The phase of a version that runs.
pub const SUCCEEDED: &str = "Succeeded";
/// The reasons of failures that OLM does not retry. Source: the condition reasons of operator-framework/api.
const FINAL_REASONS: [&str; 3] = ["InterOperatorGroupOwnerConflict", "InvalidInstallModes", "OwnerConflict"];

/// The phase of a plan that was carried out.
const COMPLETE: &str = "Complete";

/// The next step for Subscriptions that are installed for the first time.
#[derive(Debug)]
pub enum Next<'s> {
    /// They all run.
    Done,
    /// OLM works on this stage, in this state.
    Wait(Stage, String),
    /// This plan installs them.
    Approve(&'s InstallPlan),
    /// The plan that would install them does more than that, and the user has not seen the rest.
    Held {
        /// The plan.
        plan: &'s InstallPlan,
        /// The other bundles that it installs.
        more: Vec<&'s str>,
    },
    /// This cannot succeed without help.
    Failed(String),
}

/// OLM's stages, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// OLM chooses bundles.
    Resolve,
    /// OLM creates a plan that installs them all.
    Plan,
    /// OLM executes the plan.
    Run,
}

/// Finds the next step for these Subscriptions of a namespace, by their names.
#[must_use]
pub fn next<'s>(wanted: &[String], state: &'s State) -> Next<'s> {
    let mut pending = BTreeSet::new();
    let mut waiting = None;
    for name in wanted {
        let Some(subscription) = state.subscription(name) else {
            return Next::Failed(format!("Subscription {name} was deleted in the meantime"));
        };
        match (state.installed(subscription), state.pending(subscription)) {
            (Some(installed), _) => match running(installed, state) {
                Look::Met(()) => {}
                Look::NotYet(seen) => waiting = waiting.or(Some(seen)),
                Look::Never(why) => return Next::Failed(why),
            },
            (None, Some(bundle)) if was_deleted(state, subscription) => {
                return Next::Failed(format!(
                    "ClusterServiceVersion {bundle} was deleted, and OLM does not create it again: delete Subscription \
                     {name} and run install again"
                ));
            }
            (None, Some(bundle)) => drop(pending.insert(bundle)),
            (None, None) => return Next::Wait(Stage::Resolve, unresolved(name, subscription)),
        }
    }
    if pending.is_empty() {
        return waiting.map_or(Next::Done, |seen| Next::Wait(Stage::Run, seen));
    }
    let Some(plan) = newest(state, |plan| carries(plan, &pending)) else {
        let pending = pending.into_iter().collect::<Vec<_>>().join(", ");
        return Next::Wait(Stage::Plan, format!("no InstallPlan yet for {pending}"));
    };
    let more = unasked(plan, &pending, state);
    match (is_waiting(plan), more.is_empty()) {
        (true, true) => Next::Approve(plan),
        (true, false) => Next::Held { plan, more },
        (false, _) => match carried_out(plan, &pending, state) {
            Look::Never(why) => Next::Failed(why),
            Look::NotYet(seen) => Next::Wait(Stage::Run, seen),
            Look::Met(()) => Next::Wait(Stage::Run, "the Subscriptions do not show yet what is installed".into()),
        },
    }
}

/// Whether somebody deleted the version that a Subscription names. The version existed: its plan was complete before
/// the versions were read.
fn was_deleted(state: &State, subscription: &super::api::Subscription) -> bool {
    let Some(deleted) = state.deleted(subscription) else { return false };
    let complete = |plan: &InstallPlan| plan.status.as_ref().is_some_and(|status| status.phase == COMPLETE);
    newest(state, |plan| carries(plan, &BTreeSet::from([deleted]))).is_some_and(complete)
}

/// Whether a plan waits for approval, and approving it would have an effect.
#[must_use]
pub fn is_waiting(plan: &InstallPlan) -> bool {
    let Some(status) = &plan.status else { return false };
    !plan.spec.approved && status.phase == REQUIRES_APPROVAL && !status.plan.is_empty()
}

/// The newest plan that is not empty.
pub fn newest(state: &State, fits: impl Fn(&InstallPlan) -> bool) -> Option<&InstallPlan> {
    let whole = |plan: &&InstallPlan| plan.status.as_ref().is_some_and(|status| !status.plan.is_empty());
    let plans = state.plans.iter().filter(whole).filter(|plan| fits(plan));
    plans.max_by_key(|plan| (plan.spec.generation, plan.creation_timestamp().map(|time| time.0), plan.name_any()))
}

/// Whether a plan installs all of these bundles.
#[must_use]
pub fn carries(plan: &InstallPlan, bundles: &BTreeSet<&str>) -> bool {
    let names = &plan.spec.cluster_service_version_names;
    bundles.iter().all(|bundle| names.iter().any(|name| name == bundle))
}

/// The bundles of a plan that are neither requested nor dependencies: upgrades and installs of the namespace's other
/// Subscriptions.
fn unasked<'s>(plan: &'s InstallPlan, pending: &BTreeSet<&str>, state: &State) -> Vec<&'s str> {
    let names = plan.spec.cluster_service_version_names.iter().map(String::as_str);
    let others: BTreeSet<&str> = state.subscriptions.iter().filter_map(|other| state.pending(other)).collect();
    names.filter(|name| !pending.contains(name) && others.contains(name)).collect()
}

/// The progress of an approved plan for some of its bundles.
#[must_use]
pub fn carried_out(plan: &InstallPlan, bundles: &BTreeSet<&str>, state: &State) -> Look<()> {
    let status = plan.status.clone().unwrap_or_default();
    let name = plan.name_any();
    if status.phase == FAILED {
        let conditions = status.conditions.iter().filter_map(|condition| condition.message.as_deref());
        let why = status.message.as_deref().into_iter().chain(conditions).find(|why| !why.is_empty());
        return Look::Never(format!("InstallPlan {name} failed: {}", why.unwrap_or("OLM gives no reason")));
    }
    let mut waiting = None;
    for bundle in bundles {
        match running(bundle, state) {
            Look::Met(()) => {}
            Look::Never(why) => return Look::Never(why),
            Look::NotYet(seen) => waiting = waiting.or(Some(seen)),
        }
    }
    match waiting {
        Some(seen) if state.versions.iter().any(|version| bundles.contains(version.name_any().as_str())) => {
            Look::NotYet(seen)
        }
        Some(_) => Look::NotYet(format!("InstallPlan {name} is {}", phase_or(&status.phase, "approved"))),
        None => Look::Met(()),
    }
}

/// Whether a version runs.
fn running(name: &str, state: &State) -> Look<()> {
    let Some(version) = state.version(name) else { return Look::NotYet(format!("{name} does not exist")) };
    let status = version.status.clone().unwrap_or_default();
    if status.phase == SUCCEEDED {
        return Look::Met(());
    }
    let reason = status.reason.clone().unwrap_or_default();
    let seen = format!("{name} is {}{}", phase_or(&status.phase, "new"), because(version));
    if status.phase == FAILED && FINAL_REASONS.contains(&reason.as_str()) {
        Look::Never(seen)
    } else {
        Look::NotYet(seen)
    }
}

fn phase_or<'p>(phase: &'p str, none: &'p str) -> &'p str {
    if phase.is_empty() { none } else { phase }
}

fn because(version: &ClusterServiceVersion) -> String {
    let Some(status) = &version.status else { return String::new() };
    match (status.reason.as_deref(), status.message.as_deref()) {
        (Some(reason), Some(message)) if !message.is_empty() => format!(" ({reason}: {message})"),
        (Some(reason), _) if !reason.is_empty() => format!(" ({reason})"),
        _ => String::new(),
    }
}

/// Why OLM has not chosen a bundle for a Subscription yet.
fn unresolved(name: &str, subscription: &super::api::Subscription) -> String {
    let conditions = subscription.status.iter().flat_map(|status| &status.conditions);
    let standing = conditions.filter(|condition| condition.status == "True").map(|condition| {
        let message = condition.message.as_deref().or(condition.reason.as_deref()).unwrap_or_default();
        format!("{}: {message}", condition.kind)
    });
    let standing: Vec<_> = standing.collect();
    if standing.is_empty() {
        format!("Subscription {name} is not resolved")
    } else {
        format!("Subscription {name} is not resolved ({})", standing.join("; "))
    }
}

/// Approves a plan in exactly the state that was inspected. Returns false if it has changed since.
///
/// # Errors
/// If the API server does not answer, or a permission is missing.
pub async fn approve(cluster: &Cluster, report: &dyn Report, plan: &InstallPlan) -> Result<bool, Error> {
    let (namespace, name) = (plan.namespace().unwrap_or_default(), plan.name_any());
    let patch = approval(plan);
    match cluster.patch::<InstallPlan>(Some(&namespace), &name, &patch).await {
        Ok(()) => {
            let bundles = plan.spec.cluster_service_version_names.clone();
            report.tell(Event::Approved { plan: format!("{namespace}/{name}"), bundles });
            Ok(true)
        }
        Err(Error::Conflict { .. } | Error::Refused { code: 404, .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The resource version makes the API server refuse it if the plan has changed since.
fn approval(plan: &InstallPlan) -> Value {
    json!({"metadata": {"resourceVersion": plan.resource_version()}, "spec": {"approved": true}})
}

/// Whether another plan contains all steps of a plan unchanged. The names of roles, bindings and service accounts that
/// OLM generates may differ: those are compared without their names.
#[must_use]
pub fn brings_no_more(plan: &InstallPlan, than: &InstallPlan) -> bool {
    let objects = |plan: &InstallPlan| -> BTreeSet<(String, String, String)> {
        let steps = plan.status.iter().flat_map(|status| &status.plan);
        steps.map(|step| content(&step.resource.kind, &step.resource.name, &step.resource.manifest)).collect()
    };
    objects(plan).is_subset(&objects(than))
}

/// The kinds whose objects OLM may rename.
const RENAMED: [&str; 5] = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount"];

/// A step's object: its kind, its name if it is significant, and its contents.
fn content(kind: &str, name: &str, manifest: &str) -> (String, String, String) {
    if !RENAMED.contains(&kind) {
        return (kind.to_owned(), name.to_owned(), manifest.to_owned());
    }
    let Ok(mut value) = serde_json::from_str::<Value>(manifest) else {
        return (kind.to_owned(), name.to_owned(), manifest.to_owned());
    };
    if let Some(meta) = value["metadata"].as_object_mut() {
        meta.remove("name");
        meta.remove("ownerReferences");
    }
    if kind.ends_with("Binding") {
        value["roleRef"]["name"] = Value::Null;
    }
    (kind.to_owned(), String::new(), value.to_string())
}

/// The steps of a plan for objects of a kind.
pub fn steps<'p>(plan: &'p InstallPlan, kind: &'p str) -> impl Iterator<Item = &'p Step> {
    plan.status.iter().flat_map(|status| &status.plan).filter(move |step| step.resource.kind == kind)
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::*;

    fn object<K: DeserializeOwned>(value: Value) -> K {
        serde_json::from_value(value).unwrap()
    }

    fn subscription(name: &str, installed: Option<&str>, current: Option<&str>) -> Value {
        json!({
            "apiVersion": "operators.coreos.com/v1alpha1", "kind": "Subscription",
            "metadata": {"name": name},
            "spec": {"name": name, "source": "c", "sourceNamespace": "olm"},
            "status": {"installedCSV": installed, "currentCSV": current},
        })
    }

    fn plan(name: &str, generation: u32, phase: &str, bundles: &[&str]) -> Value {
        json!({
            "apiVersion": "operators.coreos.com/v1alpha1", "kind": "InstallPlan",
            "metadata": {"name": name, "resourceVersion": "7"},
            "spec": {"approval": "Manual", "approved": false, "generation": generation,
                     "clusterServiceVersionNames": bundles},
            "status": {"phase": phase, "plan": [{"resolving": bundles[0]}]},
        })
    }

    fn version(name: &str, phase: &str, reason: &str) -> Value {
        json!({
            "apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion",
            "metadata": {"name": name}, "spec": {}, "status": {"phase": phase, "reason": reason},
        })
    }

    fn state(subscriptions: &[Value], plans: &[Value], versions: &[Value]) -> State {
        State {
            subscriptions: subscriptions.iter().cloned().map(object).collect(),
            plans: plans.iter().cloned().map(object).collect(),
            versions: versions.iter().cloned().map(object).collect(),
        }
    }

    fn told(wanted: &[&str], state: &State) -> String {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        match next(&wanted, state) {
            Next::Done => "done".to_owned(),
            Next::Wait(stage, _) => format!("wait {stage:?}"),
            Next::Approve(plan) => format!("approve {}", plan.name_any()),
            Next::Held { plan, more } => format!("held {} {}", plan.name_any(), more.join(",")),
            Next::Failed(_) => "failed".to_owned(),
        }
    }

    #[test]
    fn a_plan_must_carry_all_that_is_pending() {
        let two = [subscription("a", None, Some("a.v1")), subscription("b", None, Some("b.v1"))];
        let first = plan("first", 1, REQUIRES_APPROVAL, &["a.v1"]);
        let second = plan("second", 2, REQUIRES_APPROVAL, &["a.v1", "b.v1"]);
        assert_eq!(told(&["a", "b"], &state(&two, std::slice::from_ref(&first), &[])), "wait Plan");
        assert_eq!(told(&["a", "b"], &state(&two, &[second.clone(), first.clone()], &[])), "approve second");
        // An even newer plan without steps is empty.
        let mut shell = plan("shell", 3, "", &["a.v1", "b.v1"]);
        shell["status"] = Value::Null;
        assert_eq!(told(&["a", "b"], &state(&two, &[second, shell, first], &[])), "approve second");
    }

    #[test]
    fn nothing_is_approved_that_nobody_asked_for() {
        let both = [subscription("a", None, Some("a.v1")), subscription("b", Some("b.v1"), Some("b.v2"))];
        let plans = [plan("both", 4, REQUIRES_APPROVAL, &["a.v1", "b.v2"])];
        let running = [version("b.v1", SUCCEEDED, "")];
        assert_eq!(told(&["a"], &state(&both, &plans, &running)), "held both b.v2");
        assert_eq!(told(&["b"], &state(&both, &plans, &running)), "done");
        // A dependency of another bundle is included.
        let alone = [subscription("a", None, Some("a.v1"))];
        let plans = [plan("more", 4, REQUIRES_APPROVAL, &["a.v1", "needed.v1"])];
        assert_eq!(told(&["a"], &state(&alone, &plans, &[])), "approve more");
    }

    #[test]
    fn what_olm_does_not_try_again_has_failed() {
        let one = [subscription("a", Some("a.v1"), Some("a.v1"))];
        let with = |phase: &str, reason: &str| state(&one, &[], &[version("a.v1", phase, reason)]);
        assert_eq!(told(&["a"], &with("Failed", "InvalidInstallModes")), "failed");
        // OLM checks again once the OperatorGroup is correct.
        assert_eq!(told(&["a"], &with("Failed", "UnsupportedOperatorGroup")), "wait Run");
        assert_eq!(told(&["a"], &with("Failed", "NoOperatorGroup")), "wait Run");
        assert_eq!(told(&["a"], &with("Failed", "InstallCheckFailed")), "wait Run");
        assert_eq!(told(&["a"], &with(SUCCEEDED, "InstallSucceeded")), "done");
        let plans = [plan("bad", 1, FAILED, &["a.v1"])];
        let mut approved = plans.clone();
        approved[0]["spec"]["approved"] = true.into();
        let pending = [subscription("a", None, Some("a.v1"))];
        assert_eq!(told(&["a"], &state(&pending, &approved, &[])), "failed");
    }

    #[test]
    fn a_plan_that_takes_anothers_place_brings_no_more() {
        let with = |steps: &[(&str, &str, &str)]| -> InstallPlan {
            let mut plan = plan("p", 1, REQUIRES_APPROVAL, &["a.v1"]);
            let step = |(kind, name, manifest): &(&str, &str, &str)| json!({"resource": {"kind": kind, "name": name, "manifest": manifest}});
            plan["status"]["plan"] = steps.iter().map(step).collect();
            object(plan)
        };
        let (version, definition) =
            (("ClusterServiceVersion", "a.v1", "{1}"), ("CustomResourceDefinition", "as.io", "{2}"));
        let accepted = with(&[version, definition, ("Role", "a.v1-x", "{}")]);
        assert!(brings_no_more(&accepted, &accepted));
        assert!(brings_no_more(&with(&[definition, ("Role", "a.v1-y", "{}"), version]), &accepted));
        assert!(!brings_no_more(&with(&[version, ("Role", "a.v1-x", r#"{"rules": [{"verbs": ["*"]}]}"#)]), &accepted));
        assert!(!brings_no_more(&with(&[version, ("Secret", "s", "{}")]), &accepted));
        assert!(brings_no_more(&with(&[version]), &accepted));
        assert!(!brings_no_more(&with(&[version, ("ClusterServiceVersion", "b.v1", "{}")]), &accepted));
        assert!(!brings_no_more(&with(&[("ClusterServiceVersion", "a.v1", "{other}"), definition]), &accepted));
        assert!(!brings_no_more(&with(&[version, ("CustomResourceDefinition", "as.io", "{other}")]), &accepted));
    }

    #[test]
    fn an_approval_is_for_the_plan_as_it_was_seen() {
        let plan: InstallPlan = object(plan("p", 1, REQUIRES_APPROVAL, &["a.v1"]));
        assert_eq!(approval(&plan), json!({"metadata": {"resourceVersion": "7"}, "spec": {"approved": true}}));
    }
}
