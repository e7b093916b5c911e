//! The resolution of a namespace: the bundles for its Subscriptions, and the plan that installs them.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Result;
use olm_catalog::serve::api::Bundle;
use serde_json::{Value, json};

use super::Player;
use super::install_plan::{New, generation};
use super::resolver::{Refusal, choose};
use super::steps;
use super::store::{Object, name, namespace, text, uid};
use super::subscription::{set_condition, write};

/// A bundle to install.
struct Pick<'c> {
    bundle: &'c Bundle,
    replaces: String,
    source: Object,
}

/// The result of a resolution.
#[derive(Default)]
struct Resolution<'c> {
    picks: Vec<Pick<'c>>,
    /// The Subscriptions that get another bundle, with its name.
    updated: Vec<(Object, String)>,
}

impl Player {
    /// Resolves a namespace, and creates a plan if a Subscription needs another bundle.
    pub(super) async fn resolve(&mut self, within: &str, subscriptions: Vec<Object>) -> Result<()> {
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

    /// The Subscriptions that OLM has processed: new ones are processed one after another, in the order of their
    /// creation. Also returns whether another one follows. None while a new one is too new.
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

    /// An existing version of the package, without a Subscription, is a conflict.
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
}
