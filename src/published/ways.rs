//! The users' upgrade paths: the versions that OLM installs one after the other, starting from each published version.

use std::collections::HashSet;

use semver::Version;

use super::model::{Outcome, UserWay};
use super::sides::Parts;
use crate::catalog::Channel;
use crate::graph::{Graph, Installed, Resolver};

/// The maximum number of versions kept per path. All paths of a long chain together would have quadratic size.
const KEPT: usize = 100;

/// The number of versions kept per path for any number of users: those shown as text.
const SHOWN: usize = 6;

/// The maximum number of versions kept for all paths of a channel, if that leaves at least those that are shown.
const ALL_KEPT: usize = 1_000_000;

/// The maximum number of withdrawn versions that are followed in all channels of a package together: more than any
/// catalog has, and few enough that malicious lists and channels do not exhaust the memory.
const WITHDRAWN: usize = 1_000_000;

/// A version that users of a channel have.
struct User {
    bundle: String,
    version: Option<Version>,
}

/// The end of a path, and the versions on it.
struct Way {
    outcome: Outcome,
    names: Vec<String>,
    end: String,
    steps: usize,
}

/// The paths of all users of the old catalog's channels of a package.
pub(super) fn ways(old: &Parts<'_>, new: &Parts<'_>) -> Vec<UserWay> {
    old.channels.values().flat_map(|channel| of_channel(channel, old, new)).collect()
}

fn of_channel(channel: &Channel, old: &Parts<'_>, new: &Parts<'_>) -> Vec<UserWay> {
    let users = users(channel, old);
    let before = follow(&users, Some(channel), old);
    let sent_to = |name: &str| {
        let withdrawal = new.channel_withdrawal(name).filter(|withdrawal| !withdrawal.strands())?;
        (!withdrawal.channel.is_empty()).then(|| withdrawal.upgrade_to.clone())
    };
    let change_to = if new.channels.contains_key(&*channel.name) { None } else { sent_to(&channel.name) };
    let followed = change_to.as_deref().unwrap_or(&channel.name);
    let after = follow(&users, new.channels.get(followed).copied(), new);
    let ways = users.into_iter().zip(before).zip(after);
    ways.map(|((user, before), after)| UserWay {
        channel: channel.name.clone(),
        change_to: change_to.clone(),
        bundle: user.bundle,
        outcome: after.outcome,
        way: after.names,
        end: after.end,
        steps: after.steps,
        reached_before: before.outcome == Outcome::Head,
    })
    .collect()
}

/// The versions that users of a channel can have: its entries, and those that were withdrawn from it.
fn users(channel: &Channel, parts: &Parts<'_>) -> Vec<User> {
    let mut seen = HashSet::new();
    let entries = channel.entries.iter().map(|entry| (&entry.name, parts.version(&entry.name).map(|v| v.version)));
    let withdrawn = parts.withdrawn_from(&channel.name).filter(|item| !item.bundle.is_empty() && !item.strands());
    let withdrawn = withdrawn.take(WITHDRAWN / parts.channels.len().max(1));
    entries
        .chain(withdrawn.map(|item| (&item.bundle, item.version.clone())))
        .filter(|(name, _)| seen.insert(*name))
        .map(|(name, version)| User { bundle: name.clone(), version })
        .collect()
}

/// The paths of users in a channel.
fn follow(users: &[User], channel: Option<&Channel>, parts: &Parts<'_>) -> Vec<Way> {
    let alone = |outcome| -> Vec<Way> {
        let way = |name: &String| Way { outcome, names: vec![name.clone()], end: name.clone(), steps: 0 };
        users.iter().map(|user| way(&user.bundle)).collect()
    };
    let Some(channel) = channel else { return alone(Outcome::NoChannel) };
    let graph = Graph::new(channel, |name| parts.version(name));
    let Ok(resolver) = Resolver::new(&graph) else { return alone(Outcome::Unordered) };
    let entries = graph.nodes().iter().map(|node| Installed {
        name: &node.entry.name,
        version: node.version.as_ref().map(|version| &version.version),
    });
    let installed =
        users.iter().map(|user| Installed { name: &user.bundle, version: user.version.as_ref() }).chain(entries);
    let mut successors = resolver.successors(&installed.collect::<Vec<_>>());
    let next = successors.split_off(users.len());
    let ends = ends(&next);
    let kept = (ALL_KEPT / users.len().max(1)).clamp(SHOWN, KEPT);
    let way = |(user, first): (&User, Option<usize>)| {
        let mut names = vec![user.bundle.clone()];
        let mut node = first;
        while let Some(at) = node.filter(|_| names.len() <= kept) {
            names.push(graph.name(at).to_owned());
            node = next[at];
        }
        let head = graph.name(resolver.head());
        let (end, steps) = match first.map(|first| ends[first]) {
            None => (user.bundle.as_str(), 0),
            Some(Some((end, steps))) => (graph.name(end), steps + 1),
            Some(None) => {
                let mut seen = HashSet::new();
                let round = names.iter().position(|name| !seen.insert(name)).unwrap_or(kept);
                names.truncate(round + 1);
                return Way { outcome: Outcome::Circle, steps: names.len() - 1, end: String::new(), names };
            }
        };
        let outcome = if end == head { Outcome::Head } else { Outcome::Stuck };
        Way { outcome, names, end: end.to_owned(), steps }
    };
    users.iter().zip(successors).map(way).collect()
}

/// For each place, the end of its path and the number of steps; `None` for a cycle.
fn ends(next: &[Option<usize>]) -> Vec<Option<(usize, usize)>> {
    let mut ends = vec![None; next.len()];
    let mut seen = vec![false; next.len()];
    for start in 0..next.len() {
        let (mut path, mut at) = (Vec::new(), Some(start));
        while let Some(place) = at.filter(|place| !std::mem::replace(&mut seen[*place], true)) {
            path.push(place);
            at = next[place];
        }
        // Places seen earlier have their end already, except those on this path: then it is a cycle.
        let mut end = at.and_then(|place| ends[place]);
        for place in path.into_iter().rev() {
            end = match (next[place], end) {
                (None, _) => Some((place, 0)),
                (Some(_), end) => end.map(|(last, steps)| (last, steps + 1)),
            };
            ends[place] = end;
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::ends;

    #[test]
    fn ways_end_or_go_round() {
        let next = [Some(1), Some(2), None, Some(4), Some(3), Some(3), Some(1)];
        let expected = [Some((2, 2)), Some((2, 1)), Some((2, 0)), None, None, None, Some((2, 2))];
        assert_eq!(ends(&next), expected);
    }
}
