//! The upgrade graph: compared with a simple implementation of opm's rules on random channels, and on large ones. Also
//! its drawings, and OLM's plans.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
mod common;
#[path = "graph/cases.rs"]
mod drawn;
#[path = "graph/laws.rs"]
mod laws;
#[path = "graph/plan.rs"]
mod plan;
#[path = "graph/xml.rs"]
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use olm_catalog::catalog::{Channel, Entry};
use olm_catalog::graph::{ChainEnd, EdgeKind, Graph};
use olm_catalog::version::{self, VersionRelease};
use proptest::prelude::*;

use common::time;

fn entry(name: &str, replaces: &str, skips: &[&str]) -> Entry {
    let skips = skips.iter().map(|&name| name.to_owned()).collect();
    Entry { name: name.into(), replaces: replaces.into(), skips, skip_range: String::new() }
}

fn channel(entries: Vec<Entry>) -> Channel {
    Channel { name: "stable".into(), package: "p".into(), entries, ..Channel::default() }
}

fn graph(channel: &Channel) -> Graph<'_> {
    Graph::new(channel, |name| {
        let version = version::parse(name.strip_prefix('v')?).ok()?;
        Some(VersionRelease { version, release: "".parse().ok()? })
    })
}

fn names<'c>(graph: &Graph<'c>, nodes: &[usize]) -> Vec<&'c str> {
    nodes.iter().map(|&node| graph.name(node)).collect()
}

#[test]
fn a_chain_ends_at_what_is_skipped() {
    let channel =
        channel(vec![entry("c", "b", &["a"]), entry("b", "a", &[]), entry("a", "z", &[]), entry("z", "", &[])]);
    let graph = graph(&channel);
    let chain = graph.chain(0);
    assert_eq!((names(&graph, &chain.nodes), chain.end), (vec!["c", "b"], ChainEnd::Skipped(2)));
    let stranded = graph.stranded(&chain);
    assert_eq!(stranded.iter().map(|s| graph.name(s.root)).collect::<Vec<_>>(), ["z"]);
}

#[test]
fn entries_below_a_stranded_one_are_listed_with_it() {
    let channel = channel(vec![
        entry("e", "d", &["c"]),
        entry("d", "", &[]),
        entry("c", "b", &[]),
        entry("b", "a", &[]),
        entry("a", "", &[]),
    ]);
    let graph = graph(&channel);
    let stranded = graph.stranded(&graph.chain(0));
    assert_eq!(stranded.len(), 1);
    assert_eq!((graph.name(stranded[0].root), names(&graph, &stranded[0].followers)), ("b", vec!["a"]));
}

#[test]
fn cycles_are_complete_and_listed_once() {
    let channel = channel(vec![
        entry("d", "c", &[]),
        entry("c", "a", &[]),
        entry("b", "c", &[]),
        entry("a", "b", &[]),
        entry("self", "self", &[]),
        entry("x", "y", &["y"]),
        entry("y", "x", &[]),
    ]);
    let graph = graph(&channel);
    let cycles: Vec<_> = graph.replaces_cycles().iter().map(|cycle| names(&graph, cycle)).collect();
    assert_eq!(cycles, [vec!["c", "a", "b"], vec!["self"]]);
    assert_eq!(graph.chain(0).end, ChainEnd::Cycle(1));
    let headless: Vec<_> = graph.headless().iter().map(|cycle| names(&graph, cycle)).collect();
    assert_eq!(headless, [vec!["self"], vec!["x", "y"]]);
}

#[test]
fn edges_of_each_kind() {
    let mut entries = vec![entry("v3.0.0", "v2.0.0", &["v1.0.0"]), entry("v2.0.0", "", &[]), entry("v1.0.0", "", &[])];
    entries[1].skip_range = "<=2.0.0".into();
    entries.push(entry("v4.0.0", "", &[]));
    let channel = channel(entries);
    let graph = graph(&channel);
    let mut edges: Vec<_> = graph.edges().collect();
    edges.sort_unstable();
    let named: Vec<_> = edges.iter().map(|edge| (graph.name(edge.from), graph.name(edge.to), edge.kind)).collect();
    assert_eq!(
        named,
        [
            ("v2.0.0", "v3.0.0", EdgeKind::Replaces),
            ("v1.0.0", "v3.0.0", EdgeKind::Skips),
            ("v1.0.0", "v2.0.0", EdgeKind::SkipRange),
        ]
    );
    assert_eq!(graph.find("v2.0.0"), Some(1));
    assert_eq!(graph.find("v9.0.0"), None);
}

#[test]
fn large_channels_are_fast() {
    const SIZE: usize = 5000;
    let before = time::of_thread();
    let name = |i: usize| format!("v{i}.0.0");
    let long = (0..SIZE).map(|i| entry(&name(i), &if i > 0 { name(i - 1) } else { String::new() }, &[])).collect();
    let ring = (0..SIZE).map(|i| entry(&name(i), &name((i + 1) % SIZE), &[])).collect();
    let skips: Vec<String> = (0..SIZE - 1).map(name).collect();
    let skips: Vec<&str> = skips.iter().map(String::as_str).collect();
    let star = (0..SIZE).map(|i| entry(&name(i), "", if i == SIZE - 1 { &skips } else { &[] })).collect();
    let (long, ring, star) = (channel(long), channel(ring), channel(star));

    let graph_of = graph(&long);
    assert_eq!(graph_of.heads(), [SIZE - 1]);
    assert_eq!(graph_of.chain(SIZE - 1).nodes.len(), SIZE);
    assert_eq!(graph_of.edges().count(), SIZE - 1);
    let graph_of = graph(&ring);
    assert_eq!(graph_of.replaces_cycles().iter().map(Vec::len).collect::<Vec<_>>(), [SIZE]);
    assert_eq!(graph_of.headless().iter().map(Vec::len).collect::<Vec<_>>(), [SIZE]);
    let graph_of = graph(&star);
    assert_eq!(graph_of.heads(), [SIZE - 1]);
    assert_eq!(graph_of.stranded(&graph_of.chain(SIZE - 1)), []);
    let took = time::of_thread() - before;
    assert!(took < Duration::from_secs(4), "{took:?}");
}

/// opm's verdict by its rules: one head; from it, the chain of replaces without skipped entries; no cycle in the chain;
/// every entry is in the chain or skipped.
fn opm_accepts(entries: &[Entry]) -> bool {
    let by_name: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let skipped: BTreeSet<&str> = entries.iter().flat_map(|entry| &entry.skips).map(String::as_str).collect();
    let replaced: BTreeSet<&str> = entries.iter().map(|entry| entry.replaces.as_str()).collect();
    let mut heads = by_name.keys().filter(|name| !skipped.contains(*name) && !replaced.contains(*name));
    let (Some(head), None) = (heads.next(), heads.next()) else { return false };
    let mut chain = vec![*head];
    while let Some(entry) = by_name.get(chain[chain.len() - 1]) {
        let next = entry.replaces.as_str();
        if next.is_empty() || skipped.contains(next) {
            break;
        }
        if chain.contains(&next) {
            return false;
        }
        chain.push(next);
    }
    by_name.keys().all(|name| chain.contains(name) || skipped.contains(name))
}

fn some_entries() -> impl Strategy<Value = Vec<Entry>> {
    let name = || proptest::sample::select(vec!["a", "b", "c", "d", "e", "f", "g"]);
    let replaces = prop_oneof![1 => Just(""), 3 => name()];
    let skips = prop_oneof![3 => Just(Vec::new()), 2 => proptest::collection::vec(name(), 1..3)];
    proptest::collection::btree_map(name(), (replaces, skips), 1..7).prop_map(|entries| {
        entries.into_iter().map(|(name, (replaces, skips))| entry(name, replaces, &skips)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn the_verdict_is_opms(entries in some_entries()) {
        let channel = channel(entries.clone());
        let graph = graph(&channel);
        let good = match graph.heads()[..] {
            [head] => graph.replaces_cycles().is_empty() && graph.stranded(&graph.chain(head)).is_empty(),
            [] => {
                prop_assert!(!graph.headless().is_empty());
                false
            }
            _ => false,
        };
        prop_assert_eq!(good, opm_accepts(&entries));
    }

    #[test]
    fn cycles_are_cycles(entries in some_entries()) {
        let channel = channel(entries);
        let graph = graph(&channel);
        for cycle in graph.replaces_cycles() {
            for (i, &node) in cycle.iter().enumerate() {
                prop_assert_eq!(graph.replaces(node), Some(cycle[(i + 1) % cycle.len()]));
            }
        }
        for cycle in graph.headless() {
            for (i, &node) in cycle.iter().enumerate() {
                let next = cycle[(i + 1) % cycle.len()];
                prop_assert!(graph.nodes()[node].replaces == Some(next) || graph.nodes()[node].skips.contains(&next));
            }
        }
    }
}
