//! Published bundles with other content under the same name.

use super::super::model::{ContentChange, Harm, Status};
use super::super::rule;
use super::Seen;
use crate::diagnostic::Finding;
use crate::yaml::Route;

/// How many differences of a bundle a message tells. `catalog diff` shows all.
const TOLD: usize = 5;

pub(super) fn changed(seen: &Seen<'_, '_>, findings: &mut Vec<Finding>) {
    for bundle in seen.change.bundles.iter().filter(|bundle| bundle.status == Status::Changed) {
        let harmful: Vec<&ContentChange> = bundle.content.iter().filter(|change| change.harm > Harm::None).collect();
        let Some(worst) = harmful.iter().rev().max_by_key(|change| change.harm) else { continue };
        let Some(blob) = seen.new.bundles.get(&*bundle.name) else { continue };
        let mut told: Vec<String> = harmful.iter().take(TOLD).map(|change| tell(change)).collect();
        if harmful.len() > TOLD {
            told.push(format!("{} more", harmful.len() - TOLD));
        }
        let message = format!(
            "the published bundle {:?} of package {:?} has other content: {}",
            bundle.name,
            seen.change.name,
            told.join("; ")
        );
        // A field of many lines is not shown; the name says which bundle it is.
        let field = if worst.field == "image" { "image" } else { "name" };
        let place = blob.origin.place(Route::root().key(field));
        let finding = match worst.harm {
            Harm::Error => Finding::error(rule::BUNDLE_CHANGED.id, place, message)
                .help("clusters that have it keep the old content; publish the change as a new version"),
            Harm::Warning | Harm::None => Finding::warning(rule::BUNDLE_CHANGED.id, place, message)
                .help("OLM installs what it did; check that the change is meant, or publish it as a new version"),
        };
        findings.push(finding);
    }
}

/// `image was a, is now b`
fn tell(change: &ContentChange) -> String {
    let what = &change.what;
    match (change.status, &change.from, &change.to) {
        (_, Some(from), Some(to)) => format!("{what} was {from}, is now {to}"),
        (_, Some(from), None) => format!("{what} {from} is gone"),
        (_, None, Some(to)) => format!("{what} {to} is new"),
        (Status::Removed, None, None) => format!("{what} is gone"),
        (Status::Added, None, None) => format!("{what} is new"),
        (Status::Changed, None, None) => format!("{what} changed"),
    }
}
