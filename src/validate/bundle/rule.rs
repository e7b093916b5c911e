//! What a rule is.

use super::rules::RULES;
use super::{Context, Set};
use crate::diagnostic::{Finding, Place};
use crate::validate::Level;

/// One kind of defect of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its id, which is the name of its file with hyphens.
    pub id: &'static str,
    /// How bad its findings are.
    pub level: Level,
    /// The sets that it belongs to: it runs where one of them is selected. Without any it always runs.
    pub sets: &'static [Set],
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Markdown with the sections What it does, Why is this bad, Example and References.
    pub docs: &'static str,
    /// Adds what it finds.
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// The rule of an id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        RULES.iter().copied().find(|rule| rule.id == id)
    }

    /// A finding of this rule, without help: an error where it has both.
    #[must_use]
    pub fn finding(&self, place: Place, message: impl Into<String>) -> Finding {
        Finding { severity: self.level.worst(), ..Finding::error(self.id, place, message) }
    }

    /// A warning of this rule, whose findings are errors otherwise.
    #[must_use]
    pub fn warning(&self, place: Place, message: impl Into<String>) -> Finding {
        Finding::warning(self.id, place, message)
    }
}
