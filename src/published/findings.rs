//! The changes that hurt users, with the place in the new catalog.

mod content;
mod gone;
mod users;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::model::{Difference, PackageChange, Status};
use super::rule;
use super::sides::{Parts, Sides};
use crate::catalog::Channel;
use crate::diagnostic::{Finding, Place};
use crate::version::VersionRelease;
use crate::yaml::Route;

/// A package that changed, as the findings see it.
struct Seen<'s, 'c> {
    change: &'s PackageChange,
    old: &'s Parts<'c>,
    new: &'s Parts<'c>,
    root: &'s Path,
    /// The versions of the heads of the new catalog's channels, if they have one.
    heads: HashMap<&'c str, Option<VersionRelease>>,
}

/// Adds the findings, package by package.
pub(super) fn find(sides: &Sides<'_>, difference: &Difference, root: &Path, findings: &mut Vec<Finding>) {
    for change in &difference.packages {
        let (old, new) = (sides.before(&change.name), sides.after(&change.name));
        let version = |channel: &Channel| super::difference::head(channel).and_then(|head| new.version(&head));
        let heads = new.channels.iter().map(|(name, channel)| (*name, version(channel))).collect();
        let seen = Seen { change, old, new, root, heads };
        match change.status {
            Status::Added => {}
            Status::Removed => findings.extend(gone::package(&seen)),
            Status::Changed => {
                gone::channels(&seen, findings);
                gone::bundles(&seen, findings);
                gone::entries(&seen, findings);
                back(&seen, findings);
                content::changed(&seen, findings);
                users::lost(&seen, findings);
            }
        }
    }
    for name in sides.names() {
        present(sides.after(name), findings);
    }
}

impl Seen<'_, '_> {
    /// The place of a field of the `olm.package` blob.
    fn package(&self, field: &str) -> Place {
        let blob = self.new.package.map(|package| package.origin.place(Route::root().key(field)));
        blob.unwrap_or_else(|| Place::file(self.root))
    }

    /// The place of a channel's name, or of the package's if there is no such channel.
    fn channel(&self, channel: &str) -> Place {
        let blob = self.new.channels.get(channel);
        blob.map_or_else(|| self.package("name"), |blob| blob.origin.place(Route::root().key("name")))
    }

    /// The place of an entry in a channel, or of the channel if it has no such entry.
    fn entry(&self, channel: &str, name: &str) -> Place {
        let position = |blob: &&Channel| blob.entries.iter().position(|entry| entry.name == name);
        let found = self.new.channels.get(channel).and_then(|blob| Some((blob, position(blob)?)));
        match found {
            Some((blob, position)) => blob.origin.place(Route::root().key("entries").index(position).key("name")),
            None => self.channel(channel),
        }
    }
}

/// Channels and default channels whose head is an older version than before.
fn back(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    let package = &seen.change.name;
    let older = |from: &str, to: &str| {
        let (from, to) = (seen.old.version(from), seen.new.version(to));
        from.zip(to).is_some_and(|(from, to)| to < from)
    };
    for channel in seen.change.channels.iter().filter(|channel| channel.status == Status::Changed) {
        let Some(head) = &channel.head else { continue };
        if older(&head.from, &head.to) && seen.new.withdrawal(&head.from, &channel.name).is_none() {
            let message = format!(
                "the head of channel {:?} of package {package:?} changed from {:?} to the older {:?}",
                channel.name, head.from, head.to
            );
            let help = format!("restore {:?}, or add it to the withdrawn list with a reason", head.from);
            let place = seen.entry(&channel.name, &head.to);
            findings.push(Finding::error(rule::CHANNEL_BACK.id, place, message).help(help));
        }
    }
    if let Some(changed) = &seen.change.default_channel {
        let head = |parts: &Parts<'_>, channel: &str| {
            parts.channels.get(channel).and_then(|channel| super::difference::head(channel)).unwrap_or_default()
        };
        let (from, to) = (head(seen.old, &changed.from), head(seen.new, &changed.to));
        if older(&from, &to) {
            let message = format!(
                "the default channel of package {package:?} changed from {:?} with the head {from:?} to {:?} with the \
                 older head {to:?}",
                changed.from, changed.to
            );
            let help = "new users get the older version; choose the channel with the newest version";
            let place = seen.package("defaultChannel");
            findings.push(Finding::warning(rule::DEFAULT_BACK.id, place, message).help(help));
        }
    }
}

/// Parts in a withdrawn list that the catalog still has.
fn present(new: &Parts<'_>, findings: &mut Vec<Finding>) {
    let mut standing: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for channel in new.channels.values().filter(|_| !new.withdrawn.is_empty()) {
        for entry in &channel.entries {
            standing.entry(&entry.name).or_default().insert(&channel.name);
        }
    }
    for withdrawal in &new.withdrawn {
        let still = match (&*withdrawal.bundle, &*withdrawal.channel) {
            ("", "") => new.exists().then(|| format!("package {:?} is in the catalog", withdrawal.package)),
            ("", channel) => {
                new.channels.contains_key(channel).then(|| format!("channel {channel:?} is in the catalog"))
            }
            (bundle, channel) => {
                let channels = standing.get(bundle);
                let in_it = |channels: &BTreeSet<&str>| match channel {
                    "" => channels.first().map(ToString::to_string),
                    _ => channels.contains(channel).then(|| channel.to_owned()),
                };
                channels.and_then(in_it).map(|channel| format!("bundle {bundle:?} is in channel {channel:?}"))
            }
        };
        if let Some(still) = still {
            let message = format!("{still}, but it is listed as withdrawn");
            let finding = Finding::warning(rule::WITHDRAWN_PRESENT.id, withdrawal.place.clone(), message);
            findings.push(finding.help("remove it from the catalog, or from the withdrawn list"));
        }
    }
}
