//! Why something does not come about: from what the cluster knows to one message that says what to do.

mod catalog;
mod csv;
mod found;
mod group;
mod namespace;
mod olm;
mod permission;
mod plan;
mod pod;
mod pull;
mod refused;
mod resolution;
mod subscription;
pub mod text;
mod unpack;
mod workload;

use std::time::Duration;

use serde::Serialize;

use self::found::Found;
pub(super) use self::pod::is_ready;
use super::evidence::Evidence;

/// What is looked at, in the order in which one thing causes another: what an earlier one tells, a later one leaves out.
const STEPS: [fn(&Evidence, &mut Found); 12] = [
    namespace::terminating,
    olm::definitions,
    olm::deployments,
    catalog::find,
    namespace::missing,
    group::find,
    unpack::find,
    subscription::find,
    plan::find,
    csv::find,
    permission::package_server,
    permission::missing,
];

/// Everything that [`troubles`] can tell, by names that stay the same.
pub const TOPICS: &[&str] = found::TOPICS;

/// Why an installation does not come about, the root causes first. What only follows from another trouble is left out.
#[must_use]
pub fn troubles(evidence: &Evidence) -> Vec<Trouble> {
    by_topic(evidence).into_iter().map(|(_, trouble)| trouble).collect()
}

/// The [`troubles`], each with its topic, one of [`TOPICS`].
#[must_use]
pub fn by_topic(evidence: &Evidence) -> Vec<(&'static str, Trouble)> {
    let mut found = Found::default();
    for step in STEPS {
        if !found.nothing {
            step(evidence, &mut found);
        }
    }
    found.into_troubles()
}

/// One reason why something does not come about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Trouble {
    /// The object that it was seen at, such as `Pod olm/dbaas-catalog-x7k2p`.
    pub object: String,
    /// What is wrong, in a sentence without a full stop; the cluster's own words where they are clear.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// A time as people say it: `45 s`, `2 min`, `2 min 30 s`.
#[must_use]
pub fn seconds(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0) => format!("{} ms", time.as_millis()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// What others say may have lines.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a condition that did not come about is told.
pub(super) fn unmet(is_final: bool, waited: Duration) -> String {
    match is_final {
        true => "gave up waiting until".to_owned(),
        false => format!("timed out after {} waiting until", seconds(waited)),
    }
}

/// The troubles, as lines under a message.
pub(super) fn told(troubles: &[Trouble]) -> String {
    troubles
        .iter()
        .map(|trouble| format!("\n  {}: {}\n    {}", trouble.object, trouble.message, trouble.help))
        .collect()
}
