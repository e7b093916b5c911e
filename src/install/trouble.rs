//! A problem of an installation, and its parts for people.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

/// One problem of an installation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Trouble {
    /// The object that has the problem, such as `Pod olm/dbaas-catalog-x7k2p`.
    pub object: String,
    /// The problem, in a sentence without a full stop; in the cluster's own words if they are clear.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

/// A duration for people: `45 s`, `2 min`, `2 min 30 s`.
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

/// Text from outside on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a message about a condition that was not met.
pub(super) fn unmet(is_final: bool, waited: Duration) -> String {
    match is_final {
        true => "gave up waiting until".to_owned(),
        false => format!("timed out after {} waiting until", seconds(waited)),
    }
}

/// The problems, as lines under a message.
pub(super) fn lines(troubles: &[Trouble]) -> String {
    troubles
        .iter()
        .map(|trouble| format!("\n  {}: {}\n    {}", trouble.object, trouble.message, trouble.help))
        .collect()
}
