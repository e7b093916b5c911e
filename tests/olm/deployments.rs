//! Deployments on a cluster where no pod runs: they get the status that they would have.

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::store::{Kind, Object, is_going, list, now};

impl Player {
    pub(super) async fn deployments(&mut self) -> Result<()> {
        if self.has_node() {
            return Ok(());
        }
        let all: Vec<Object> = self.deployments.all().filter(|one| !is_going(one)).cloned().collect();
        for deployment in &all {
            let owner = &deployment["metadata"]["labels"]["olm.owner"];
            let is_operators = !owner.is_null() && owner != "packageserver";
            let held = self.settings.hold_deployments && is_operators;
            if held != is_unavailable(deployment) || !is_observed(deployment) {
                self.server.set_status(&Kind::deployment(), deployment, &status(deployment, !held)).await?;
            }
        }
        Ok(())
    }
}

fn is_observed(deployment: &Value) -> bool {
    deployment["metadata"]["generation"] == deployment["status"]["observedGeneration"]
}

fn is_unavailable(deployment: &Value) -> bool {
    let conditions = list(&deployment["status"]["conditions"]);
    !conditions.iter().any(|condition| condition["type"] == "Available" && condition["status"] == "True")
}

/// The status of a deployment whose pods run, or do not get ready.
pub(super) fn status(deployment: &Value, available: bool) -> Value {
    let replicas = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
    let condition = |kind: &str, is: bool, reason: &str, message: &str| {
        json!({"type": kind, "status": if is { "True" } else { "False" }, "reason": reason, "message": message,
               "lastTransitionTime": now(), "lastUpdateTime": now()})
    };
    let mut status = json!({
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": replicas, "updatedReplicas": replicas,
    });
    if available {
        (status["readyReplicas"], status["availableReplicas"]) = (json!(replicas), json!(replicas));
        status["conditions"] = json!([
            condition("Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability."),
            condition("Progressing", true, "NewReplicaSetAvailable", "ReplicaSet has successfully progressed."),
        ]);
    } else {
        status["unavailableReplicas"] = json!(replicas);
        let message = "Deployment does not have minimum availability.";
        status["conditions"] = json!([
            condition("Available", false, "MinimumReplicasUnavailable", message),
            condition("Progressing", true, "ReplicaSetUpdated", "ReplicaSet is progressing."),
        ]);
    }
    status
}
