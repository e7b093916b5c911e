//! Names in entries that are not in their channel.

use std::collections::{BTreeMap, HashMap};

use super::budget::Budget;
use super::picture::Kinds;
use crate::graph::{EdgeKind, Graph};
use crate::limits::Exceeded;

/// Names that the same entries name for the same reasons.
pub(super) struct Missing<'c> {
    /// The entries, and the reasons.
    pub(super) named_by: Vec<(usize, Kinds)>,
    /// The names, sorted.
    pub(super) names: Vec<&'c str>,
}

/// The names that are not in the channel, by the last entry that names them. Names that the same entries name for the
/// same reasons are grouped.
pub(super) fn missing<'c>(
    graph: &Graph<'c>,
    rank: &[usize],
    budget: &mut Budget,
) -> Result<HashMap<usize, Vec<Missing<'c>>>, Exceeded> {
    let mut named_by: BTreeMap<&'c str, Vec<(usize, Kinds)>> = BTreeMap::new();
    for (node, of) in graph.nodes().iter().enumerate() {
        let replaces = std::iter::once((of.entry.replaces.as_str(), EdgeKind::Replaces));
        let skips = of.entry.skips.iter().map(|name| (name.as_str(), EdgeKind::Skips));
        for (name, kind) in replaces.chain(skips) {
            if name.is_empty() || graph.find(name).is_some() {
                continue;
            }
            let by = named_by.entry(name).or_default();
            if by.last().is_none_or(|(last, _)| *last != node) {
                budget.take_edge()?;
                by.push((node, Kinds::default()));
            }
            if let Some((_, kinds)) = by.last_mut() {
                kinds.add(kind);
            }
        }
    }
    let mut together: BTreeMap<Vec<(usize, Kinds)>, Vec<&'c str>> = BTreeMap::new();
    for (name, by) in named_by {
        together.entry(by).or_default().push(name);
    }
    let mut missing: HashMap<usize, Vec<Missing<'c>>> = HashMap::new();
    for (named_by, names) in together {
        let last = named_by.iter().map(|(node, _)| *node).max_by_key(|node| rank[*node]).unwrap_or_default();
        missing.entry(last).or_default().push(Missing { named_by, names });
    }
    Ok(missing)
}
