//! Packages, channels and bundles that were removed without being withdrawn.

use std::collections::HashMap;

use super::super::model::{Outcome, Status, UserWay};
use super::super::rule;
use super::Seen;
use super::users::describe;
use crate::diagnostic::{Finding, Place};
use crate::validate::names::list;
use crate::words::plural;

/// How many upgrade paths a message shows. `catalog diff` shows all.
const TOLD: usize = 5;

/// A removed package.
pub(super) fn package(seen: &Seen<'_, '_>) -> Option<Finding> {
    if seen.new.package_withdrawal().is_some() {
        return None;
    }
    let message = format!(
        "the published package {:?} was removed, with {}; its users get no more upgrades",
        seen.change.name,
        plural(seen.old.bundles.len(), "bundle")
    );
    let help = "restore the package, or withdraw it in an olm-catalog.withdrawn blob: an entry without `bundle` and \
                `channel`, with a reason";
    Some(Finding::error(rule::PACKAGE_GONE.id, Place::file(seen.root), message).help(help))
}

/// Removed channels of a package.
pub(super) fn channels(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    let gone = seen.change.channels.iter().filter(|channel| channel.status == Status::Removed);
    for channel in gone.filter(|channel| seen.new.channel_withdrawal(&channel.name).is_none()) {
        let message = format!(
            "the published channel {:?} of package {:?} was removed; users of {} who follow it get no more upgrades",
            channel.name,
            seen.change.name,
            list(channel.entries_removed.iter().map(String::as_str))
        );
        let help = "restore the channel, or add it to the withdrawn list with a reason and the channel that its users \
                    should change to";
        findings.push(Finding::error(rule::CHANNEL_GONE.id, seen.package("name"), message).help(help));
    }
}

/// Bundles that were removed from the catalog, once each.
pub(super) fn bundles(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    let mut ways: HashMap<&str, Vec<&UserWay>> = HashMap::new();
    for way in &seen.change.users {
        ways.entry(&way.bundle).or_default().push(way);
    }
    let gone = seen.change.bundles.iter().filter(|bundle| bundle.status == Status::Removed);
    findings.extend(gone.filter_map(|bundle| {
        let ways = ways.get(&*bundle.name).map(Vec::as_slice).unwrap_or_default();
        self::bundle(seen, &bundle.name, ways)
    }));
}

/// A removed bundle, with the upgrade paths of its users, unless it is withdrawn from every channel that had it.
fn bundle(seen: &Seen<'_, '_>, name: &str, ways: &[&UserWay]) -> Option<Finding> {
    let open = |channel: &str| seen.new.withdrawal(name, channel).is_none();
    let place = match ways.iter().find(|way| open(&way.channel)) {
        Some(way) => seen.channel(&way.channel),
        None if ways.is_empty() && open("") => seen.package("name"),
        None => return None,
    };
    // `published-way-lost` reports users who lost their upgrade path.
    let on = ways.iter().filter(|way| way.outcome == Outcome::Head);
    let on: String = on.take(TOLD).map(|way| format!("; {}", describe(way))).collect();
    let message = format!("the published bundle {name:?} of package {:?} was removed{on}", seen.change.name);
    let help = "restore the bundle, or add it to the withdrawn list with a reason and `upgradeTo`";
    Some(Finding::error(rule::BUNDLE_GONE.id, place, message).help(help))
}

/// Bundles that are still in the catalog, but no longer in a channel.
pub(super) fn entries(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    for channel in seen.change.channels.iter().filter(|channel| channel.status == Status::Changed) {
        let removed = channel.entries_removed.iter().map(String::as_str);
        let still = removed.filter(|name| seen.new.bundles.contains_key(name));
        let gone: Vec<&str> = still.filter(|name| seen.new.withdrawal(name, &channel.name).is_none()).collect();
        let (are, were) = match gone.len() {
            0 => continue,
            1 => ("is", "it was"),
            _ => ("are", "they were"),
        };
        let message = format!(
            "{} of package {:?} {are} no longer in channel {:?}, where {were} published",
            list(gone.iter().copied()),
            seen.change.name,
            channel.name,
        );
        let help = "restore it, or add it to the withdrawn list with a reason, the channel and `upgradeTo`";
        findings.push(Finding::error(rule::ENTRY_GONE.id, seen.channel(&channel.name), message).help(help));
    }
}
