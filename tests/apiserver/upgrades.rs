//! The effect of a changed definition on resources: predicted by `crd::diff`, and on a real API server.
//!
//! A case is an item of `upgrades.yaml`, which is tried in several definitions of real operators, or a change between two
//! released definitions of one. A resource is created under the old definition, the new one is applied, and then the
//! resource is read, labelled, and created once more.
#![allow(clippy::print_stderr, reason = "the counts are for people")]

#[path = "upgrades/definitions.rs"]
mod definitions;
#[path = "upgrades/probe.rs"]
mod probe;
#[path = "upgrades/real.rs"]
mod real;

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

/// How many definitions are tried per case, and how many places at most until a resource can be created for each.
const EACH: usize = 2;
const TRIES: usize = 14;
/// How many are tried in parallel.
const AT_ONCE: usize = 20;

/// One definition and the next.
pub(crate) struct Pair {
    pub(crate) old: Value,
    pub(crate) new: Value,
    /// A resource of the old one.
    pub(crate) resource: Value,
    /// The place of the change in it.
    pub(crate) place: Place,
    /// The prediction.
    pub(crate) foretold: Outcome,
}

pub(crate) fn crd(manifest: &Value) -> Crd {
    Crd::from_manifest(manifest.clone()).expect("a definition")
}

/// The worst effect of all changes.
pub(crate) fn worst(old: &Value, new: &Value) -> Outcome {
    let changes = diff(&[crd(old)], &[crd(new)]);
    let worst = changes.iter().map(|change| (change.effect.class, change.effect.outcome)).max();
    worst.map_or(Outcome::Kept, |(_, outcome)| outcome)
}

pub(crate) fn resources_change_as_predicted(cluster: &Cluster) -> Result<Completion, Failed> {
    let sources = Source::all();
    if sources.is_empty() {
        return Ok(Completion::ignored_with(crate::common::NO_DATA));
    }
    let cases = yaml::read_one(include_str!("upgrades.yaml"))?;
    let cases: Vec<Value> = cases.as_array().ok_or("upgrades.yaml is not a list")?.clone();
    let names: Vec<String> = cases.iter().map(|case| case["name"].as_str().unwrap_or_default().to_owned()).collect();
    let (client, sources) = (cluster.client(), Arc::new(sources));
    let made = cases.into_iter().enumerate().map(|(number, case)| {
        let (client, sources) = (client.clone(), Arc::clone(&sources));
        async move { made(&client, number, &case, &sources).await }
    });
    let mut told = cluster.run(at_once(made.collect()));
    let mut problems = Vec::new();
    for (name, tried) in names.iter().zip(&mut told) {
        if tried.as_ref().is_ok_and(|tried| tried.len() < EACH) {
            problems.push(format!("{name}: tried in fewer than {EACH} definitions"));
        }
        tried.iter_mut().flatten().for_each(|tried| tried.title = format!("{name} in {}", tried.title));
    }
    let pairs = real::pairs().into_iter().map(|(title, pair)| {
        let client = client.clone();
        async move {
            let seen = Probe::new(&client, &pair).run(pair.foretold).await?;
            Ok(seen.map(|seen| Tried { title, foretold: pair.foretold, seen }).into_iter().collect())
        }
    });
    told.extend(cluster.run(at_once(pairs.collect())));
    conclude(told, problems)
}

/// A pair that was tried.
struct Tried {
    title: String,
    foretold: Outcome,
    seen: Seen,
}

fn conclude(told: Vec<Result<Vec<Tried>, String>>, mut problems: Vec<String>) -> Result<Completion, Failed> {
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for tried in told {
        for Tried { title, foretold, seen } in tried? {
            *counts.entry(foretold).or_default() += 1;
            if !seen.fits(foretold) {
                problems.push(format!("{title}: foretold {foretold:?}, but {seen:?}"));
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

/// Runs all of them, some in parallel.
async fn at_once<T, F>(all: Vec<F>) -> Vec<Result<T, String>>
where
    T: Send + 'static,
    F: Future<Output = Result<T, String>> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let tasks: Vec<_> = all
        .into_iter()
        .map(|one| {
            let permits = Arc::clone(&permits);
            tokio::spawn(async move {
                let _permit = permits.acquire().await.map_err(|error| error.to_string())?;
                one.await
            })
        })
        .collect();
    let mut told = Vec::new();
    for task in tasks {
        told.push(task.await.unwrap_or_else(|error| Err(error.to_string())));
    }
    told
}

/// A case in several definitions.
async fn made(client: &Client, number: usize, case: &Value, sources: &[Source]) -> Result<Vec<Tried>, String> {
    let mut tried = Vec::new();
    for at in 0..TRIES {
        if tried.len() == EACH {
            break;
        }
        // Different ones for each case.
        let source = &sources[(number * 7 + at * 13) % sources.len()];
        let Some(pair) = source.pair(case, &format!("c{number}-{at}.example.com"), number + at) else { continue };
        if let Some(seen) = Probe::new(client, &pair).run(pair.foretold).await? {
            tried.push(Tried { title: source.name.clone(), foretold: pair.foretold, seen });
        }
    }
    Ok(tried)
}
