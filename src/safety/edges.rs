//! The steps that the channels of a package allow.

use std::collections::BTreeMap;

use semver::Version;

use crate::graph::{EdgeKind, Graph, Installed, Resolver};
use crate::limits::{Exceeded, UPGRADE_EDGES};
use crate::validate::PackageView;

/// A step from one bundle to another, once per package, whichever channels and fields allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge<'c> {
    /// The bundle from which users are upgraded.
    pub from: &'c str,
    /// The bundle to which users are upgraded.
    pub to: &'c str,
    /// The channels and fields that allow it, in the order of the channels. There is at least one.
    pub ways: Vec<Way<'c>>,
}

/// A channel and field that allow a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way<'c> {
    /// The index of the channel in the package.
    pub channel: usize,
    /// The channel's name.
    pub name: &'c str,
    /// The node of the newer entry in the channel's graph.
    pub node: usize,
    /// The field of that entry that allows it. If several do, the first of replaces, skips and skipRange.
    pub kind: EdgeKind,
    /// Whether OLM chooses this step for users of the channel. Otherwise it prefers another entry.
    pub taken: bool,
}

/// Every step that the channels of a package allow by replaces, skips and skipRange, each pair of bundles once: in the
/// order of the channels, of the newer entries in them, and of the older ones.
///
/// # Errors
/// More than [`UPGRADE_EDGES`]: ranges over many entries create very many.
pub fn edges<'c>(package: &PackageView<'c>) -> Result<Vec<Edge<'c>>, Exceeded> {
    let mut all = Joined::default();
    for (channel, view) in package.channels.iter().enumerate() {
        let next = taken(&view.graph);
        for edge in view.graph.edges().filter(|edge| edge.from != edge.to) {
            let taken = next[edge.from] == Some(edge.to);
            let way = Way { channel, name: &view.channel.name, node: edge.to, kind: edge.kind, taken };
            all.add(view.graph.name(edge.from), view.graph.name(edge.to), way)?;
        }
    }
    Ok(all.edges)
}

/// The steps that users make: those that an entry allows by the older one's name, and those that OLM prefers for users
/// of a channel. Each pair of bundles once, in the order of [`edges`], without the ranges' steps that nobody makes:
/// these are at most as many as the catalog has entries and names.
#[must_use]
pub fn usual<'c>(package: &PackageView<'c>) -> Vec<Edge<'c>> {
    let mut all = Joined::default();
    for (channel, view) in package.channels.iter().enumerate() {
        let next = taken(&view.graph);
        let way = |from: usize, node: usize, kind| Way {
            channel,
            name: &view.channel.name,
            node,
            kind,
            taken: next[from] == Some(node),
        };
        let mut steps = Vec::new();
        for (to, node) in view.graph.nodes().iter().enumerate() {
            steps.extend(node.replaces.map(|from| (to, EdgeKind::Replaces, from)));
            steps.extend(node.skips.iter().map(|&from| (to, EdgeKind::Skips, from)));
        }
        steps.extend(next.iter().enumerate().filter_map(|(from, to)| Some(((*to)?, EdgeKind::SkipRange, from))));
        steps.sort_unstable();
        for (to, kind, from) in steps.into_iter().filter(|(to, _, from)| to != from) {
            all.join(view.graph.name(from), view.graph.name(to), way(from, to, kind));
        }
    }
    all.edges
}

/// The entries to which OLM upgrades the users of each entry of a channel; none in a channel that it cannot sort.
#[must_use]
pub fn taken(graph: &Graph<'_>) -> Vec<Option<usize>> {
    let version = |version: &'_ crate::version::VersionRelease| -> Version { version.version.clone() };
    let versions: Vec<Option<Version>> = graph.nodes().iter().map(|node| node.version.as_ref().map(version)).collect();
    let installed: Vec<Installed<'_>> = graph
        .nodes()
        .iter()
        .zip(&versions)
        .map(|(node, version)| Installed { name: &node.entry.name, version: version.as_ref() })
        .collect();
    Resolver::new(graph).map_or_else(|_| vec![None; installed.len()], |resolver| resolver.successors(&installed))
}

/// Edges, each pair once.
#[derive(Default)]
struct Joined<'c> {
    places: BTreeMap<(&'c str, &'c str), usize>,
    edges: Vec<Edge<'c>>,
    ways: u64,
}

impl<'c> Joined<'c> {
    fn add(&mut self, from: &'c str, to: &'c str, way: Way<'c>) -> Result<(), Exceeded> {
        self.ways += 1;
        if self.ways > UPGRADE_EDGES.get() {
            return Err(UPGRADE_EDGES.exceeded());
        }
        self.join(from, to, way);
        Ok(())
    }

    fn join(&mut self, from: &'c str, to: &'c str, way: Way<'c>) {
        let place = *self.places.entry((from, to)).or_insert(self.edges.len());
        if place == self.edges.len() {
            self.edges.push(Edge { from, to, ways: Vec::new() });
        }
        let ways = &mut self.edges[place].ways;
        // The steps are added channel by channel, so only the last one can belong to the same channel.
        match ways.last_mut().filter(|other| other.channel == way.channel) {
            Some(other) => other.kind = other.kind.min(way.kind),
            None => ways.push(way),
        }
    }
}

impl Edge<'_> {
    /// Whether OLM chooses this step for users of some channel.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.ways.iter().any(|way| way.taken)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::catalog::{Channel, Entry};
    use crate::validate::ChannelView;
    use crate::version::VersionRelease;

    fn channel(name: usize, entries: &[(usize, usize, usize)]) -> Channel {
        let named = |i: usize| format!("demo.v1.{i}.0");
        let entry = |(i, &(replaces, skips, low)): (usize, &(usize, usize, usize))| Entry {
            name: named(i),
            replaces: named(replaces),
            skips: vec![named(skips)],
            skip_range: format!(">=1.{low}.0 <1.{i}.0"),
        };
        let entries = entries.iter().enumerate().map(entry).collect();
        Channel { name: name.to_string(), entries, ..Channel::default() }
    }

    proptest! {
        #[test]
        fn each_pair_is_listed_once(channels in proptest::collection::vec(
            proptest::collection::vec((0_usize..6, 0_usize..6, 0_usize..6), 1..6), 1..3,
        )) {
            let channels: Vec<Channel> = channels.iter().enumerate().map(|(i, it)| channel(i, it)).collect();
            let version = |name: &str| name.strip_prefix("demo.v")?.parse().ok().map(|v: Version| VersionRelease::from(v));
            let views = channels.iter().map(|channel| ChannelView { channel, graph: Graph::new(channel, version) });
            let package = PackageView { name: "demo", channels: views.collect(), ..PackageView::default() };
            let all = edges(&package).expect("few");
            let pairs: Vec<_> = all.iter().map(|edge| (edge.from, edge.to)).collect();
            let once: BTreeSet<_> = pairs.iter().copied().collect();
            prop_assert_eq!(once.len(), pairs.len());
            let mut expected = BTreeSet::new();
            for view in &package.channels {
                let graph = &view.graph;
                expected.extend(graph.edges().map(|edge| (graph.name(edge.from), graph.name(edge.to))));
            }
            expected.retain(|(from, to)| from != to);
            prop_assert_eq!(&once, &expected);
            let is_usual = |edge: &&Edge<'_>| edge.ways.iter().any(|way| way.taken || way.kind != EdgeKind::SkipRange);
            let expected: BTreeSet<_> = all.iter().filter(is_usual).map(|edge| (edge.from, edge.to)).collect();
            let found: BTreeSet<_> = usual(&package).iter().map(|edge| (edge.from, edge.to)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
