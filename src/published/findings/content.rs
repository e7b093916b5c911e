//! Published bundles whose content changed under the same name.

use super::super::model::{ContentChange, Harm, Status};
use super::super::rule;
use super::Seen;
use crate::diagnostic::Finding;
use crate::yaml::Route;

/// How many differences of a bundle a message shows. `catalog diff` shows all.
const TOLD: usize = 5;

pub(super) fn changed(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    for bundle in seen.change.bundles.iter().filter(|bundle| bundle.status == Status::Changed) {
        let harmful: Vec<&ContentChange> = bundle.content.iter().filter(|change| change.harm > Harm::None).collect();
        let Some(worst) = harmful.iter().rev().max_by_key(|change| change.harm) else { continue };
        let Some(blob) = seen.new.bundles.get(&*bundle.name) else { continue };
        let mut changes: Vec<String> = harmful.iter().take(TOLD).map(|change| describe(change)).collect();
        if harmful.len() > TOLD {
            changes.push(format!("{} more", harmful.len() - TOLD));
        }
        let message = format!(
            "the content of the published bundle {:?} of package {:?} changed: {}",
            bundle.name,
            seen.change.name,
            changes.join("; ")
        );
        // A field with many lines is not shown; the name identifies the bundle.
        let field = if worst.field == "image" { "image" } else { "name" };
        let place = blob.origin.place(Route::root().key(field));
        let finding = match worst.harm {
            Harm::Error => Finding::error(rule::BUNDLE_CHANGED.id, place, message)
                .help("clusters that have it keep the old content: publish the change as a new version"),
            Harm::Warning | Harm::None => Finding::warning(rule::BUNDLE_CHANGED.id, place, message)
                .help("OLM still installs the same; check that the change is intended, or publish it as a new version"),
        };
        findings.push(finding);
    }
}

/// `image changed from a to b`
fn describe(change: &ContentChange) -> String {
    let what = &change.what;
    match (change.status, &change.from, &change.to) {
        (_, Some(from), Some(to)) => format!("{what} changed from {from} to {to}"),
        (_, Some(from), None) => format!("{what} {from} was removed"),
        (_, None, Some(to)) => format!("{what} {to} was added"),
        (Status::Removed, None, None) => format!("{what} was removed"),
        (Status::Added, None, None) => format!("{what} was added"),
        (Status::Changed, None, None) => format!("{what} changed"),
    }
}
