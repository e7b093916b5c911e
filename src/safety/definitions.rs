//! What happens to each CustomResourceDefinition of a step, and by it to the resources of users.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::facts::{Definition, Facts};
use crate::crd::{self, Change, Class, Effect, Kind, Outcome};
use crate::diagnostic::Place;

/// A CustomResourceDefinition that a step adds, changes or takes away.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionStep {
    /// Its name, `<plural>.<group>`.
    pub name: String,
    /// What happens to it.
    pub change: Kind,
    /// The worst class of its changes.
    pub class: Class,
    /// What changes in it, sorted by version and path.
    pub changes: Vec<DefinitionChange>,
    /// Where the old bundle has it.
    #[serde(skip)]
    pub old: Option<Place>,
    /// Where the new bundle has it.
    #[serde(skip)]
    pub new: Option<Place>,
}

/// A change of a definition, and what it does to the resources that exist.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// Whether existing resources take it.
    pub class: Class,
    /// What happens to them.
    pub outcome: Outcome,
    /// The same in words.
    pub effect: &'static str,
}

impl DefinitionChange {
    /// Each change of a definition with its effect.
    #[must_use]
    pub fn all(changes: Vec<Change>) -> Vec<Self> {
        let told = |change: Change| {
            let Effect { class, outcome, text } = change.effect;
            Self { change, class, outcome, effect: text }
        };
        changes.into_iter().map(told).collect()
    }
}

/// What OLM does with a definition that a bundle does not have any more. OLM v0 leaves it; OLM v1 deletes what a bundle no
/// longer has.
const WITHOUT_OPERATOR: &str = "no operator takes care of its resources any more, and OLM v1 deletes them";

/// The definitions that differ, by name.
pub(super) fn changes(old: &Facts, new: &Facts) -> Vec<DefinitionStep> {
    let names: BTreeSet<&String> = old.definitions.keys().chain(new.definitions.keys()).collect();
    let step = |name: &String| changed(name, old.definitions.get(name), new.definitions.get(name));
    names.into_iter().filter_map(step).collect()
}

fn changed(name: &str, old: Option<&Definition>, new: Option<&Definition>) -> Option<DefinitionStep> {
    let place = |side: Option<&Definition>| side.and_then(|definition| definition.place.clone());
    let (change, changes) = match (old, new) {
        // Most stay as they are, and those of a catalog that are equal are often one in memory.
        (Some(old), Some(new)) if Arc::ptr_eq(&old.crd, &new.crd) || old.crd == new.crd => return None,
        (Some(old), Some(new)) => {
            let changes = crd::diff(std::slice::from_ref(&*old.crd), std::slice::from_ref(&*new.crd));
            (Kind::Changed, DefinitionChange::all(changes))
        }
        (Some(old), None) => (Kind::Removed, vec![gone(old)]),
        (None, _) => (Kind::Added, Vec::new()),
    };
    let class = changes.iter().map(|change| change.class).max().unwrap_or(Class::Safe);
    let is_nothing = change == Kind::Changed && changes.is_empty();
    let step = || DefinitionStep { name: name.to_owned(), change, class, changes, old: place(old), new: place(new) };
    (!is_nothing).then(step)
}

fn gone(definition: &Definition) -> DefinitionChange {
    let (class, outcome, text) = (Class::Breaking, Outcome::Lost, WITHOUT_OPERATOR);
    let effect = Effect { class, outcome, text };
    let (crd, path, from, to) = (definition.crd.name.clone(), String::new(), None, None);
    let change = Change { crd, version: None, change: Kind::Removed, path, from, to, fields: 0, effect };
    DefinitionChange { change, class, outcome, effect: text }
}

/// Changes that are the same but for their version of the definition, together: the versions, and the change.
#[must_use]
pub fn by_version(changes: &[DefinitionChange]) -> Vec<(Vec<&str>, &DefinitionChange)> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<(Vec<&str>, &DefinitionChange)> = Vec::new();
    for it in changes {
        let DefinitionChange { change: Change { version, change, path, from, to, .. }, class, effect, .. } = it;
        let key = format!("{class} {change:?} {path} {from:?} {to:?} {effect} {}", version.is_some());
        let place = *places.entry(key).or_insert(all.len());
        if place == all.len() {
            all.push((Vec::new(), it));
        }
        all[place].0.extend(version.as_deref());
    }
    all
}
