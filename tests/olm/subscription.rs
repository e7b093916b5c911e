//! Subscriptions: their state and conditions, and the resolution of a namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Result;
use olm_catalog::serve::api::Bundle;
use serde_json::{Value, json};

use super::Player;
use super::install_plan::{New, generation};
use super::resolver::{Refusal, choose};
use super::steps;
use super::store::{Kind, Object, is_going, list, name, namespace, now, text, uid};

/// When a Subscription was first seen, by its uid.
pub(super) type Waits = BTreeMap<String, Instant>;

fn kind() -> Kind {
    Kind::olm("Subscription")
}

/// A bundle that is to be installed.
struct Pick<'c> {
    bundle: &'c Bundle,
    replaces: String,
    source: Object,
}

/// What a resolution comes to.
#[derive(Default)]
struct Resolution<'c> {
    picks: Vec<Pick<'c>>,
    /// The Subscriptions that get another bundle, with its name.
    updated: Vec<(Object, String)>,
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

    /// Writes what is known of each. Returns whether the state of one changed: the next resolution waits for that.
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

    async fn resolve(&mut self, within: &str, subscriptions: Vec<Object>) -> Result<()> {
        let Some((considered, follows)) = self.considered(&subscriptions) else { return Ok(()) };
        let pending =
            |one: &Object| one["status"]["state"] == "UpgradePending" && !one["status"]["installPlanRef"].is_null();
        if considered.iter().all(pending) {
            return Ok(());
        }
        let resolution = match self.resolution(within, &considered) {
            Ok(resolution) => resolution,
            Err(refusal) => {
                let said = ("True", refusal.reason(), refusal.message());
                return self.say(&subscriptions, "ResolutionFailed", Some(said)).await;
            }
        };
        if resolution.updated.is_empty() {
            return self.say(&subscriptions, "ResolutionFailed", None).await;
        }
        if let Some(why) = &self.settings.unpack_fails {
            for pick in &resolution.picks {
                self.unpack_job(pick.bundle, &pick.source, Some(why)).await?;
            }
            let message = format!("bundle unpacking failed. Reason: DeadlineExceeded, and Message: {why}");
            let said = ("True", "BundleUnpackFailed", message.as_str());
            return self.say(&subscriptions, "BundleUnpackFailed", Some(said)).await;
        }
        let plans = self.plans.within(within).map(|plan| generation(plan));
        let seen = considered.iter().filter_map(|one| one["status"]["installPlanGeneration"].as_i64());
        let generation = plans.chain(seen).max().unwrap_or_default() + 1;
        let withheld = follows && (generation as u64).wrapping_add(self.settings.seed).is_multiple_of(2);
        let Resolution { picks, updated } = resolution;
        let mut steps = Vec::new();
        for Pick { bundle, replaces, source } in &picks {
            let mut more = steps::steps(bundle, within, replaces, source)?;
            if self.settings.unpacked {
                self.unpack(bundle, replaces, source, &mut more).await?;
            }
            steps.extend(more);
        }
        steps::order(&mut steps);
        let new = New { namespace: within, subscriptions: &considered, generation, steps, withheld };
        let plan = self.create_plan(new).await?;
        for (subscription, csv) in updated {
            let mut status = subscription["status"].clone();
            status["currentCSV"] = json!(csv);
            status["state"] = json!("UpgradePending");
            status["installPlanGeneration"] = json!(generation);
            status["installPlanRef"] = json!({
                "apiVersion": plan["apiVersion"], "kind": plan["kind"], "name": name(&plan), "namespace": within,
                "uid": uid(&plan), "resourceVersion": plan["metadata"]["resourceVersion"],
            });
            status["installplan"] = json!({
                "apiVersion": plan["apiVersion"], "kind": plan["kind"], "name": name(&plan), "uuid": uid(&plan),
            });
            set_condition(&mut status, "ResolutionFailed", None);
            set_condition(&mut status, "BundleUnpackFailed", None);
            write(self, &subscription, status).await?;
        }
        Ok(())
    }

    /// The Subscriptions that OLM has come to: new ones are seen one after another, as they were created. With them,
    /// whether another one follows. None while a new one is still too new.
    fn considered(&mut self, subscriptions: &[Object]) -> Option<(Vec<Object>, bool)> {
        let is_new = |one: &Object| text(&one["status"]["currentCSV"]).is_empty();
        let (mut new, mut known): (Vec<Object>, Vec<Object>) = subscriptions.iter().cloned().partition(is_new);
        new.sort_by_key(|one| (text(&one["metadata"]["creationTimestamp"]).to_owned(), name(one).to_owned()));
        for one in &new {
            self.waits.entry(uid(one).to_owned()).or_insert_with(Instant::now);
        }
        if let Some(first) = new.first() {
            if self.waits.get(uid(first)).is_some_and(|seen| seen.elapsed() < self.settings.settle) {
                return None;
            }
            known.push(first.clone());
        }
        known.sort_by_key(|one| name(one).to_owned());
        Some((known, new.len() > 1))
    }

    fn resolution(&self, within: &str, subscriptions: &[Object]) -> Result<Resolution<'_>, Refusal> {
        if let Err(count) = self.group_of(within) {
            return Err(Refusal::Prevented(format!("expected 1 OperatorGroup in the namespace, found {count}")));
        }
        let global = self.global_namespace();
        for source in self.catalogs.all().filter(|one| namespace(one) == global || namespace(one) == within) {
            if self.sources.contents(source).is_none() {
                let (namespace, name) = (namespace(source), name(source));
                return Err(Refusal::Prevented(format!(
                    "failed to populate resolver cache from source {name}/{namespace}: failed to list bundles: rpc error: \
                     code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp: lookup \
                     {name}.{namespace}.svc: no such host\""
                )));
            }
        }
        let mut resolution = Resolution::default();
        for subscription in subscriptions {
            self.resolve_one(within, &global, subscription, &mut resolution)?;
        }
        Ok(resolution)
    }

    fn resolve_one<'c>(
        &'c self,
        within: &str,
        global: &str,
        one: &Object,
        into: &mut Resolution<'c>,
    ) -> Result<(), Refusal> {
        let (spec, status) = (&one["spec"], &one["status"]);
        let at = text(&spec["sourceNamespace"]);
        let source = (at == within || at == global).then(|| self.catalogs.get(at, text(&spec["source"]))).flatten();
        let current = self.csvs.get(within, text(&status["installedCSV"]));
        let catalog = source.and_then(|source| self.sources.contents(source));
        let chosen = choose(one, current.map(|csv| &**csv), catalog.map(|catalog| &**catalog))?;
        let (Some(bundle), Some(source)) = (chosen, source) else { return Ok(()) };
        if current.is_none() {
            self.no_stranger(one, catalog.into_iter().flat_map(|catalog| &catalog.bundles))?;
        }
        let is_current = text(&status["currentCSV"]) == bundle.csv_name;
        if is_current && self.csvs.get(within, &bundle.csv_name).is_some() {
            return Ok(());
        }
        let replaces = current.map_or(bundle.replaces.as_str(), |csv| name(csv));
        into.picks.push(Pick { bundle, replaces: replaces.to_owned(), source: source.clone() });
        if !is_current {
            into.updated.push((one.clone(), bundle.csv_name.clone()));
        }
        Ok(())
    }

    /// A version of the package that is there already, and that no Subscription knows, is in the way.
    fn no_stranger<'b>(&self, subscription: &Value, bundles: impl Iterator<Item = &'b Bundle>) -> Result<(), Refusal> {
        let package: BTreeSet<&str> = bundles
            .filter(|bundle| subscription["spec"]["name"] == bundle.package_name)
            .map(|bundle| bundle.csv_name.as_str())
            .collect();
        let known: BTreeSet<&str> = self
            .subscriptions
            .within(namespace(subscription))
            .flat_map(|one| [text(&one["status"]["installedCSV"]), text(&one["status"]["currentCSV"])])
            .collect();
        let stranger = self.csvs.within(namespace(subscription)).find(|csv| {
            package.contains(name(csv)) && !known.contains(name(csv)) && text(&csv["status"]["reason"]) != "Copied"
        });
        match stranger {
            Some(csv) => {
                let why = format!("clusterserviceversion {} exists and is not referenced by a subscription", name(csv));
                Err(Refusal::constraints(&why, subscription))
            }
            None => Ok(()),
        }
    }

    async fn say(&self, to: &[Object], condition: &str, said: Option<(&str, &str, &str)>) -> Result<()> {
        for subscription in to {
            let mut status = subscription["status"].clone();
            set_condition(&mut status, condition, said);
            write(self, subscription, status).await?;
        }
        Ok(())
    }

    /// The namespace whose catalogs all namespaces see: that of OLM.
    fn global_namespace(&self) -> String {
        let mut deployments = self.deployments.all();
        let olm = deployments.find(|deployment| name(deployment) == "catalog-operator");
        olm.map_or_else(|| "olm".to_owned(), |deployment| namespace(deployment).to_owned())
    }
}

async fn write(player: &Player, subscription: &Value, mut status: Value) -> Result<()> {
    if status != subscription["status"] {
        status["lastUpdated"] = json!(now());
        player.server.set_status(&kind(), subscription, &status).await?;
    }
    Ok(())
}

/// Sets a condition, or takes it away. One that says the same stays as it is.
fn set_condition(status: &mut Value, kind: &str, said: Option<(&str, &str, &str)>) {
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
