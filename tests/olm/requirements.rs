//! The requirements of a ClusterServiceVersion before it is installed.

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::store::{Kind, list, name, namespace, now, text, uid};

impl Player {
    /// Whether all requirements are met, and which ones.
    pub(super) async fn requirements(&self, csv: &Value) -> Result<(bool, Value)> {
        let mut found = Vec::new();
        let crds = &csv["spec"]["customresourcedefinitions"];
        for wanted in list(&crds["owned"]).iter().chain(list(&crds["required"])) {
            let definition = self.server.get(&Kind::definition(), "", text(&wanted["name"])).await?;
            let (status, message) = match &definition {
                None => ("NotPresent", "CRD is not present"),
                Some(definition) if !is_established(definition) => {
                    // The API server checks a definition when it changes, and sometimes forgets one whose names it has
                    // just accepted. On a real cluster people solve that.
                    let touch = json!({"metadata": {"annotations": {"touched": now()}}});
                    self.server.patch(&Kind::definition(), definition, "", touch).await?;
                    ("NotAvailable", "CRD is present but the Established condition is False (not available)")
                }
                Some(definition) if !serves(definition, text(&wanted["version"])) => {
                    ("NotPresent", "CRD version not served")
                }
                Some(_) => ("Present", "CRD is present and Established condition is true"),
            };
            let mut requirement = json!({
                "group": "apiextensions.k8s.io", "version": "v1", "kind": "CustomResourceDefinition",
                "name": wanted["name"], "status": status, "message": message,
            });
            if let Some(definition) = &definition {
                requirement["uuid"] = json!(uid(definition));
            }
            found.push(requirement);
        }
        let strategy = &csv["spec"]["install"]["spec"];
        let accounts = list(&strategy["permissions"]).iter().chain(list(&strategy["clusterPermissions"]));
        let mut accounts: Vec<&str> = accounts.map(|one| text(&one["serviceAccountName"])).collect();
        accounts.sort_unstable();
        accounts.dedup();
        for account in accounts {
            let there = self.server.get(&Kind::new("v1", "ServiceAccount"), namespace(csv), account).await?.is_some();
            found.push(json!({
                "group": "", "version": "v1", "kind": "ServiceAccount", "name": account,
                "status": if there { "Present" } else { "NotPresent" },
                "message": if there { "" } else { "Service account does not exist" },
            }));
        }
        found.push(json!({
            "group": "operators.coreos.com", "version": "v1alpha1", "kind": "ClusterServiceVersion", "name": name(csv),
            "status": "Present", "message": "CSV minKubeVersion is not above the server's version",
        }));
        let met = found.iter().all(|requirement| requirement["status"] == "Present");
        Ok((met, json!(found)))
    }
}

fn is_established(definition: &Value) -> bool {
    let conditions = list(&definition["status"]["conditions"]);
    conditions.iter().any(|condition| condition["type"] == "Established" && condition["status"] == "True")
}

fn serves(definition: &Value, version: &str) -> bool {
    list(&definition["spec"]["versions"]).iter().any(|one| one["name"] == version && one["served"] == true)
}
