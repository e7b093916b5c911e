//! Users who no longer reach a head.

use std::collections::BTreeMap;

use super::super::model::{Outcome, UserWay};
use super::super::rule;
use super::super::withdrawn::Withdrawal;
use super::Seen;
use crate::diagnostic::Finding;
use crate::validate::names::list;

/// Adds the users who reached the head of their channel in the old catalog but do not now, grouped by where they end.
pub(super) fn lost(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    let mut alike: BTreeMap<(&str, End<'_>), Vec<&UserWay>> = BTreeMap::new();
    for way in &seen.change.users {
        let withdrawal = seen.new.withdrawal(&way.bundle, &way.channel);
        if withdrawal.is_some_and(Withdrawal::strands) {
            continue;
        }
        if way.outcome == Outcome::NoChannel && way.change_to.is_none() {
            // The removed channel is reported already.
            continue;
        }
        let reaches = way.outcome == Outcome::Head;
        if way.reached_before && !reaches {
            alike.entry((&way.channel, end(seen, way))).or_default().push(way);
        } else if let Some(withdrawal) = withdrawal.filter(|item| !item.bundle.is_empty()) {
            findings.extend(elsewhere(seen, way, withdrawal));
        }
    }
    for ((channel, end), ways) in alike {
        let Some(first) = ways.first() else { continue };
        let followed = first.change_to.as_deref().unwrap_or(channel);
        let users = list(ways.iter().map(|way| way.bundle.as_str()));
        let message = format!(
            "users of {users} in channel {channel:?} of package {:?} no longer reach its head: {}",
            seen.change.name,
            why(end, followed)
        );
        let place = match end {
            End::At(end) => seen.entry(followed, end),
            _ => seen.channel(followed),
        };
        findings.push(Finding::error(rule::WAY_LOST.id, place, message).help(help(end)));
    }
}

/// Where users end who do not reach the head.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End<'w> {
    NoChannel,
    Unordered,
    Circle,
    /// They stay at a version that is older than the head.
    Stay,
    /// They stay at a version that is newer than the head.
    Newer,
    /// They stop at another version.
    At(&'w str),
}

fn end<'w>(seen: &Seen<'_, '_>, way: &'w UserWay) -> End<'w> {
    match way.outcome {
        Outcome::NoChannel => End::NoChannel,
        Outcome::Unordered => End::Unordered,
        Outcome::Circle => End::Circle,
        Outcome::Head | Outcome::Stuck if way.steps > 0 => End::At(&way.end),
        Outcome::Head | Outcome::Stuck => {
            let followed = way.change_to.as_ref().unwrap_or(&way.channel);
            let head = seen.heads.get(followed.as_str()).and_then(Option::as_ref);
            let newer = seen.old.version(&way.bundle).zip(head).is_some_and(|(own, head)| own > *head);
            if newer { End::Newer } else { End::Stay }
        }
    }
}

fn why(end: End<'_>, channel: &str) -> String {
    match end {
        End::NoChannel => format!("the channel {channel:?} does not exist"),
        End::Unordered => format!("OLM cannot sort the entries of channel {channel:?}"),
        End::Circle => format!("their upgrades in channel {channel:?} form a cycle"),
        End::Stay => format!("channel {channel:?} has no upgrade for them"),
        End::Newer => format!("the head of channel {channel:?} is older, and the channel has no upgrade for them"),
        End::At(end) => format!("they stop at {end:?}, for which channel {channel:?} has no upgrade"),
    }
}

fn help(end: End<'_>) -> &'static str {
    match end {
        End::NoChannel => "name a channel of the new catalog in `upgradeTo`",
        End::Unordered => "give the channel one head: `catalog validate` shows what is wrong with it",
        End::Circle => "remove the edge that leads back to an older version",
        End::Stay | End::At(_) => "make the channel's head skip them, with `skips` or a `skipRange` that includes them",
        End::Newer => "publish a newer version that replaces or skips them",
    }
}

/// A withdrawn version whose users do not get to its `upgradeTo`.
fn elsewhere(seen: &Seen<'_, '_>, way: &UserWay, withdrawal: &Withdrawal) -> Option<Finding> {
    if way.change_to.is_some() || !way.reached_before {
        return None;
    }
    let on_it = way.way.iter().skip(1).any(|name| *name == withdrawal.upgrade_to);
    // Of a long upgrade path not every version is known, but it does reach the head. A version that was withdrawn in an
    // earlier release can have a newer upgrade path.
    if on_it || way.steps >= way.way.len() || !seen.old.bundles.contains_key(&*way.bundle) {
        return None;
    }
    let message =
        format!("users of the withdrawn {:?} do not get to {:?}: {}", way.bundle, withdrawal.upgrade_to, describe(way));
    let finding = Finding::error(rule::WITHDRAWN_WAY.id, withdrawal.place.clone(), message);
    Some(finding.help("correct `upgradeTo`, or the edges of the channel"))
}

/// `in channel "stable" its users are upgraded to b -> c`
pub(super) fn describe(way: &UserWay) -> String {
    let channel = way.change_to.as_ref().unwrap_or(&way.channel);
    let steps = super::super::report::steps(way, 1);
    match way.outcome {
        Outcome::NoChannel => format!("the channel {channel:?} does not exist any more"),
        Outcome::Unordered => format!("OLM upgrades nobody in channel {channel:?}"),
        Outcome::Circle => format!("in channel {channel:?} the upgrades of its users form a cycle: {steps}"),
        Outcome::Head | Outcome::Stuck if way.steps == 0 => format!("in channel {channel:?} its users have no upgrade"),
        Outcome::Head => format!("in channel {channel:?} its users are upgraded to {steps}"),
        Outcome::Stuck => format!("in channel {channel:?} its users are upgraded to {steps}, and no further"),
    }
}
