//! The deployments of a ClusterServiceVersion.

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::rbac::owner_labels;
use super::store::{Kind, list, name, namespace, owned_by, text};

impl Player {
    /// Creates the deployments, or takes over those of an earlier version.
    pub(super) async fn deploy(&self, csv: &Value) -> Result<()> {
        let subscription =
            self.subscriptions.within(namespace(csv)).find(|one| one["status"]["currentCSV"] == name(csv));
        let config = subscription.map(|one| one["spec"]["config"].clone()).unwrap_or_default();
        for deployment in list(&csv["spec"]["install"]["spec"]["deployments"]) {
            self.server.apply(&of_csv(csv, deployment, &config)).await?;
        }
        Ok(())
    }

    /// Why the deployments are not ready yet, in OLM's words.
    pub(super) fn waiting_for(&self, csv: &Value) -> Option<String> {
        list(&csv["spec"]["install"]["spec"]["deployments"]).iter().find_map(|wanted| {
            let wanted = text(&wanted["name"]);
            let Some(deployment) = self.deployments.get(namespace(csv), wanted) else {
                return Some(format!("missing deployment with name={wanted}"));
            };
            let why = if deployment["metadata"]["generation"] != deployment["status"]["observedGeneration"] {
                format!("waiting for spec update of deployment \"{wanted}\" to be observed...")
            } else {
                let mut conditions = list(&deployment["status"]["conditions"]).iter();
                match conditions.find(|condition| condition["type"] == "Available") {
                    Some(condition) if condition["status"] == "True" => return None,
                    Some(condition) => {
                        format!("deployment \"{wanted}\" not available: {}", text(&condition["message"]))
                    }
                    None => format!("deployment \"{wanted}\" not available: missing condition \"Available\""),
                }
            };
            Some(format!("waiting for deployment {wanted} to become ready: {why}"))
        })
    }
}

/// A deployment as OLM creates it.
pub(super) fn of_csv(csv: &Value, deployment: &Value, config: &Value) -> Value {
    let mut spec = deployment["spec"].clone();
    spec["revisionHistoryLimit"] = json!(1);
    let template = &mut spec["template"];
    for (key, value) in csv["metadata"]["annotations"].as_object().into_iter().flatten() {
        template["metadata"]["annotations"][key] = value.clone();
    }
    let mut env = list(&config["env"]).to_vec();
    env.push(json!({"name": "OPERATOR_CONDITION_NAME", "value": name(csv)}));
    for container in template["spec"]["containers"].as_array_mut().into_iter().flatten() {
        let mut all = list(&container["env"]).to_vec();
        all.retain(|old| !env.iter().any(|new| new["name"] == old["name"]));
        all.extend(env.clone());
        container["env"] = json!(all);
    }
    let mut labels = owner_labels(csv);
    for (key, value) in deployment["label"].as_object().into_iter().flatten() {
        labels[key] = value.clone();
    }
    json!({
        "apiVersion": Kind::deployment().api_version, "kind": "Deployment",
        "metadata": {"name": deployment["name"], "namespace": namespace(csv), "labels": labels,
                     "ownerReferences": [owned_by(csv)]},
        "spec": spec,
    })
}
