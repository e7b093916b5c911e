//! The version to which OLM upgrades an installed one.
//!
//! As in `sortChannel` and `getSubscriptionVariables` of operator-lifecycle-manager's
//! `pkg/controller/registry/resolver`: the entries of the channel are sorted, from its head down along `replaces`,
//! without those that another entry skips. Of these, the candidates replace or skip the installed version by name, or
//! have a `skipRange` that contains its version, and the first one is chosen. Dependencies are ignored here: if those
//! of the first candidate cannot be met, OLM chooses the next one.

use std::collections::{BTreeSet, HashMap};

use semver::Version;

use super::Graph;
use super::open::Open;
use crate::version::Range;

/// The entries of a channel in OLM's order of preference.
#[derive(Debug)]
pub struct Resolver<'g, 'c> {
    graph: &'g Graph<'c>,
    /// The entry with which new installations start.
    head: usize,
    /// The entries to which OLM upgrades, most preferred first.
    order: Vec<usize>,
    /// The first entry in that order that replaces or skips a name.
    named: HashMap<&'c str, usize>,
    /// The valid ranges, each with its entry's position in the order.
    ranges: Vec<(usize, Range)>,
}

/// A version that is installed on a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'i> {
    /// The name of its ClusterServiceVersion.
    pub name: &'i str,
    /// Its version. Without it, no `skipRange` contains it.
    pub version: Option<&'i Version>,
}

/// Why OLM cannot sort a channel's entries: it installs and upgrades nothing from such a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unordered {
    /// Every entry is replaced or skipped by another, or there is no entry.
    NoHead,
    /// Several entries are neither replaced nor skipped.
    Heads(Vec<usize>),
    /// The entries below the head replace one another in a cycle that contains this one.
    Cycle(usize),
}

impl<'g, 'c> Resolver<'g, 'c> {
    /// Sorts a channel's entries.
    ///
    /// # Errors
    /// A channel that OLM cannot sort.
    pub fn new(graph: &'g Graph<'c>) -> Result<Self, Unordered> {
        Self::without(graph, |_| false)
    }

    /// The same, without the entries that OLM never installs: of bundles with the property `olm.deprecated` it installs
    /// none (`NewBundleVariableFromOperator` in `variable_types.go`).
    ///
    /// # Errors
    /// A channel that OLM cannot put in order.
    pub fn without(graph: &'g Graph<'c>, prohibited: impl Fn(&str) -> bool) -> Result<Self, Unordered> {
        let mut order = order(graph)?;
        let top = order[0];
        order.retain(|&node| !prohibited(graph.name(node)));
        let head = order.first().copied().unwrap_or(top);
        let (mut named, mut ranges) = (HashMap::new(), Vec::new());
        for (rank, &node) in order.iter().enumerate() {
            let entry = graph.nodes()[node].entry;
            let names = std::iter::once(&entry.replaces).chain(&entry.skips);
            for name in names.filter(|name| !name.is_empty() && **name != entry.name) {
                named.entry(name.as_str()).or_insert(rank);
            }
            // OLM ignores an invalid range.
            ranges.extend(entry.skip_range.parse().ok().map(|range| (rank, range)));
        }
        Ok(Self { graph, head, order, named, ranges })
    }

    /// The channel's head, or the first entry below it that OLM installs.
    #[must_use]
    pub fn head(&self) -> usize {
        self.head
    }

    /// The entry that a new installation begins with, if OLM installs any.
    #[must_use]
    pub fn first(&self) -> Option<usize> {
        self.order.first().copied()
    }

    /// The entry to which OLM upgrades each installed version, or `None` if it stays.
    #[must_use]
    pub fn successors(&self, installed: &[Installed<'_>]) -> Vec<Option<usize>> {
        let mut ranks = self.by_range(installed);
        for (rank, installed) in ranks.iter_mut().zip(installed) {
            let named = self.named.get(installed.name).copied();
            *rank = [*rank, named].into_iter().flatten().min();
        }
        ranks.into_iter().map(|rank| rank.map(|rank| self.order[rank])).collect()
    }

    /// The first entry in order whose range contains each installed version. Each version is assigned once, so that the
    /// time does not grow with the number of versions times the number of ranges.
    fn by_range(&self, installed: &[Installed<'_>]) -> Vec<Option<usize>> {
        let mut known: Vec<(usize, &Version)> =
            installed.iter().enumerate().filter_map(|(i, installed)| Some((i, installed.version?))).collect();
        known.sort_by(|(_, a), (_, b)| a.cmp_precedence(b));
        let sorted: Vec<&Version> = known.iter().map(|(_, version)| *version).collect();
        let mut open = Open::new(sorted.len());
        let mut ranks = vec![None; installed.len()];
        for (rank, range) in &self.ranges {
            let own = self.graph.name(self.order[*rank]);
            for span in range.spans(&sorted) {
                let mut at = open.first(span.start);
                while at < span.end {
                    let (i, _) = known[at];
                    // A range that contains its own entry is not an upgrade of it.
                    if installed[i].name != own {
                        ranks[i] = Some(*rank);
                        open.close(at);
                    }
                    at = open.first(at + 1);
                }
            }
        }
        ranks
    }
}

/// The entries from the head down, without the skipped ones.
pub(super) fn order(graph: &Graph<'_>) -> Result<Vec<usize>, Unordered> {
    let heads = graph.heads();
    let &[head] = &heads[..] else {
        return Err(if heads.is_empty() { Unordered::NoHead } else { Unordered::Heads(heads) });
    };
    let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
    let mut next = Some(head);
    while let Some(node) = next {
        if !seen.insert(node) {
            return Err(Unordered::Cycle(node));
        }
        if graph.nodes()[node].skipped_by.is_empty() {
            order.push(node);
        }
        next = graph.nodes()[node].replaces;
    }
    Ok(order)
}
