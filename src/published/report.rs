//! The output of a [`Comparison`] for people and programs.

mod lines;
mod markdown;
mod text;

use schemars::JsonSchema;
use serde::Serialize;

pub use markdown::markdown;
pub use text::text;

use super::Comparison;
use super::model::{Difference, UserWay};
use crate::diagnostic::{Sources, github, json};
use crate::yaml;

/// How many versions of a path are shown; of a longer one the first two and the last.
const TOLD: usize = 6;

/// What `catalog diff -o json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'c> {
    /// Everything that changed.
    #[serde(flatten)]
    difference: &'c Difference,
    /// The changes that hurt users, as `catalog validate -o json` prints findings.
    findings: Vec<json::Json<'c>>,
}

/// One JSON object, ending in a newline: the fields of a [`Difference`], and `findings` as in
/// [`crate::diagnostic::json::render`].
///
/// # Panics
/// Never: a comparison is text and numbers, which JSON can hold.
#[must_use]
pub fn json(comparison: &Comparison, sources: &Sources) -> String {
    let findings = json::list(&comparison.findings, sources);
    let json = Json { difference: &comparison.difference, findings };
    yaml::to_json(&json).expect("a comparison is text and numbers")
}

/// The findings as workflow commands of GitHub Actions.
#[must_use]
pub fn github(comparison: &Comparison, sources: &Sources) -> String {
    github::render(&comparison.findings, sources)
}

/// The versions of a path from one on: `a -> b -> c`, and of a long one `a -> b -> … 12 more … -> c`.
pub(super) fn steps(way: &UserWay, from: usize) -> String {
    let names: Vec<&str> = way.way.iter().skip(from).map(String::as_str).collect();
    let all = (way.steps + 1).saturating_sub(from);
    if all <= TOLD || way.end.is_empty() {
        return names.into_iter().take(TOLD).collect::<Vec<_>>().join(" -> ");
    }
    let first = names.into_iter().take(2).collect::<Vec<_>>().join(" -> ");
    format!("{first} -> … {} more … -> {}", all - 3, way.end)
}
