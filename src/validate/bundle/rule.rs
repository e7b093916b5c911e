//! The definition of a rule.

use super::rules::RULES;
use super::{Context, Set};
use crate::diagnostic::{Finding, Place};
use crate::validate::Level;

/// One kind of defect of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its id, which is the name of its file with hyphens.
    pub id: &'static str,
    /// The severity of its findings.
    pub level: Level,
    /// Its sets: it runs if one of them is selected. Without sets it always runs.
    pub sets: &'static [Set],
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Markdown with the sections What it does, Why is this bad, Example and References.
    pub docs: &'static str,
    /// Adds what it finds.
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// The rule with an id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        RULES.iter().copied().find(|rule| rule.id == id)
    }

    /// A finding of this rule, without help: an error if it has both severities.
    #[must_use]
    pub fn finding(&self, place: Place, message: impl Into<String>) -> Finding {
        Finding { severity: self.level.worst(), ..Finding::error(self.id, place, message) }
    }

    /// A warning of this rule, whose other findings are errors.
    #[must_use]
    pub fn warning(&self, place: Place, message: impl Into<String>) -> Finding {
        Finding::warning(self.id, place, message)
    }
}
