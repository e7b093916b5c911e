//! The upgrade graph of a channel: which entry can be upgraded to which.
//!
//! An entry can be upgraded to entries that replace it, skip it, or have a `skipRange` that contains its version:
//! <https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/>.
//! The rules for a valid channel are in operator-registry's `alpha/model` (`Channel.Head` and `validateReplacesChain`).

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

/// An entry in its graph. Other entries are identified by their index in [`Graph::nodes`].
#[derive(Clone, Debug)]
pub struct Node<'c> {
    /// The entry.
    pub entry: &'c Entry,
    /// Its index in the channel's `entries`.
    pub position: usize,
    /// Its bundle's version, if it is known.
    pub version: Option<VersionRelease>,
    /// The entry that it replaces, if the channel has it.
    pub replaces: Option<usize>,
    /// The entries that it skips, if the channel has them.
    pub skips: Vec<usize>,
    /// The entries that replace it.
    pub replaced_by: Vec<usize>,
    /// The entries that skip it.
    pub skipped_by: Vec<usize>,
}

/// An upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// The entry from which users are upgraded.
    pub from: usize,
    /// The entry to which users are upgraded.
    pub to: usize,
    /// The reason.
    pub kind: EdgeKind,
}

/// The reason for an [`Edge`].
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
    /// The last entry replaces nothing, or something outside of the channel.
    Tail,
    /// The last entry replaces this one, which another skips: the edge does not count.
    Skipped(usize),
    /// The last entry replaces this one, which is in the chain already.
    Cycle(usize),
}

/// Entries that the chain from the head does not reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranded {
    /// The entry that nothing leads to.
    pub root: usize,
    /// The entries below it, each replaced by the one before.
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

    /// The entry with a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The name of an entry.
    #[must_use]
    pub fn name(&self, node: usize) -> &'c str {
        &self.nodes[node].entry.name
    }

    /// The entries that no entry replaces or skips. A channel must have exactly one.
    #[must_use]
    pub fn heads(&self) -> Vec<usize> {
        let head = |node: &Node<'_>| node.replaced_by.is_empty() && node.skipped_by.is_empty();
        (0..self.nodes.len()).filter(|&i| head(&self.nodes[i])).collect()
    }

    /// The entry that `node` replaces, if the edge counts: replacing a skipped entry upgrades nobody.
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

    /// The entries that are neither in the chain nor skipped. Those in a cycle of `replaces`, and those that only a
    /// cycle leads to, are in [`Graph::replaces_cycles`].
    #[must_use]
    pub fn stranded(&self, chain: &Chain) -> Vec<Stranded> {
        let mut safe = vec![false; self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            safe[i] = !node.skipped_by.is_empty();
        }
        chain.nodes.iter().for_each(|&i| safe[i] = true);
        let root = |i: usize| !safe[i] && self.nodes[i].replaced_by.iter().all(|&other| safe[other]);
        let roots: Vec<usize> = (0..self.nodes.len()).filter(|&i| root(i)).collect();
        let mut seen = safe.clone();
        let mut all = Vec::new();
        for root in roots {
            let mut followers = Vec::new();
            seen[root] = true;
            let mut last = root;
            while let Some(next) = self.replaces(last).filter(|&next| !std::mem::replace(&mut seen[next], true)) {
                followers.push(next);
                last = next;
            }
            all.push(Stranded { root, followers });
        }
        all
    }

    /// The cycles in which each entry replaces the next, and the last one the first. None of them is skipped: edges to
    /// skipped entries do not count. Each cycle starts with its first entry in the channel's order.
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

    /// The sets of entries that are replaced or skipped only from within, so that none of them can be a head: each as a
    /// cycle, from an entry to one that it replaces or skips, and so on back to the first.
    #[must_use]
    pub fn headless(&self) -> Vec<Vec<usize>> {
        let next = |i: usize| self.nodes[i].replaces.into_iter().chain(self.nodes[i].skips.iter().copied());
        components::source_cycles(self.nodes.len(), next)
    }

    /// Every upgrade in the channel, computed lazily: ranges over many entries create very many.
    ///
    /// An invalid `skipRange` creates none. Each range is compared with every entry's version.
    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
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
}
