//! Packages, channels and bundles that are gone although nothing says that they are withdrawn.

use super::super::model::{BundleChange, Outcome, Status, UserWay};
use super::super::rule;
use super::Seen;
use super::users::told_way;
use crate::diagnostic::{Finding, Place};
use crate::validate::names::list;

pub(super) fn package(seen: &Seen<'_, '_>) -> Option<Finding> {
    if seen.new.package_withdrawal().is_some() {
        return None;
    }
    let bundles = seen.old.bundles.len();
    let message = format!(
        "the published package {:?} is gone, with {bundles} {}; its users get no more upgrades",
        seen.change.name,
        if bundles == 1 { "bundle" } else { "bundles" }
    );
    let help = "put the package back, or withdraw it in an olm-catalog.withdrawn blob: an entry without `bundle` and \
                `channel`, with a reason";
    Some(Finding::error(rule::PACKAGE_GONE, Place::file(seen.root), message).help(help))
}

pub(super) fn channels(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    let gone = seen.change.channels.iter().filter(|channel| channel.status == Status::Removed);
    for channel in gone.filter(|channel| seen.new.channel_withdrawal(&channel.name).is_none()) {
        let message = format!(
            "the published channel {:?} of package {:?} is gone; users of {} who follow it get no more upgrades",
            channel.name,
            seen.change.name,
            list(channel.entries_removed.iter().map(String::as_str))
        );
        let help = "put the channel back, or add it to the withdrawn list with a reason and the channel that its users \
                    change to";
        findings.push(Finding::error(rule::CHANNEL_GONE, seen.package("name"), message).help(help));
    }
}

/// Bundles that are gone from the catalog, once each, and those that are gone from a channel alone.
pub(super) fn bundles(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    let gone = |bundle: &&BundleChange| bundle.status == Status::Removed;
    let mut told = std::collections::HashMap::<&str, Vec<&UserWay>>::new();
    for way in &seen.change.users {
        told.entry(&way.bundle).or_default().push(way);
    }
    for bundle in seen.change.bundles.iter().filter(gone) {
        let ways = told.get(&*bundle.name).map(Vec::as_slice).unwrap_or_default();
        let open = |way: &&&UserWay| seen.new.withdrawal(&bundle.name, &way.channel).is_none();
        let withdrawn = if ways.is_empty() {
            seen.new.withdrawal(&bundle.name, "").is_some()
        } else {
            !ways.iter().any(|way| open(&way))
        };
        if withdrawn {
            continue;
        }
        let first = ways.iter().find(open).map(|way| way.channel.as_str());
        let place = first.map_or_else(|| seen.package("name"), |channel| seen.channel(channel));
        let message = format!("the published bundle {:?} of package {:?} is gone", bundle.name, seen.change.name);
        // Users who lost their way are told with `published-way-lost`.
        let on = ways.iter().filter(|way| way.outcome == Outcome::Head);
        let users: Vec<String> = on.take(5).map(|way| told_way(way)).collect();
        let message = if users.is_empty() { message } else { format!("{message}; {}", users.join("; ")) };
        let help = "put the bundle back, or add it to the withdrawn list with a reason and where its users go";
        findings.push(Finding::error(rule::BUNDLE_GONE, place, message).help(help));
    }
    for channel in seen.change.channels.iter().filter(|channel| channel.status == Status::Changed) {
        let still = |name: &&String| seen.new.bundles.contains_key(&***name);
        let open = |name: &&String| seen.new.withdrawal(name, &channel.name).is_none();
        let gone: Vec<&str> = channel.entries_removed.iter().filter(still).filter(open).map(String::as_str).collect();
        if gone.is_empty() {
            continue;
        }
        let message = format!(
            "{} of package {:?} no longer {} in channel {:?}, where {} published",
            list(gone.iter().copied()),
            seen.change.name,
            if gone.len() == 1 { "stands" } else { "stand" },
            channel.name,
            if gone.len() == 1 { "it was" } else { "they were" },
        );
        let help = "put the entry back, or add it to the withdrawn list with a reason, the channel, and where its users \
                    go";
        findings.push(Finding::error(rule::ENTRY_GONE, seen.channel(&channel.name), message).help(help));
    }
}
