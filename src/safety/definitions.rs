//! The changes of each CustomResourceDefinition in a step, and their effects on users' resources.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::Serialize;

use super::facts::{Definition, Facts};
use crate::crd::{self, Change, Class, Digest, Effect, Kind, Outcome};
use crate::diagnostic::Place;

/// A CustomResourceDefinition that a step adds, changes or removes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionStep {
    /// Its name, `<plural>.<group>`.
    pub name: String,
    /// What happens to it.
    pub change: Kind,
    /// The worst class of its changes.
    pub class: Class,
    /// Its changes, sorted by version and path.
    #[serde(serialize_with = "as_list")]
    pub changes: Arc<Vec<DefinitionChange>>,
    /// Its place in the old bundle.
    #[serde(skip)]
    pub old: Option<Place>,
    /// Its place in the new bundle.
    #[serde(skip)]
    pub new: Option<Place>,
}

impl DefinitionStep {
    /// The same with only its breaking changes.
    #[must_use]
    pub fn breaking(mut self) -> Self {
        let changes = self.changes.iter().filter(|it| it.class == Class::Breaking);
        self.changes = Arc::new(changes.cloned().collect());
        self
    }
}

fn as_list<S: serde::Serializer>(changes: &Arc<Vec<DefinitionChange>>, serializer: S) -> Result<S::Ok, S::Error> {
    changes.as_slice().serialize(serializer)
}

/// A change of a definition, and its effect on existing resources.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// Its class.
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
        let with_effect = |change: Change| {
            let Effect { class, outcome, text } = change.effect;
            Self { change, class, outcome, effect: text }
        };
        changes.into_iter().map(with_effect).collect()
    }
}

/// OLM's handling of a definition that the new bundle does not have. OLM v0 keeps it; OLM v1 deletes it.
const WITHOUT_OPERATOR: &str = "no operator manages its resources any more, and OLM v1 deletes them";

/// Earlier comparisons: the same two definitions are on many edges.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<HashMap<(Digest, Digest), Changes>>);

type Changes = Arc<Vec<DefinitionChange>>;

impl Memo {
    fn changes(&self, old: &Definition, new: &Definition) -> Changes {
        let key = (old.digest, new.digest);
        let memo = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memo().get(&key) {
            return Arc::clone(known);
        }
        let changes = crd::diff(std::slice::from_ref(&*old.crd), std::slice::from_ref(&*new.crd));
        let changes = Arc::new(DefinitionChange::all(changes));
        memo().insert(key, Arc::clone(&changes));
        changes
    }
}

/// The definitions that differ, by name.
pub(super) fn changes(old: &Facts, new: &Facts, memo: &Memo) -> Vec<DefinitionStep> {
    let names: BTreeSet<&String> = old.definitions.keys().chain(new.definitions.keys()).collect();
    let step = |name: &String| changed(name, old.definitions.get(name), new.definitions.get(name), memo);
    names.into_iter().filter_map(step).collect()
}

fn changed(name: &str, old: Option<&Definition>, new: Option<&Definition>, memo: &Memo) -> Option<DefinitionStep> {
    let place = |side: Option<&Definition>| side.and_then(|definition| definition.place.clone());
    let (change, changes) = match (old, new) {
        (Some(old), Some(new)) if old.digest == new.digest => return None,
        (Some(old), Some(new)) => (Kind::Changed, memo.changes(old, new)),
        (Some(old), None) => (Kind::Removed, Arc::new(vec![removed(old)])),
        (None, _) => (Kind::Added, Arc::default()),
    };
    let class = changes.iter().map(|change| change.class).max().unwrap_or(Class::Safe);
    let is_nothing = change == Kind::Changed && changes.is_empty();
    let step = || DefinitionStep { name: name.to_owned(), change, class, changes, old: place(old), new: place(new) };
    (!is_nothing).then(step)
}

fn removed(definition: &Definition) -> DefinitionChange {
    let (class, outcome, text) = (Class::Breaking, Outcome::Lost, WITHOUT_OPERATOR);
    let effect = Effect { class, outcome, text };
    let (crd, path, from, to) = (definition.crd.name.clone(), String::new(), None, None);
    let change = Change { crd, version: None, change: Kind::Removed, path, from, to, fields: 0, effect };
    DefinitionChange { change, class, outcome, effect: text }
}

/// Groups changes that differ only in the definition's version: the versions, and the change.
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
