//! Subscriptions: their state and conditions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::store::{Kind, Object, is_going, list, name, namespace, now, text, uid};

/// When a Subscription was first seen, by its uid.
pub(super) type Waits = BTreeMap<String, Instant>;

fn kind() -> Kind {
    Kind::olm("Subscription")
}

impl Player {
    pub(super) async fn subscriptions(&mut self) -> Result<()> {
        let all: Vec<Object> = self.subscriptions.all().filter(|one| !is_going(one)).cloned().collect();
        self.waits.retain(|known, _| all.iter().any(|one| uid(one) == known));
        let namespaces: BTreeSet<&str> = all.iter().map(|one| namespace(one)).collect();
        for within in namespaces {
            let of: Vec<Object> = all.iter().filter(|one| namespace(one) == within).cloned().collect();
            if !self.states(&of).await? {
                self.resolve(within, of).await?;
            }
        }
        Ok(())
    }

    /// Writes the status of each. Returns whether the state of one changed: the next resolution waits for that.
    async fn states(&self, subscriptions: &[Object]) -> Result<bool> {
        let mut changed = false;
        for subscription in subscriptions {
            let mut status = subscription["status"].clone();
            self.state(subscription, &mut status);
            changed |=
                ["state", "installPlanRef", "currentCSV"].iter().any(|at| status[at] != subscription["status"][at]);
            self.conditions(subscription, &mut status);
            write(self, subscription, status).await?;
        }
        Ok(changed)
    }

    fn state(&self, subscription: &Value, status: &mut Value) {
        let plan = text(&status["installPlanRef"]["name"]).to_owned();
        let is_pending = status["state"] == "UpgradePending";
        if is_pending && !plan.is_empty() && self.plans.get(namespace(subscription), &plan).is_none() {
            for field in ["installPlanRef", "installplan", "currentCSV", "state"] {
                status.as_object_mut().map(|status| status.remove(field));
            }
            return;
        }
        let current = text(&status["currentCSV"]).to_owned();
        if current.is_empty() {
            return;
        }
        if self.csvs.get(namespace(subscription), &current).is_some() {
            status["state"] = json!("AtLatestKnown");
            status["installedCSV"] = json!(current);
        } else {
            status["state"] = json!("UpgradePending");
        }
    }

    fn conditions(&self, subscription: &Value, status: &mut Value) {
        let global = self.global_namespace();
        let spec = &subscription["spec"];
        let sources = self.catalogs.all().filter(|source| {
            !is_going(source) && (namespace(source) == global || namespace(source) == namespace(subscription))
        });
        let (mut health, mut unhealthy, mut missing) = (Vec::new(), None, true);
        for source in sources {
            let healthy = source["status"]["connectionState"]["lastObservedState"] == "READY";
            let of = format!("targeted catalogsource {}/{}", namespace(source), name(source));
            if spec["source"] == name(source) && spec["sourceNamespace"] == namespace(source) {
                missing = false;
                if !healthy {
                    unhealthy = Some(format!("{of} unhealthy"));
                }
            } else if !healthy && unhealthy.is_none() {
                unhealthy = Some(String::new());
            }
            health.push(json!({
                "catalogSourceRef": {"apiVersion": source["apiVersion"], "kind": "CatalogSource", "name": name(source),
                                     "namespace": namespace(source), "uid": uid(source)},
                "healthy": healthy, "lastUpdated": now(),
            }));
        }
        if missing {
            let (namespace, name) = (text(&spec["sourceNamespace"]), text(&spec["source"]));
            unhealthy = Some(format!("targeted catalogsource {namespace}/{name} missing"));
        }
        let said = match &unhealthy {
            Some(message) => ("True", "UnhealthyCatalogSourceFound", message.as_str()),
            None => ("False", "AllCatalogSourcesHealthy", "all available catalogsources are healthy"),
        };
        set_condition(status, "CatalogSourcesUnhealthy", Some(said));
        let facts = |health: &[Value]| -> Vec<Value> {
            health.iter().map(|one| json!([one["catalogSourceRef"]["uid"], one["healthy"]])).collect()
        };
        if facts(&health) != facts(list(&status["catalogHealth"])) {
            status["catalogHealth"] = json!(health);
        }
        self.plan_conditions(subscription, status);
    }

    fn plan_conditions(&self, subscription: &Value, status: &mut Value) {
        let (mut pending, mut failed, mut missing) = (None, None, None);
        let reference = text(&status["installPlanRef"]["name"]).to_owned();
        let plan = self.plans.get(namespace(subscription), &reference);
        if let Some(plan) = plan {
            let message = text(&plan["status"]["message"]);
            match text(&plan["status"]["phase"]) {
                "" => pending = Some(("True", "InstallPlanNotYetReconciled", message)),
                "Complete" => {}
                "Failed" => failed = Some(("True", "InstallComponentFailed", message)),
                phase => pending = Some(("True", phase, message)),
            }
        } else if !reference.is_empty() {
            missing = Some(("True", "ReferencedInstallPlanNotFound", ""));
        }
        set_condition(status, "InstallPlanPending", pending);
        set_condition(status, "InstallPlanFailed", failed);
        set_condition(status, "InstallPlanMissing", missing);
    }

    /// Sets the same condition on several Subscriptions.
    pub(super) async fn say(&self, to: &[Object], condition: &str, said: Option<(&str, &str, &str)>) -> Result<()> {
        for subscription in to {
            let mut status = subscription["status"].clone();
            set_condition(&mut status, condition, said);
            write(self, subscription, status).await?;
        }
        Ok(())
    }

    /// The namespace of global catalogs: that of OLM.
    pub(super) fn global_namespace(&self) -> String {
        let mut deployments = self.deployments.all();
        let olm = deployments.find(|deployment| name(deployment) == "catalog-operator");
        olm.map_or_else(|| "olm".to_owned(), |deployment| namespace(deployment).to_owned())
    }
}

/// Writes a status if it differs from the existing one.
pub(super) async fn write(player: &Player, subscription: &Value, mut status: Value) -> Result<()> {
    if status != subscription["status"] {
        status["lastUpdated"] = json!(now());
        player.server.set_status(&kind(), subscription, &status).await?;
    }
    Ok(())
}

/// Sets or removes a condition. An equal one is not changed.
pub(super) fn set_condition(status: &mut Value, kind: &str, said: Option<(&str, &str, &str)>) {
    let mut conditions = list(&status["conditions"]).to_vec();
    let at = conditions.iter().position(|condition| condition["type"] == kind);
    match (at, said) {
        (Some(at), None) => drop(conditions.remove(at)),
        (None, None) => return,
        (at, Some((is, reason, message))) => {
            let mut condition = json!({"type": kind, "status": is, "reason": reason});
            if !message.is_empty() {
                condition["message"] = json!(message);
            }
            let mut old = at.map(|at| conditions[at].clone()).unwrap_or_default();
            old.as_object_mut().map(|old| old.remove("lastTransitionTime"));
            if old == condition {
                return;
            }
            condition["lastTransitionTime"] = json!(now());
            match at {
                Some(at) => conditions[at] = condition,
                None => conditions.push(condition),
            }
        }
    }
    status["conditions"] = json!(conditions);
}
