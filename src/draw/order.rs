//! The order of a channel's entries in its picture.
//!
//! Each head starts a chain, from the newest head to the oldest; a chain goes from an entry to the one that it
//! replaces. Entries that no chain reaches start their own chains, and then those in cycles. A skipped entry is placed
//! beside the oldest entry of a chain that skips it. Everything except sorting takes linear time: a channel can have
//! thousands of entries.

use std::cmp::Reverse;

use crate::graph::Graph;

/// Entries that are drawn together.
#[derive(Debug)]
pub(super) struct Group {
    /// Why its entries are not in the chain of a head.
    pub(super) kind: Kind,
    /// The chain, each entry with the skipped entries beside it.
    pub(super) chain: Vec<(usize, Vec<usize>)>,
}

/// The start of a [`Group`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A head.
    Head,
    /// An entry that nothing leads to, except skipped entries.
    Stranded,
    /// An entry of a cycle.
    Cycle,
}

/// The entries in groups, each exactly once.
pub(super) fn groups(graph: &Graph<'_>) -> Vec<Group> {
    let mut order = Order { graph, placed: vec![false; graph.nodes().len()], groups: Vec::new() };
    let all = || 0..graph.nodes().len();
    order.chains(Kind::Head, graph.heads());
    let is_skipped = |node: usize| !graph.nodes()[node].skipped_by.is_empty();
    let replaced = |node: usize| graph.nodes()[node].replaced_by.iter().any(|&by| !is_skipped(by));
    order.chains(Kind::Stranded, all().filter(|&node| !is_skipped(node) && !replaced(node)).collect());
    let cycles = graph.replaces_cycles();
    order.chains(Kind::Cycle, cycles.iter().map(|cycle| cycle[0]).collect());
    // Also replaced by skipped entries, or attached to a cycle.
    order.chains(Kind::Stranded, all().filter(|&node| !is_skipped(node)).collect());
    order.beside();
    // Skipped only by each other, and the entries that they skip.
    if order.placed.contains(&false) {
        order.chains(Kind::Cycle, graph.headless().iter().map(|cycle| cycle[0]).collect());
        order.beside();
        order.chains(Kind::Cycle, all().collect());
    }
    order.groups
}

struct Order<'g, 'c> {
    graph: &'g Graph<'c>,
    placed: Vec<bool>,
    groups: Vec<Group>,
}

impl Order<'_, '_> {
    /// Starts a chain at each of these that has no place yet.
    fn chains(&mut self, kind: Kind, mut starts: Vec<usize>) {
        self.sort(&mut starts);
        for start in starts {
            let mut chain = Vec::new();
            let mut next = Some(start);
            while let Some(node) = next.filter(|&node| !std::mem::replace(&mut self.placed[node], true)) {
                chain.push((node, Vec::new()));
                next = self.graph.replaces(node);
            }
            if !chain.is_empty() {
                self.groups.push(Group { kind, chain });
            }
        }
    }

    /// Places the skipped entries, from the oldest entry of the last chain up.
    fn beside(&mut self) {
        let mut groups = std::mem::take(&mut self.groups);
        for (anchor, beside) in groups.iter_mut().rev().flat_map(|group| group.chain.iter_mut().rev()) {
            let mut open = vec![*anchor];
            while let Some(node) = open.pop() {
                for &skipped in &self.graph.nodes()[node].skips {
                    if !std::mem::replace(&mut self.placed[skipped], true) {
                        beside.push(skipped);
                        open.push(skipped);
                    }
                }
            }
            self.sort(beside);
        }
        self.groups = groups;
    }

    /// Newest first: by version, and otherwise by the position in the channel's file.
    fn sort(&self, nodes: &mut [usize]) {
        let nodes_of = self.graph.nodes();
        nodes.sort_by_cached_key(|&node| (Reverse(nodes_of[node].version.clone()), node));
    }
}
