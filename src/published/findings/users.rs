//! Users who no longer reach a head.

use std::collections::BTreeMap;

use super::super::model::{Outcome, UserWay};
use super::super::rule;
use super::super::withdrawn::Withdrawal;
use super::Seen;
use crate::diagnostic::Finding;
use crate::validate::names::list;

/// Adds the users who reached the head of their channel in the old catalog and do not now, those who end alike together.
pub(super) fn lost(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    let mut alike: BTreeMap<(&str, Outcome, &str), Vec<&UserWay>> = BTreeMap::new();
    for way in &seen.change.users {
        let withdrawal = seen.new.withdrawal(&way.bundle, &way.channel);
        if withdrawal.is_some_and(Withdrawal::strands) {
            continue;
        }
        if way.outcome == Outcome::NoChannel && way.change_to.is_none() {
            // That the channel is gone is told already.
            continue;
        }
        let reaches = way.outcome == Outcome::Head;
        if way.reached_before && !reaches {
            let end = if way.steps == 0 { "" } else { way.way.last().map_or("", String::as_str) };
            alike.entry((&way.channel, way.outcome, end)).or_default().push(way);
        } else if let Some(withdrawal) = withdrawal.filter(|item| !item.bundle.is_empty()) {
            findings.extend(elsewhere(seen, way, withdrawal));
        }
    }
    for ((channel, outcome, end), ways) in alike {
        let Some(first) = ways.first() else { continue };
        let followed = first.change_to.as_deref().unwrap_or(channel);
        let users = list(ways.iter().map(|way| way.bundle.as_str()));
        let message = format!(
            "users of {users} in channel {channel:?} of package {:?} no longer reach its head: {}",
            seen.change.name,
            why(outcome, end, followed)
        );
        let place = if end.is_empty() { seen.channel(followed) } else { seen.entry(followed, end) };
        let finding = Finding::error(rule::WAY_LOST, place, message);
        findings.push(finding.help(help(outcome)));
    }
}

fn why(outcome: Outcome, end: &str, channel: &str) -> String {
    match outcome {
        Outcome::NoChannel => format!("there is no channel {channel:?} to change to"),
        Outcome::Unordered => format!("OLM cannot put the entries of channel {channel:?} in order"),
        Outcome::Circle => format!("their upgrades in channel {channel:?} go round in a circle"),
        Outcome::Head | Outcome::Stuck if end.is_empty() => {
            format!("no entry of channel {channel:?} that OLM takes replaces, skips or has a range with their version")
        }
        Outcome::Head | Outcome::Stuck => {
            format!("they stop at {end:?}, which nothing upgrades in channel {channel:?}")
        }
    }
}

fn help(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NoChannel => "name a channel of the new catalog in `upgradeTo`",
        Outcome::Unordered => "give the channel one head: `catalog validate` shows what is wrong with it",
        Outcome::Circle => "remove the edge that goes back to an older version",
        Outcome::Head | Outcome::Stuck => {
            "add the versions to `skips` of the channel's head, or extend the head's `skipRange` to them"
        }
    }
}

/// A withdrawn version whose users do not come to where its withdrawal says.
fn elsewhere(seen: &Seen<'_, '_>, way: &UserWay, withdrawal: &Withdrawal) -> Option<Finding> {
    if way.change_to.is_some() || !way.reached_before {
        return None;
    }
    let on_it = way.way.iter().skip(1).any(|name| *name == withdrawal.upgrade_to);
    // Of a long way not every version is known, and it does reach the head. What was withdrawn in an earlier release
    // may have a newer way.
    if on_it || way.steps >= way.way.len() || !seen.old.bundles.contains_key(&*way.bundle) {
        return None;
    }
    let message = format!(
        "users of the withdrawn {:?} do not come to {:?}: {}",
        way.bundle,
        withdrawal.upgrade_to,
        told_way(way)
    );
    let finding = Finding::error(rule::WITHDRAWN_WAY, withdrawal.place.clone(), message);
    Some(finding.help("correct `upgradeTo`, or the edges of the channel"))
}

/// `in channel "stable" its users go on to b -> c`
pub(super) fn told_way(way: &UserWay) -> String {
    let channel = way.change_to.as_ref().unwrap_or(&way.channel);
    let steps = super::super::report::steps(way, 1);
    match way.outcome {
        Outcome::NoChannel => format!("there is no channel {channel:?} any more"),
        Outcome::Unordered => format!("OLM upgrades nobody in channel {channel:?}"),
        Outcome::Circle => format!("in channel {channel:?} the upgrades of its users go round: {steps}"),
        Outcome::Head | Outcome::Stuck if way.steps == 0 => format!("in channel {channel:?} its users have no way on"),
        Outcome::Head => format!("in channel {channel:?} its users are upgraded to {steps}"),
        Outcome::Stuck => format!("in channel {channel:?} its users are upgraded to {steps}, and no further"),
    }
}
