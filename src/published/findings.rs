//! What of a difference hurts users, with the place in the new catalog.

mod content;
mod gone;
mod users;

use std::path::Path;

use super::model::{Difference, PackageChange, Status};
use super::rule;
use super::sides::{Parts, Sides};
use crate::catalog::Channel;
use crate::diagnostic::{Finding, Place};
use crate::yaml::Route;

/// A package that changed, as the findings look at it.
struct Seen<'s, 'c> {
    change: &'s PackageChange,
    old: &'s Parts<'c>,
    new: &'s Parts<'c>,
    root: &'s Path,
}

/// Adds the findings, package by package.
pub(super) fn find(sides: &Sides<'_>, difference: &Difference, root: &Path, findings: &mut Vec<Finding>) {
    for change in &difference.packages {
        let (old, new) = (sides.old(&change.name), sides.new_parts(&change.name));
        let seen = Seen { change, old, new, root };
        match change.status {
            Status::Added => {}
            Status::Removed => findings.extend(gone::package(&seen)),
            Status::Changed => {
                gone::channels(&seen, findings);
                gone::bundles(&seen, findings);
                back(&seen, findings);
                content::changed(&seen, findings);
                users::lost(&seen, findings);
            }
        }
    }
    for name in sides.names() {
        present(sides.new_parts(name), findings);
    }
}

impl Seen<'_, '_> {
    /// The place of a field of the `olm.package` blob.
    fn package(&self, field: &str) -> Place {
        let blob = self.new.package.map(|package| package.origin.place(Route::root().key(field)));
        blob.unwrap_or_else(|| Place::file(self.root))
    }

    /// The place of a channel's entries, or of the package where there is no such channel.
    fn channel(&self, channel: &str) -> Place {
        let blob = self.new.channels.get(channel);
        blob.map_or_else(|| self.package("name"), |blob| blob.origin.place(Route::root().key("entries")))
    }

    /// The place of an entry in a channel, or of the channel where it does not stand there.
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
                "the head of channel {:?} of package {package:?} was {:?}, and is now the older {:?}",
                channel.name, head.from, head.to
            );
            let help = format!("put {:?} back, or add it to the withdrawn list with a reason", head.from);
            let place = seen.entry(&channel.name, &head.to);
            findings.push(Finding::error(rule::CHANNEL_BACK, place, message).help(help));
        }
    }
    if let Some(changed) = &seen.change.default_channel {
        let head = |parts: &Parts<'_>, channel: &str| {
            parts.channels.get(channel).and_then(|channel| super::difference::head(channel)).unwrap_or_default()
        };
        let (from, to) = (head(seen.old, &changed.from), head(seen.new, &changed.to));
        if older(&from, &to) {
            let message = format!(
                "the default channel of package {package:?} was {:?} with the head {from:?}; it is now {:?} with the \
                 older head {to:?}",
                changed.from, changed.to
            );
            let help = "new users get the older version; choose the channel with the newest one";
            let place = seen.package("defaultChannel");
            findings.push(Finding::warning(rule::DEFAULT_BACK, place, message).help(help));
        }
    }
}

/// What a withdrawn list names although the catalog still has it.
fn present(new: &Parts<'_>, findings: &mut Vec<Finding>) {
    for withdrawal in &new.withdrawn {
        let channels = || {
            let named = |name: &str| withdrawal.channel.is_empty() || withdrawal.channel == name;
            new.channels.values().filter(move |channel| named(&channel.name))
        };
        let stands = |channel: &&Channel| channel.entries.iter().any(|entry| entry.name == withdrawal.bundle);
        let still = match (&*withdrawal.bundle, &*withdrawal.channel) {
            ("", "") => new.exists().then(|| format!("package {:?} is in the catalog", withdrawal.package)),
            ("", channel) => channels().next().map(|_| format!("channel {channel:?} is in the catalog")),
            (bundle, _) => channels()
                .find(|channel| stands(channel))
                .map(|channel| format!("bundle {bundle:?} is in channel {:?}", channel.name)),
        };
        if let Some(still) = still {
            let message = format!("{still}, although it is listed as withdrawn");
            let finding = Finding::warning(rule::WITHDRAWN_PRESENT, withdrawal.place.clone(), message);
            findings.push(finding.help("remove it from the catalog, or from the withdrawn list"));
        }
    }
}
