//! The upgrades that OLM offers for an installed version, as the resolver of operator-lifecycle-manager finds them
//! (`getSubscriptionVariables` and `sortChannel` in `pkg/controller/registry/resolver/resolver.go`).
//!
//! OLM offers the entries from a channel's head down along `replaces`, except those that another entry skips. Such an
//! entry is an upgrade of an installed version if its `replaces` or `skips` name that version, or its `skipRange`
//! contains it. The installed version does not have to be in the channel: that is how users change from one channel to
//! another.

use std::collections::HashMap;

use semver::Version;

use super::Graph;
use super::open::Open;
use super::resolver::order;
use crate::catalog::Entry;
use crate::version::Range;

impl Graph<'_> {
    /// The entries that OLM installs and upgrades to, head first. None if the channel does not have exactly one head,
    /// or has entries that replace each other in a cycle: then OLM uses nothing from the channel.
    #[must_use]
    pub fn offered(&self) -> Vec<usize> {
        order(self).unwrap_or_default()
    }
}

/// Versions that can be installed, identified by their index in the original list.
#[derive(Clone, Debug)]
pub struct Installable<'v> {
    names: HashMap<&'v str, usize>,
    /// The known versions, sorted, with their indexes.
    sorted: Vec<&'v Version>,
    owners: Vec<usize>,
    /// The position of each one in `sorted`.
    places: Vec<Option<usize>>,
}

impl<'v> Installable<'v> {
    /// The list, each with its name and, if it is known, its version. Of several with the same name, the first counts.
    #[must_use]
    pub fn new(all: &[(&'v str, Option<&'v Version>)]) -> Self {
        let mut names = HashMap::new();
        for (i, (name, _)) in all.iter().enumerate() {
            names.entry(*name).or_insert(i);
        }
        let mut known: Vec<(&Version, usize)> =
            all.iter().enumerate().filter_map(|(i, (_, version))| Some(((*version)?, i))).collect();
        known.sort_by(|(a, i), (b, j)| a.cmp_precedence(b).then_with(|| i.cmp(j)));
        let mut places = vec![None; all.len()];
        known.iter().enumerate().for_each(|(place, (_, i))| places[*i] = Some(place));
        let (sorted, owners) = known.into_iter().unzip();
        Self { names, sorted, owners, places }
    }

    /// The one with a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// Those in an entry's `replaces` and `skips`.
    pub fn named<'s>(&'s self, entry: &'s Entry) -> impl Iterator<Item = usize> + 's {
        std::iter::once(&entry.replaces).chain(&entry.skips).filter_map(|name| self.find(name))
    }

    /// Those that are in a range and higher than a version, in ascending order within each part of the range.
    pub fn above<'s>(&'s self, version: &Version, range: &Range) -> impl Iterator<Item = usize> + 's {
        let start = self.sorted.partition_point(|other| other.cmp_precedence(version).is_le());
        range.spans(&self.sorted[start..]).into_iter().flatten().map(move |place| self.owners[start + place])
    }

    /// Those with a version, ignoring build metadata.
    pub fn same<'s>(&'s self, version: &Version) -> impl Iterator<Item = usize> + 's {
        let start = self.sorted.partition_point(|other| other.cmp_precedence(version).is_lt());
        let end = self.sorted.partition_point(|other| other.cmp_precedence(version).is_le());
        self.owners[start..end].iter().copied()
    }

    /// Those that can be upgraded to one of the targets, in one step or several. `offers` returns the entries by which
    /// each one is offered. The targets are included.
    #[must_use]
    pub fn reach(&self, targets: &[usize], offers: &[Vec<&Entry>]) -> Vec<bool> {
        let mut reached = vec![false; self.places.len()];
        let mut unseen = Open::new(self.sorted.len());
        let mut open = Vec::new();
        let mut see = |node: usize, open: &mut Vec<usize>, unseen: &mut Open| {
            if !std::mem::replace(&mut reached[node], true) {
                self.places[node].into_iter().for_each(|place| unseen.close(place));
                open.push(node);
            }
        };
        targets.iter().for_each(|&target| see(target, &mut open, &mut unseen));
        while let Some(node) = open.pop() {
            for entry in offers.get(node).into_iter().flatten() {
                self.named(entry).for_each(|from| see(from, &mut open, &mut unseen));
                let Ok(range) = entry.skip_range.parse::<Range>() else { continue };
                for span in range.spans(&self.sorted) {
                    let mut place = unseen.first(span.start);
                    while place < span.end {
                        see(self.owners[place], &mut open, &mut unseen);
                        place = unseen.first(place);
                    }
                }
            }
        }
        reached
    }

    /// Those that have any upgrade: to a different version that one of the entries offers.
    #[must_use]
    pub fn upgradable<'e>(&self, offers: impl IntoIterator<Item = &'e Entry>) -> Vec<bool> {
        let mut upgradable = vec![false; self.places.len()];
        // How many ranges start and end at each place. A range does not count for its own entry.
        let mut change = vec![0_i64; self.sorted.len() + 1];
        for entry in offers {
            let own = self.find(&entry.name);
            self.named(entry).filter(|from| Some(*from) != own).for_each(|from| upgradable[from] = true);
            let Ok(range) = entry.skip_range.parse::<Range>() else { continue };
            let hole = own.and_then(|own| self.places[own]);
            for span in range.spans(&self.sorted) {
                for (from, to) in around(span, hole) {
                    change[from] += 1;
                    change[to] -= 1;
                }
            }
        }
        let mut open = 0;
        for (place, change) in change.iter().take(self.sorted.len()).enumerate() {
            open += change;
            upgradable[self.owners[place]] |= open > 0;
        }
        upgradable
    }
}

/// A span without one place of it.
fn around(span: std::ops::Range<usize>, hole: Option<usize>) -> [(usize, usize); 2] {
    match hole.filter(|hole| span.contains(hole)) {
        Some(hole) => [(span.start, hole), (hole + 1, span.end)],
        None => [(span.start, span.end), (span.end, span.end)],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(name: usize, replaces: Option<usize>, skips: &[usize], range: &str) -> Entry {
        let named = |i: &usize| format!("v{i}");
        Entry {
            name: named(&name),
            replaces: replaces.as_ref().map(named).unwrap_or_default(),
            skips: skips.iter().map(named).collect(),
            skip_range: range.to_owned(),
        }
    }

    fn versions(minors: &[u64]) -> Vec<(String, Version)> {
        minors.iter().enumerate().map(|(i, &minor)| (format!("v{i}"), Version::new(1, minor, 0))).collect()
    }

    /// A reference implementation that checks every pair.
    fn slowly(entries: &[Entry], versions: &[(String, Version)], target: usize) -> Vec<bool> {
        let mut reached = vec![false; versions.len()];
        reached[target] = true;
        loop {
            let before = reached.clone();
            for (to, entry) in entries.iter().enumerate().filter(|(to, _)| before[*to]) {
                let _ = to;
                for (from, (name, version)) in versions.iter().enumerate() {
                    let range = entry.skip_range.parse::<Range>();
                    reached[from] |= entry.replaces == *name
                        || entry.skips.contains(name)
                        || range.is_ok_and(|range| range.contains(version));
                }
            }
            if before == reached {
                return reached;
            }
        }
    }

    #[test]
    fn skipped_entries_are_passed_but_not_offered() {
        let offered = |entries: Vec<Entry>| -> Vec<usize> {
            let channel = crate::catalog::Channel { entries, ..Default::default() };
            Graph::new(&channel, |_| None).offered()
        };
        // 3 replaces 2, which 3 skips, and 2 replaces 1; 0 is skipped alone.
        let way = vec![
            entry(0, None, &[], ""),
            entry(1, None, &[], ""),
            entry(2, Some(1), &[0], ""),
            entry(3, Some(2), &[2], ""),
        ];
        assert_eq!(offered(way), [3, 1]);
        assert_eq!(offered(vec![entry(0, None, &[], ""), entry(1, None, &[], "")]), [] as [usize; 0]);
        let ring = vec![entry(0, Some(1), &[], ""), entry(1, Some(0), &[], ""), entry(2, Some(1), &[], "")];
        assert_eq!(offered(ring), [] as [usize; 0]);
    }

    proptest! {
        #[test]
        fn all_ways_are_found(
            minors in proptest::collection::vec(0_u64..9, 1..9),
            edges in proptest::collection::vec((0_usize..9, 0_usize..9, 0_u64..9, 0_u64..9), 1..9),
        ) {
            let versions = versions(&minors);
            let list: Vec<_> = versions.iter().map(|(name, version)| (name.as_str(), Some(version))).collect();
            let entries: Vec<Entry> = (0..versions.len())
                .map(|i| match edges.get(i) {
                    Some((a, b, low, high)) => {
                        entry(i, Some(*a), &[*b], &format!(">=1.{low}.0 <1.{high}.0 !1.4.0 || 1.{high}.0"))
                    }
                    None => entry(i, None, &[], ""),
                })
                .collect();
            let offers: Vec<Vec<&Entry>> = entries.iter().map(|entry| vec![entry]).collect();
            let installed = Installable::new(&list);
            for target in 0..versions.len() {
                prop_assert_eq!(installed.reach(&[target], &offers), slowly(&entries, &versions, target));
            }
            let upgradable: Vec<bool> = (0..versions.len())
                .map(|from| (0..versions.len()).any(|to| to != from && {
                    let one: Vec<Vec<&Entry>> = (0..versions.len())
                        .map(|i| if i == to { vec![&entries[to]] } else { Vec::new() })
                        .collect();
                    installed.reach(&[to], &one)[from]
                }))
                .collect();
            prop_assert_eq!(installed.upgradable(&entries), upgradable);
        }
    }
}
