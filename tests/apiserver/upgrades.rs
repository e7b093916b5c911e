//! What a change of a definition does to resources, as `crd::diff` foretells it and as a real API server does it.
//!
//! A case is an item of `upgrades.yaml`; each is tried in several definitions of real operators. A resource is created under
//! the old definition, the new one is applied, and then the resource is read, labelled, and created once more.
#![allow(clippy::print_stderr, reason = "the counts are for people")]

#[path = "upgrades/definitions.rs"]
mod definitions;
#[path = "upgrades/probe.rs"]
mod probe;

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::Client;
use libtest_mimic::{Completion, Failed};
use olm_catalog::crd::{Crd, Outcome, diff};
use olm_catalog::yaml;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::cluster::Cluster;
use definitions::{Place, Source};
use probe::{Probe, Seen};

/// In how many definitions each case is tried, and in how many places at most until a resource can be made for that many.
const EACH: usize = 3;
const TRIES: usize = 14;
/// How many are tried at once.
const AT_ONCE: usize = 12;

/// One definition and the next.
pub(crate) struct Pair {
    pub(crate) old: Value,
    pub(crate) new: Value,
    /// A resource of the old one.
    pub(crate) resource: Value,
    /// Where in it the change is.
    pub(crate) place: Place,
}

impl Pair {
    /// What is foretold: the worst of all changes.
    fn foretold(&self) -> Outcome {
        let side = |value: &Value| vec![Crd::from_manifest(value.clone()).expect("a definition")];
        let changes = diff(&side(&self.old), &side(&self.new));
        let worst = changes.iter().map(|change| (change.effect.class, change.effect.outcome)).max();
        worst.map_or(Outcome::Kept, |(_, outcome)| outcome)
    }
}

pub(crate) fn resources_fare_as_foretold(cluster: &Cluster) -> Result<Completion, Failed> {
    let sources = Source::all();
    if sources.is_empty() {
        return Ok(Completion::ignored_with("needs the definitions of the shared data, which are not here"));
    }
    let cases = yaml::read_one(include_str!("upgrades.yaml"))?;
    let cases: Vec<Value> = cases.as_array().ok_or("upgrades.yaml is not a list")?.clone();
    let names: Vec<String> = cases.iter().map(|case| case["name"].as_str().unwrap_or_default().to_owned()).collect();
    let told = cluster.run(all(cluster.client(), cases, Arc::new(sources)));
    let (mut counts, mut problems): (BTreeMap<Outcome, usize>, Vec<String>) = Default::default();
    for (name, tried) in names.iter().zip(told) {
        let tried = tried?;
        if tried.len() < EACH {
            problems.push(format!("{name}: tried in {} definitions only", tried.len()));
        }
        for (definition, foretold, seen) in tried {
            *counts.entry(foretold).or_default() += 1;
            if !seen.fits(foretold) {
                problems.push(format!("{name} in {definition}: foretold {foretold:?}, but {seen:?}"));
            }
        }
    }
    let pairs: usize = counts.values().sum();
    eprintln!("{pairs} pairs of definitions: {counts:?}");
    if pairs < 200 {
        problems.push(format!("{pairs} pairs only"));
    }
    crate::conclude(&problems)
}

type Tried = Result<Vec<(String, Outcome, Seen)>, String>;

/// Each case in several definitions, at once.
async fn all(client: Client, cases: Vec<Value>, sources: Arc<Vec<Source>>) -> Vec<Tried> {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = Vec::new();
    for (number, case) in cases.into_iter().enumerate() {
        let (client, sources, permits) = (client.clone(), Arc::clone(&sources), Arc::clone(&permits));
        tasks.push(tokio::spawn(async move {
            let _permit = permits.acquire().await.map_err(|error| error.to_string())?;
            one(&client, number, &case, &sources).await
        }));
    }
    let mut told = Vec::new();
    for task in tasks {
        told.push(task.await.unwrap_or_else(|error| Err(error.to_string())));
    }
    told
}

async fn one(client: &Client, number: usize, case: &Value, sources: &[Source]) -> Tried {
    let mut tried = Vec::new();
    for at in 0..TRIES {
        if tried.len() == EACH {
            break;
        }
        // Others for each case.
        let source = &sources[(number * 7 + at * 13) % sources.len()];
        let Some(pair) = source.pair(case, &format!("c{number}-{at}.example.com"), number + at) else { continue };
        let probe = Probe::new(client, &pair);
        if let Some(seen) = probe.run(pair.foretold()).await? {
            tried.push((source.name.clone(), pair.foretold(), seen));
        }
    }
    Ok(tried)
}
