//! Corrections of files where there is no doubt what was meant: one kind a file, each for the findings of one rule.
//!
//! Only the text of one scalar changes. A file is read again when it is corrected, and nothing is changed in it unless it
//! then says the same as before but for the corrections.

mod annotation_case;
mod edit;
mod field_name;
mod place;
mod ranges;
mod versions;

use serde_json::Value;

pub use edit::{Correction, Fixed, file};
pub use place::{Kept, may_change};

use crate::yaml::Route;

/// How the findings of a rule are corrected.
#[derive(Clone, Copy, Debug)]
pub struct Fix {
    /// The rule's id.
    pub rule: &'static str,
    /// What is to stand at a finding's place in its document. None where that is not certain.
    pub find: fn(&Value, &Route) -> Option<Replacement>,
}

/// What is to stand in place of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Another value.
    Value(String),
    /// Another key before the same value.
    Key(String),
}

/// Every kind of correction, sorted by rule.
pub static FIXES: [&Fix; 8] = [
    &annotation_case::FIX,
    &versions::BUNDLE,
    &versions::CSV,
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

/// The text at a route.
fn text<'v>(document: &'v Value, route: &Route) -> Option<&'v str> {
    route.find(document)?.as_str()
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
