//! Corrections of files where there is no doubt what was meant: one kind a file, each for the findings of one rule.
//!
//! The text of one scalar changes, or items are added to a list. A file is read again when it is corrected, and nothing
//! is changed in it unless it then says the same as before but for the corrections.

mod annotation_case;
mod channel_head;
mod edit;
mod entry_stranded;
mod field_name;
mod insert;
mod place;
mod ranges;
mod versions;

use std::cell::OnceCell;
use std::collections::HashMap;

use serde_json::Value;

pub use edit::{Correction, Fixed, file};
pub use place::{Kept, may_change};

use crate::diagnostic::{Addition, Finding, Spot};
use crate::yaml::{Route, field};

/// How the findings of a rule are corrected.
#[derive(Clone, Copy, Debug)]
pub struct Fix {
    /// The rule's id.
    pub rule: &'static str,
    /// What is to be changed. None where that is not certain.
    find: fn(&Seen<'_, '_>) -> Option<Replacement>,
}

/// A finding, and the document that it is in.
struct Seen<'s, 'd> {
    finding: &'s Finding,
    document: &'s Document<'d>,
    /// The way to its place in the document; where the finding is about a key, to the value behind it.
    route: Route,
}

/// A document, and what is looked up in it often.
struct Document<'d> {
    value: &'d Value,
    entries: OnceCell<HashMap<&'d str, &'d Value>>,
}

/// What is to stand in place of something else, in the same document.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Replacement {
    /// Another value.
    Value(Route, String),
    /// Another key before the same value.
    Key(Route, String),
    /// Items at the end of lists: each the mapping, the key of its list, and the items.
    Additions(Vec<(Route, &'static str, Vec<String>)>),
}

/// Every kind of correction, sorted by rule.
pub static FIXES: [&Fix; 10] = [
    &annotation_case::FIX,
    &versions::BUNDLE,
    &channel_head::FIX,
    &versions::CSV,
    &entry_stranded::FIX,
    &field_name::FIX,
    &versions::KUBERNETES,
    &ranges::REQUIRED,
    &ranges::ENTRY,
    &ranges::ANNOTATION,
];

impl Fix {
    /// How the findings of a rule are corrected, if any are.
    #[must_use]
    pub fn of(rule: &str) -> Option<&'static Self> {
        FIXES.iter().copied().find(|fix| fix.rule == rule)
    }
}

impl<'d> Seen<'_, 'd> {
    /// The text at its place.
    fn text(&self) -> Option<&'d str> {
        self.route.find(self.document.value)?.as_str()
    }

    /// What its rule found missing in lists. None where nothing is, or a part of it is elsewhere.
    fn additions(&self) -> Option<Replacement> {
        let additions: Option<Vec<_>> = self
            .finding
            .additions
            .iter()
            .map(|Addition { place, key, items }| match (&place.spot, &self.finding.place.spot) {
                (Spot::Value { document, route }, Spot::Value { document: own, .. })
                    if place.file == self.finding.place.file && document == own =>
                {
                    Some((route.clone(), *key, items.clone()))
                }
                _ => None,
            })
            .collect();
        additions.filter(|additions| !additions.is_empty()).map(Replacement::Additions)
    }
}

impl<'d> Document<'d> {
    fn new(value: &'d Value) -> Self {
        Self { value, entries: OnceCell::new() }
    }

    /// The entry of a channel of a name: of equal names the first.
    fn entry(&self, name: &str) -> Option<&'d Value> {
        let entries = || {
            let list = field(self.value, "entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            list.iter().rev().filter_map(|entry| Some((field(entry, "name")?.as_str()?, entry))).collect()
        };
        self.entries.get_or_init(entries).get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::RuleFacts;

    #[test]
    fn fixes_are_of_rules() {
        let rules: Vec<&str> = FIXES.iter().map(|fix| fix.rule).collect();
        assert!(rules.is_sorted() && rules.iter().all(|rule| RuleFacts::find(rule).is_some()), "{rules:?}");
    }
}
