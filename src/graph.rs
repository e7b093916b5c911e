//! The upgrade graph of a channel: which entry can be upgraded to which.
//!
//! An entry is upgraded to those that replace it, skip it, or have a `skipRange` that its version is in:
//! <https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/>.
//! What a channel must look like is operator-registry's `alpha/model` (`Channel.Head` and `validateReplacesChain`).

mod components;
mod descent;
mod offers;
mod open;
mod resolver;

use std::collections::{BTreeSet, HashMap};

use crate::catalog::{Channel, Entry};
use crate::version::{Range, VersionRelease};

pub use descent::Descent;
pub use offers::Installable;
pub use resolver::{Installed, Resolver, Unordered};

/// The upgrade graph of one channel.
#[derive(Clone, Debug)]
pub struct Graph<'c> {
    nodes: Vec<Node<'c>>,
    index: HashMap<&'c str, usize>,
}

/// An entry in its graph. Other entries are named by their place in [`Graph::nodes`].
#[derive(Clone, Debug)]
pub struct Node<'c> {
    /// The entry.
    pub entry: &'c Entry,
    /// Its place in the channel's `entries`.
    pub position: usize,
    /// Its bundle's version, where it is known.
    pub version: Option<VersionRelease>,
    /// The entry that it replaces, where the channel has it.
    pub replaces: Option<usize>,
    /// The entries that it skips, of those that the channel has.
    pub skips: Vec<usize>,
    /// The entries that replace it.
    pub replaced_by: Vec<usize>,
    /// The entries that skip it.
    pub skipped_by: Vec<usize>,
}

/// One way of upgrading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// The entry that is upgraded.
    pub from: usize,
    /// The entry that it is upgraded to.
    pub to: usize,
    /// Why.
    pub kind: EdgeKind,
}

/// What makes an [`Edge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// `replaces`
    Replaces,
    /// `skips`
    Skips,
    /// `skipRange`
    SkipRange,
}

/// The entries from a head down, each replacing the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The entries, the head first.
    pub nodes: Vec<usize>,
    /// Why it ends with the last of them.
    pub end: ChainEnd,
}

/// Why a [`Chain`] ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainEnd {
    /// The last entry replaces nothing, or nothing in the channel.
    Tail,
    /// The last entry replaces this one, which another skips: the edge does not count.
    Skipped(usize),
    /// The last entry replaces this one, which is in the chain already.
    Cycle(usize),
}

/// Entries that the chain from the head does not get to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranded {
    /// The entry that nothing leads to.
    pub root: usize,
    /// The entries that hang on it, each replaced by the one before.
    pub followers: Vec<usize>,
}

impl<'c> Graph<'c> {
    /// The graph of a channel, given the versions of its bundles. Of entries with the same name, the first counts.
    #[must_use]
    pub fn new(channel: &'c Channel, version: impl Fn(&str) -> Option<VersionRelease>) -> Self {
        let mut index = HashMap::new();
        let mut nodes: Vec<Node<'c>> = Vec::new();
        for (position, entry) in channel.entries.iter().enumerate() {
            if let std::collections::hash_map::Entry::Vacant(vacant) = index.entry(entry.name.as_str()) {
                vacant.insert(nodes.len());
                let version = version(&entry.name);
                let (replaces, skips, replaced_by, skipped_by) = (None, Vec::new(), Vec::new(), Vec::new());
                nodes.push(Node { entry, position, version, replaces, skips, replaced_by, skipped_by });
            }
        }
        for i in 0..nodes.len() {
            let entry = nodes[i].entry;
            if let Some(&replaced) = index.get(entry.replaces.as_str()).filter(|_| !entry.replaces.is_empty()) {
                nodes[i].replaces = Some(replaced);
                nodes[replaced].replaced_by.push(i);
            }
            let skips: BTreeSet<usize> =
                entry.skips.iter().filter_map(|name| index.get(name.as_str())).copied().collect();
            for &skipped in &skips {
                nodes[skipped].skipped_by.push(i);
            }
            nodes[i].skips = skips.into_iter().collect();
        }
        Self { nodes, index }
    }

    /// The entries, in the channel's order.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'c>] {
        &self.nodes
    }

    /// The entry of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The name of an entry.
    #[must_use]
    pub fn name(&self, node: usize) -> &'c str {
        &self.nodes[node].entry.name
    }

    /// The entries that no entry replaces or skips. A channel must have one, and one alone.
    #[must_use]
    pub fn heads(&self) -> Vec<usize> {
        let head = |node: &Node<'_>| node.replaced_by.is_empty() && node.skipped_by.is_empty();
        (0..self.nodes.len()).filter(|&i| head(&self.nodes[i])).collect()
    }

    /// The entry that `node` replaces, where the edge counts: a skipped entry is not upgraded by being replaced.
    #[must_use]
    pub fn replaces(&self, node: usize) -> Option<usize> {
        self.nodes[node].replaces.filter(|&replaced| self.nodes[replaced].skipped_by.is_empty())
    }

    /// The entries from `head` down.
    #[must_use]
    pub fn chain(&self, head: usize) -> Chain {
        let mut nodes = vec![head];
        let mut seen = BTreeSet::from([head]);
        let mut last = head;
        let end = loop {
            match (self.replaces(last), self.nodes[last].replaces) {
                (Some(next), _) if !seen.insert(next) => break ChainEnd::Cycle(next),
                (Some(next), _) => {
                    nodes.push(next);
                    last = next;
                }
                (None, Some(skipped)) => break ChainEnd::Skipped(skipped),
                (None, None) => break ChainEnd::Tail,
            }
        };
        Chain { nodes, end }
    }

    /// The entries that are neither in the chain nor skipped. Those in a cycle of replaces, and those that only a
    /// cycle leads to, are left to [`Graph::replaces_cycles`].
    #[must_use]
    pub fn stranded(&self, chain: &Chain) -> Vec<Stranded> {
        let mut safe = vec![false; self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            safe[i] = !node.skipped_by.is_empty();
        }
        chain.nodes.iter().for_each(|&i| safe[i] = true);
        let root = |i: usize| !safe[i] && self.nodes[i].replaced_by.iter().all(|&other| safe[other]);
        let roots: Vec<usize> = (0..self.nodes.len()).filter(|&i| root(i)).collect();
        let mut told = safe.clone();
        let mut all = Vec::new();
        for root in roots {
            let mut followers = Vec::new();
            told[root] = true;
            let mut last = root;
            while let Some(next) = self.replaces(last).filter(|&next| !std::mem::replace(&mut told[next], true)) {
                followers.push(next);
                last = next;
            }
            all.push(Stranded { root, followers });
        }
        all
    }

    /// The cycles in which each entry replaces the next, and the last the first. None of them is skipped: where one
    /// is, the edge to it does not count. Each cycle starts with its first entry in the channel's order.
    #[must_use]
    pub fn replaces_cycles(&self) -> Vec<Vec<usize>> {
        // The walk that saw each entry first, from 1.
        let mut walk = vec![0_usize; self.nodes.len()];
        let mut cycles = Vec::new();
        for start in 0..self.nodes.len() {
            let mut next = Some(start);
            while let Some(node) = next.filter(|&node| walk[node] == 0) {
                walk[node] = start + 1;
                next = self.replaces(node);
            }
            let Some(first) = next.filter(|&node| walk[node] == start + 1) else { continue };
            let mut cycle = vec![first];
            let mut node = self.replaces(first);
            while let Some(other) = node.filter(|&other| other != first) {
                cycle.push(other);
                node = self.replaces(other);
            }
            let lowest = (0..cycle.len()).min_by_key(|&i| cycle[i]).unwrap_or(0);
            cycle.rotate_left(lowest);
            cycles.push(cycle);
        }
        cycles
    }

    /// The sets of entries that only they themselves replace or skip, so that none of them can be a head: each as a
    /// way round, from an entry to one that it replaces or skips, and so on to the first.
    #[must_use]
    pub fn headless(&self) -> Vec<Vec<usize>> {
        let next = |i: usize| self.nodes[i].replaces.into_iter().chain(self.nodes[i].skips.iter().copied());
        components::source_cycles(self.nodes.len(), next)
    }

    /// Every upgrade in the channel, sorted.
    ///
    /// A `skipRange` that does not parse makes none. This looks at each entry's version for each range: ask once.
    #[must_use]
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = self.each_edge().collect();
        edges.sort_unstable();
        edges
    }

    /// The upgrades of [`Graph::edges`], each when it is asked for: ranges over many entries make very many.
    pub fn each_edge(&self) -> impl Iterator<Item = Edge> + '_ {
        self.nodes.iter().enumerate().flat_map(move |(to, node)| {
            let replaces = node.replaces.map(|from| Edge { from, to, kind: EdgeKind::Replaces });
            let skips = node.skips.iter().map(move |&from| Edge { from, to, kind: EdgeKind::Skips });
            let range = node.entry.skip_range.parse::<Range>().ok();
            let ranged = range.into_iter().flat_map(move |range| {
                let inside = move |from: &usize| {
                    let version = self.nodes[*from].version.as_ref();
                    *from != to && version.is_some_and(|version| range.contains(&version.version))
                };
                (0..self.nodes.len()).filter(inside).map(move |from| Edge { from, to, kind: EdgeKind::SkipRange })
            });
            replaces.into_iter().chain(skips).chain(ranged)
        })
    }

    /// The entries that `start` can be upgraded to, in one step or several, by these edges.
    #[must_use]
    pub fn reachable(&self, start: usize, edges: &[Edge]) -> BTreeSet<usize> {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        edges.iter().for_each(|edge| next[edge.from].push(edge.to));
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            open.extend(next[node].iter().filter(|&&to| seen.insert(to)));
        }
        seen
    }
}
