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

use schemars::JsonSchema;
use serde::Serialize;

use self::found::Found;
pub(super) use self::pod::is_ready;
use super::evidence::{Evidence, Scope};
pub use super::trouble::Trouble;

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

/// The problems of an installation, for programs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report<'r> {
    /// The namespaces that were checked.
    pub scope: &'r Scope,
    /// The problems, root causes first.
    pub troubles: Vec<Named<'r>>,
}

/// A problem and its topic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Named<'r> {
    /// A stable name, such as `image-pull`.
    pub topic: &'r str,
    /// The problem.
    #[serde(flatten)]
    pub trouble: &'r Trouble,
}
