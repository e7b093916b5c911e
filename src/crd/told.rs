//! A change as `catalog crd diff -o json` prints it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Change, Class, effects};

/// A change, and what it does to the resources that exist.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Told<'c> {
    /// The change.
    #[serde(flatten)]
    pub change: &'c Change,
    /// Whether it is safe for them.
    pub class: Class,
    /// What it does.
    pub effect: &'static str,
}

/// Each change with its effect.
#[must_use]
pub fn told(changes: &[Change]) -> Vec<Told<'_>> {
    let effects = effects(changes);
    changes.iter().zip(effects).map(|(change, (class, effect))| Told { change, class, effect }).collect()
}
