//! ClusterServiceVersions: the phases from their creation to their replacement.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::operator_group::{annotations, unsupported};
use super::store::{Kind, Object, is_going, list, name, namespace, now, text, uid};

/// The start of the current phase of each, by uid.
pub(super) type Phases = BTreeMap<String, (String, Instant)>;

/// A phase, its reason and its message.
type Next = (&'static str, String, String);

fn kind() -> Kind {
    Kind::olm("ClusterServiceVersion")
}

fn next(phase: &'static str, reason: &str, message: &str) -> Result<Option<Next>> {
    Ok(Some((phase, reason.to_owned(), message.to_owned())))
}

/// Reasons of failures that disappear when the OperatorGroup matches.
const GROUP_REASONS: [&str; 4] =
    ["NoOperatorGroup", "TooManyOperatorGroups", "UnsupportedOperatorGroup", "NoTargetNamespaces"];

/// The reason if operators of two groups conflict.
const CONFLICT: &str = "InterOperatorGroupOwnerConflict";

impl Player {
    pub(super) async fn csvs(&mut self) -> Result<()> {
        let all: Vec<Object> = self.csvs.all().filter(|csv| !is_going(csv) && !is_copy(csv)).cloned().collect();
        self.phases.retain(|known, _| all.iter().any(|csv| uid(csv) == known));
        for csv in &all {
            self.csv(csv).await?;
        }
        Ok(())
    }

    /// OLM's Operator adopts the objects of a Subscription: the label stays when the Subscription is deleted.
    async fn adopt(&self, csv: &Object) -> Result<()> {
        let owner = self.subscriptions.all().find(|subscription| {
            namespace(subscription) == namespace(csv) && text(&subscription["status"]["installedCSV"]) == name(csv)
        });
        let Some(owner) = owner else { return Ok(()) };
        let operator: String =
            format!("{}.{}", text(&owner["spec"]["name"]), namespace(csv)).chars().take(63).collect();
        let label = format!("operators.coreos.com/{}", operator.trim_end_matches(['-', '.', '_']));
        if csv["metadata"]["labels"].get(&label).is_none() {
            self.server.patch(&kind(), csv, "", json!({"metadata": {"labels": {label: ""}}})).await?;
        }
        Ok(())
    }

    async fn csv(&mut self, csv: &Object) -> Result<()> {
        self.adopt(csv).await?;
        let status = &csv["status"];
        let phase = text(&status["phase"]).to_owned();
        let since = self.phases.entry(uid(csv).to_owned()).or_insert_with(|| (phase.clone(), Instant::now()));
        if since.0 != phase {
            *since = (phase.clone(), Instant::now());
        }
        if since.1.elapsed() < self.settings.phase_delay {
            return Ok(());
        }
        let Some((phase, reason, message)) = self.next_phase(csv, &phase).await? else { return Ok(()) };
        if status["phase"] == phase && status["reason"] == reason && status["message"] == message {
            return Ok(());
        }
        let mut status = status.clone();
        if status["phase"] != phase {
            status["lastTransitionTime"] = json!(now());
        }
        status["phase"] = json!(phase);
        status["reason"] = json!(reason);
        status["message"] = json!(message);
        status["lastUpdateTime"] = json!(now());
        let mut conditions = list(&status["conditions"]).to_vec();
        conditions.push(json!({
            "phase": phase, "reason": reason, "message": message,
            "lastTransitionTime": status["lastTransitionTime"], "lastUpdateTime": now(),
        }));
        status["conditions"] = json!(conditions);
        if ["Pending", "InstallReady"].contains(&phase) {
            status["requirementStatus"] = self.requirements(csv).await?.1;
        }
        self.server.set_status(&kind(), csv, &status).await.map(drop)
    }

    async fn next_phase(&self, csv: &Object, phase: &str) -> Result<Option<Next>> {
        if let Some((failing, reason, message)) = &self.settings.csv_fails
            && failing == name(csv)
            && ["InstallReady", "Installing", "Failed"].contains(&phase)
        {
            return next("Failed", reason, message);
        }
        let group = match self.group_of(namespace(csv)) {
            Ok(group) => group,
            Err(0) => return next("Failed", "NoOperatorGroup", "csv in namespace with no operatorgroups"),
            Err(_) => {
                let message = "csv created in namespace with multiple operatorgroups, can't pick one automatically";
                return next("Failed", "TooManyOperatorGroups", message);
            }
        };
        let wanted = annotations(group);
        let differs = |(key, value): (&String, &Value)| csv["metadata"]["annotations"][key] != *value;
        if wanted.as_object().into_iter().flatten().any(differs) {
            self.server.patch(&kind(), csv, "", json!({"metadata": {"annotations": wanted}})).await?;
            return Ok(None);
        }
        if let Some(why) = unsupported(csv, group) {
            return next("Failed", "UnsupportedOperatorGroup", &why);
        }
        let may_conflict = ["", "Pending"].contains(&phase) || text(&csv["status"]["reason"]) == CONFLICT;
        if may_conflict && self.conflicts(csv, group) {
            return next("Failed", CONFLICT, "intersecting operatorgroups provide the same apis");
        }
        match phase {
            "" => next("Pending", "RequirementsUnknown", "requirements not yet checked"),
            "Pending" => self.pending(csv).await,
            "InstallReady" => {
                self.deploy(csv).await?;
                next("Installing", "InstallSucceeded", "waiting for install components to report healthy")
            }
            "Installing" => match self.waiting_for(csv) {
                Some(why) => next("Installing", "InstallWaiting", &format!("installing: {why}")),
                None => next("Succeeded", "InstallSucceeded", "install strategy completed with no errors"),
            },
            "Succeeded" => self.succeeded(csv),
            "Failed" => self.failed(csv).await,
            "Replacing" => match self.replacement(csv) {
                Some(new) if self.replaced(csv).is_none() && new["status"]["phase"] == "Succeeded" => {
                    let message = "has been replaced by a newer ClusterServiceVersion that has successfully installed.";
                    next("Deleting", "Replaced", message)
                }
                _ => Ok(None),
            },
            "Deleting" => self.server.delete(&kind(), namespace(csv), name(csv)).await.map(|()| None),
            _ => Ok(None),
        }
    }

    async fn pending(&self, csv: &Object) -> Result<Option<Next>> {
        if !self.requirements(csv).await?.0 {
            return next("Pending", "RequirementsNotMet", "one or more requirements couldn't be found");
        }
        if self.replaced(csv).is_some_and(|old| old["status"]["phase"] != "Replacing") {
            return Ok(None);
        }
        next("InstallReady", "AllRequirementsMet", "all requirements found, attempting install")
    }

    fn succeeded(&self, csv: &Object) -> Result<Option<Next>> {
        if let Some(new) = self.replacement(csv) {
            return next("Replacing", "BeingReplaced", &format!("being replaced by csv: {}", name(new)));
        }
        match self.waiting_for(csv) {
            Some(why) => next("Failed", "ComponentUnhealthy", &format!("installing: {why}")),
            None => Ok(None),
        }
    }

    async fn failed(&self, csv: &Object) -> Result<Option<Next>> {
        let reason = text(&csv["status"]["reason"]);
        if reason == CONFLICT {
            let message = "OperatorGroup no longer intersecting with conflicting owner";
            return next("Pending", "RequirementsUnknown", message);
        }
        if GROUP_REASONS.contains(&reason) {
            return next("Pending", "RequirementsUnknown", "InstallModes now support target namespaces");
        }
        if !self.requirements(csv).await?.0 {
            return next("Pending", "RequirementsNotMet", "requirements not met");
        }
        match self.waiting_for(csv) {
            Some(why) => next("Pending", "NeedsReinstall", &format!("installing: {why}")),
            None => next("Pending", "RequirementsUnknown", "requirements not yet checked"),
        }
    }

    /// The one that replaces this one.
    fn replacement(&self, csv: &Value) -> Option<&Object> {
        let mut others = self.csvs.within(namespace(csv));
        others.find(|other| !is_copy(other) && other["spec"]["replaces"] == name(csv) && name(other) != name(csv))
    }

    /// The one that this one replaces, as long as it exists.
    fn replaced(&self, csv: &Value) -> Option<&Object> {
        self.csvs.get(namespace(csv), text(&csv["spec"]["replaces"])).filter(|old| !is_copy(old))
    }
}

/// Whether it is only a copy of an operator in another namespace.
pub(super) fn is_copy(csv: &Value) -> bool {
    !csv["metadata"]["labels"]["olm.copiedFrom"].is_null()
}
