//! Why an installation fails: turns the cluster's objects into messages that say what to do.

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

use schemars::JsonSchema;
use serde::Serialize;

use self::found::Found;
pub(super) use self::pod::is_ready;
use super::evidence::{Evidence, Scope};

/// The checks, in the order of cause and effect: a later check leaves out what an earlier one has reported.
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

/// All topics of [`troubles`], by stable names.
pub const TOPICS: &[&str] = found::TOPICS;

/// Why an installation fails, root causes first. Problems that only follow from another one are left out.
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

/// The problems of an installation, for programs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report<'r> {
    /// The namespaces that were checked.
    pub scope: &'r Scope,
    /// The problems, root causes first.
    pub troubles: Vec<Told<'r>>,
}

/// A problem and its topic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Told<'r> {
    /// A stable name, such as `image-pull`.
    pub topic: &'r str,
    /// The problem.
    #[serde(flatten)]
    pub trouble: &'r Trouble,
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
pub(super) fn told(troubles: &[Trouble]) -> String {
    troubles
        .iter()
        .map(|trouble| format!("\n  {}: {}\n    {}", trouble.object, trouble.message, trouble.help))
        .collect()
}
