//! Validation of a catalog: rules, each of which finds one kind of defect, with the place of each.
//!
//! Every defect for which opm refuses a catalog (operator-registry's `alpha/declcfg` and `alpha/model`) is an error of
//! some rule, and nothing else is an error. Unlike opm, which stops at the first, all are found at once. What opm takes
//! and hurts users all the same is a warning.

mod comments;
mod context;
mod dependencies;
pub(crate) mod names;
mod objects;
mod rules;
pub mod select;
mod ways;

use std::path::Path;

pub use comments::Commented;
pub use context::{BundleView, ChannelView, Context, PackageProperty, PackageView};
pub use objects::{Csv, Definition, Objects};
pub use rules::RULES;

use crate::build;
use crate::catalog::Scan;
use crate::diagnostic::{Finding, Place, Severity};

/// One kind of defect.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its id, which is the name of its file with hyphens.
    pub id: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Markdown with the sections What it does, Why is this bad, Example and References.
    pub docs: &'static str,
    /// Adds what it finds.
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}

/// What users see of a rule, whatever it looks at.
#[derive(Clone, Copy, Debug)]
pub struct RuleFacts {
    /// Its id.
    pub id: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Markdown with the sections of [`Rule::docs`].
    pub docs: &'static str,
}

impl RuleFacts {
    /// Every rule that can be listed, explained and selected, sorted by id.
    pub fn all() -> impl Iterator<Item = Self> {
        let facts =
            |rule: &&Rule| Self { id: rule.id, severity: rule.severity, summary: rule.summary, docs: rule.docs };
        let mut all: Vec<Self> = RULES.iter().map(facts).chain([build::OVERSIZED, build::UNUSED]).collect();
        all.sort_unstable_by_key(|rule| rule.id);
        all.into_iter()
    }

    /// The rule of an id.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|rule| rule.id == id)
    }

    /// All there is to say about the rule, in Markdown.
    #[must_use]
    pub fn explain(&self) -> String {
        format!("# {} ({})\n\n{}\n\n{}\n", self.id, self.severity.as_str(), self.summary, self.docs.trim())
    }
}

impl Rule {
    /// The rule of an id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        RULES.iter().copied().find(|rule| rule.id == id)
    }

    /// A finding of this rule, without help.
    #[must_use]
    pub fn finding(&self, place: Place, message: impl Into<String>) -> Finding {
        match self.severity {
            Severity::Error => Finding::error(self.id, place, message),
            Severity::Warning => Finding::warning(self.id, place, message),
        }
    }
}

/// Holds every rule against what was read of a catalog. `root` is the file or folder that it was read from. Warnings that
/// a comment in a file ignores are left out; [`select`] leaves out more.
///
/// The findings come rule by rule; printing sorts them by place.
#[must_use]
pub fn validate(scan: &Scan, root: &Path) -> Vec<Finding> {
    let context = Context::new(scan, root);
    let mut findings = Vec::new();
    for rule in RULES {
        (rule.check)(&context, &mut findings);
    }
    comments::apply(&scan.commented, &mut findings);
    findings
}

/// The page about the rules, `docs/rules.md`: how to choose them, and what each of them finds.
#[must_use]
pub fn document() -> String {
    let row = |rule: RuleFacts| {
        format!("| `{}` | {} | {} |\n", rule.id, rule.severity.as_str(), rule.summary.replace('|', "\\|"))
    };
    DOCUMENT_HEAD.to_owned() + &RuleFacts::all().map(row).collect::<String>()
}

const DOCUMENT_HEAD: &str = include_str!("validate/document.md");
