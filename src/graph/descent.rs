//! The entries of a channel from the head down, by which an entry beside them is placed.

use super::{Chain, Graph};
use crate::version::VersionRelease;

/// A chain of entries whose versions go down, each lower than the one before.
#[derive(Clone, Debug)]
pub struct Descent<'g> {
    graph: &'g Graph<'g>,
    nodes: &'g [usize],
    versions: Vec<&'g VersionRelease>,
}

impl<'c> Graph<'c> {
    /// A chain as a descent. None where a version is not known, or not lower than the one before.
    #[must_use]
    pub fn descent<'g>(&'g self, chain: &'g Chain) -> Option<Descent<'g>> {
        let versions: Vec<&VersionRelease> =
            chain.nodes.iter().map(|&node| self.nodes()[node].version.as_ref()).collect::<Option<_>>()?;
        let goes_down = versions.windows(2).all(|pair| pair[1] < pair[0]);
        goes_down.then_some(Descent { graph: self, nodes: &chain.nodes, versions })
    }
}

impl Descent<'_> {
    /// The entry of the chain that passes over some entries beside it: all of their versions are between its own and
    /// that of the entry that it replaces, and none of them replaces a newer entry. So it was made after them, and does
    /// not name them.
    #[must_use]
    pub fn passes_over(&self, beside: &[usize]) -> Option<usize> {
        let mut place = None;
        for &node in beside {
            let node = &self.graph.nodes()[node];
            let version = node.version.as_ref()?;
            let below = self.versions.partition_point(|other| *other > version);
            let upper = below.checked_sub(1)?;
            let is_between = self.versions.get(below).is_some_and(|lower| *lower < version);
            let replaces_older = node.replaces.is_none_or(|replaced| {
                self.graph.nodes()[replaced].version.as_ref().is_some_and(|replaced| replaced < version)
            });
            if !is_between || !replaces_older || place.is_some_and(|place| place != upper) {
                return None;
            }
            place = Some(upper);
        }
        self.nodes.get(place?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Channel, Entry};

    fn entry(name: &str, replaces: &str) -> Entry {
        Entry { name: name.into(), replaces: replaces.into(), ..Entry::default() }
    }

    fn passed_over(entries: Vec<Entry>, beside: &[usize]) -> Option<usize> {
        let channel = Channel { entries, ..Channel::default() };
        let graph = Graph::new(&channel, |name| semver::Version::parse(name).ok().map(VersionRelease::from));
        let chain = graph.chain(0);
        graph.descent(&chain)?.passes_over(beside)
    }

    #[test]
    fn entries_are_placed_by_their_versions() {
        let chain = |more: Vec<Entry>| {
            let mut entries = vec![entry("1.3.0", "1.2.0"), entry("1.2.0", "1.0.0"), entry("1.0.0", "")];
            entries.extend(more);
            entries
        };
        assert_eq!(passed_over(chain(vec![entry("1.1.0", "1.0.0")]), &[3]), Some(1));
        assert_eq!(passed_over(chain(vec![entry("1.1.1", "1.1.0"), entry("1.1.0", "")]), &[3, 4]), Some(1));
        // Above the head, below the last, equal, in two gaps, without a version, or above what it replaces.
        assert_eq!(passed_over(chain(vec![entry("1.4.0", "")]), &[3]), None);
        assert_eq!(passed_over(chain(vec![entry("0.9.0", "")]), &[3]), None);
        assert_eq!(passed_over(chain(vec![entry("1.2.0+a", "")]), &[3]), None);
        assert_eq!(passed_over(chain(vec![entry("1.2.1", ""), entry("1.1.0", "")]), &[3, 4]), None);
        assert_eq!(passed_over(chain(vec![entry("x", "")]), &[3]), None);
        assert_eq!(passed_over(chain(vec![entry("1.1.0", "1.2.0")]), &[3]), None);
        // The versions of the chain do not go down.
        let wrong = vec![entry("1.2.0", "1.3.0"), entry("1.3.0", "1.0.0"), entry("1.0.0", ""), entry("1.1.0", "")];
        assert_eq!(passed_over(wrong, &[3]), None);
    }
}
