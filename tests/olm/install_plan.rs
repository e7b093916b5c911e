//! InstallPlans: their creation, and the execution of approved ones.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Player;
use super::rbac::owner_labels;
use super::store::{Kind, Object, is_going, list, namespace, now, owned_by, text, texts, uid};

/// When the next step of a plan can be executed, by its uid.
pub(super) type Progress = BTreeMap<String, Instant>;

fn kind() -> Kind {
    Kind::olm("InstallPlan")
}

/// The content of a new InstallPlan.
pub(super) struct New<'n> {
    pub(super) namespace: &'n str,
    pub(super) subscriptions: &'n [Object],
    pub(super) generation: i64,
    pub(super) steps: Vec<Value>,
    /// Another plan follows at once, and this one never gets a status.
    pub(super) withheld: bool,
}

impl Player {
    /// Creates a plan. Its status is a second request; if that is too large, the plan has none.
    pub(super) async fn create_plan(&mut self, new: New<'_>) -> Result<Value> {
        let manual = is_manual(new.subscriptions);
        let csvs: Vec<&Value> = new
            .steps
            .iter()
            .filter(|step| step["resource"]["kind"] == "ClusterServiceVersion")
            .map(|step| &step["resource"]["name"])
            .collect();
        let mut plan = json!({
            "apiVersion": kind().api_version, "kind": kind().kind,
            "metadata": {
                "namespace": new.namespace,
                "ownerReferences": new.subscriptions.iter().map(|one| owned_by(one)).collect::<Vec<_>>(),
            },
            "spec": {
                "approval": if manual { "Manual" } else { "Automatic" }, "approved": !manual,
                "clusterServiceVersionNames": csvs, "generation": new.generation,
            },
        });
        let created = loop {
            plan["metadata"]["name"] = json!(format!("install-{}", self.random.suffix()));
            if let Some(created) = self.server.create(&plan).await? {
                break created;
            }
        };
        if new.withheld && manual {
            return Ok(created);
        }
        let mut sources: Vec<&str> = new.steps.iter().map(|step| text(&step["resource"]["sourceName"])).collect();
        sources.sort_unstable();
        sources.dedup();
        let status = json!({
            "phase": if manual { "RequiresApproval" } else { "Installing" },
            "catalogSources": sources, "plan": new.steps, "bundleLookups": [],
        });
        match self.server.patch(&kind(), &created, "/status", json!({"status": status})).await {
            Err(error) if !format!("{error:#}").contains("too large") => Err(error),
            answer => Ok(answer.unwrap_or(created)),
        }
    }

    pub(super) async fn install_plans(&mut self) -> Result<()> {
        let plans: Vec<Object> = self.plans.all().filter(|plan| !is_going(plan)).cloned().collect();
        self.progress.retain(|known, _| plans.iter().any(|plan| uid(plan) == known));
        for plan in &plans {
            let status = &plan["status"];
            let over = ["Complete", "Failed"].contains(&text(&status["phase"]));
            if over || list(&status["plan"]).is_empty() || self.is_abandoned(plan) {
                continue;
            }
            if let Err(count) = self.group_of(namespace(plan)) {
                self.no_group(plan, count).await?;
                continue;
            }
            if plan["spec"]["approved"] != true || self.settings.hold_plans.contains(namespace(plan)) {
                continue;
            }
            if text(&status["phase"]) == "RequiresApproval" {
                let patch = json!({"status": {"phase": "Installing", "message": null, "startTime": now()}});
                self.server.patch(&kind(), plan, "/status", patch).await?;
            } else {
                self.install(plan).await?;
            }
        }
        Ok(())
    }

    /// Whether a newer plan of the namespace contains everything in this one.
    fn is_abandoned(&self, plan: &Value) -> bool {
        let csvs = |plan: &Value| -> Vec<String> {
            texts(&plan["spec"]["clusterServiceVersionNames"]).into_iter().map(str::to_owned).collect()
        };
        let own = csvs(plan);
        self.plans.within(namespace(plan)).any(|other| {
            let theirs = csvs(other);
            generation(other) > generation(plan) && own.iter().all(|csv| theirs.contains(csv))
        })
    }

    async fn no_group(&self, plan: &Value, count: usize) -> Result<()> {
        let message = match count {
            0 => "no operator group found that is managing this namespace".to_owned(),
            _ => format!("more than one operator group(s) are managing this namespace count={count}"),
        };
        if plan["status"]["conditions"][0]["message"] == message {
            return Ok(());
        }
        let condition = json!({
            "type": "Installed", "status": "False", "reason": "InstallCheckFailed", "message": message,
            "lastTransitionTime": now(), "lastUpdateTime": now(),
        });
        self.server.patch(&kind(), plan, "/status", json!({"status": {"conditions": [condition]}})).await.map(drop)
    }

    /// Executes the remaining steps of a plan, one at a time if steps take time.
    async fn install(&mut self, plan: &Object) -> Result<()> {
        let delay = self.settings.step_delay;
        let mut done = BTreeMap::new();
        let mut failure = None;
        let open = |step: &&Value| !["Created", "Present"].contains(&text(&step["status"]));
        for (index, step) in list(&plan["status"]["plan"]).iter().enumerate().filter(|(_, step)| open(step)) {
            if !delay.is_zero() {
                let next = self.progress.entry(uid(plan).to_owned()).or_insert_with(|| Instant::now() + delay);
                if Instant::now() < *next {
                    return Ok(());
                }
                *next = Instant::now() + delay;
            }
            match self.step(plan, step).await {
                Ok(status) => drop(done.insert(index, status)),
                Err(error) => {
                    failure = Some(format!("retrying execution due to error: {error:#}"));
                    break;
                }
            }
            if !delay.is_zero() {
                break;
            }
        }
        let mut status = plan["status"].clone();
        for (index, step) in done {
            status["plan"][index]["status"] = json!(step);
        }
        status["message"] = failure.map_or(Value::Null, Value::String);
        if status["message"].is_null() {
            status.as_object_mut().map(|status| status.remove("message"));
        }
        if !list(&status["plan"]).iter().any(|step| open(&step)) {
            status["phase"] = json!("Complete");
            status["conditions"] = json!([{
                "type": "Installed", "status": "True", "lastTransitionTime": now(), "lastUpdateTime": now(),
            }]);
        }
        self.server.set_status(&kind(), plan, &status).await.map(drop)
    }

    /// Creates or updates the object of a step. Returns the step's status.
    async fn step(&self, plan: &Value, step: &Value) -> Result<&'static str> {
        let mut object = self.manifest(plan, step).await?;
        let kind = Kind::of(&object);
        match kind.kind.as_str() {
            "ClusterServiceVersion" => {}
            "CustomResourceDefinition" => {
                if self.server.create(&object).await?.is_some() {
                    return Ok("Created");
                }
                return self.server.replace(&object).await.map(|_| "Present");
            }
            _ => {
                let csvs = Kind::olm("ClusterServiceVersion");
                let csv = self.server.get(&csvs, namespace(plan), text(&step["resolving"])).await?;
                let csv = csv.with_context(|| format!("{} is not there", step["resolving"]))?;
                if kind.is_namespaced() {
                    object["metadata"]["ownerReferences"] = json!([owned_by(&csv)]);
                }
                for (label, value) in owner_labels(&csv).as_object().into_iter().flatten() {
                    // Cluster-wide objects of a bundle have fewer labels, and OLM never deletes them.
                    if kind.is_namespaced() || ["olm.managed", "olm.owner"].contains(&label.as_str()) {
                        object["metadata"]["labels"][label] = value.clone();
                    }
                }
            }
        }
        if kind.is_namespaced() {
            object["metadata"]["namespace"] = plan["metadata"]["namespace"].clone();
        }
        if self.server.create(&object).await?.is_some() {
            return Ok("Created");
        }
        if kind.kind != "ClusterServiceVersion" {
            self.server.apply(&object).await?;
        }
        Ok("Present")
    }
}

pub(super) fn generation(plan: &Value) -> i64 {
    plan["spec"]["generation"].as_i64().unwrap_or_default()
}

/// One Subscription with manual approval makes the plans of its namespace manual.
pub(super) fn is_manual(subscriptions: &[Object]) -> bool {
    subscriptions.iter().any(|one| one["spec"]["installPlanApproval"] == "Manual")
}
