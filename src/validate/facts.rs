//! What users see of rules, whatever they look at.

use super::RULES;
use super::bundle::{self, Set};
use crate::build;
use crate::diagnostic::Severity;
use crate::diagnostic::sarif::RuleText;

/// What users see of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleFacts {
    /// Its id.
    pub id: &'static str,
    /// How bad its findings are. Where it has errors and warnings, the worse.
    pub severity: Severity,
    /// What it looks at.
    pub about: About,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Markdown with the sections What it does, Why is this bad, Example and References.
    pub docs: &'static str,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub enum About {
    /// Catalogs.
    Catalog,
    /// Bundles; where there are sets, only if one of them is selected.
    Bundle(&'static [Set]),
    /// What `catalog build` puts together.
    Build,
}

impl About {
    /// `catalog`, `bundle`, the sets that it is in, or `build`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Catalog => "catalog".to_owned(),
            Self::Bundle([]) => "bundle".to_owned(),
            Self::Bundle(sets) => sets.iter().map(|set| set.as_str()).collect::<Vec<_>>().join(", "),
            Self::Build => "build".to_owned(),
        }
    }
}

impl RuleFacts {
    /// Every rule that can be listed, explained and selected, sorted by id.
    pub fn all() -> impl Iterator<Item = Self> {
        let catalogs = RULES.iter().map(|rule| (rule.id, rule.severity, About::Catalog, rule.summary, rule.docs));
        let bundles = bundle::RULES
            .iter()
            .map(|rule| (rule.id, rule.severity, About::Bundle(rule.sets), rule.summary, rule.docs));
        let mut all: Vec<Self> = catalogs
            .chain(bundles)
            .map(|(id, severity, about, summary, docs)| Self { id, severity, about, summary, docs })
            .chain([build::OVERSIZED, build::UNUSED])
            .collect();
        all.sort_unstable_by_key(|rule| rule.id);
        all.into_iter()
    }

    /// The rule of an id.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|rule| rule.id == id)
    }

    /// What SARIF says of the rule.
    #[must_use]
    pub fn text(self) -> RuleText {
        RuleText { severity: self.severity, summary: self.summary, docs: self.docs }
    }

    /// All there is to say about the rule, in Markdown.
    #[must_use]
    pub fn explain(&self) -> String {
        let set = match self.about {
            About::Bundle(sets) if !sets.is_empty() => format!(", set {}", self.about.name()),
            _ => String::new(),
        };
        format!("# {} ({}{set})\n\n{}\n\n{}\n", self.id, self.severity.as_str(), self.summary, self.docs.trim())
    }
}

/// The page about the rules, `docs/rules.md`: how to choose them, and what each of them finds.
#[must_use]
pub fn document() -> String {
    let row = |rule: RuleFacts| {
        let summary = rule.summary.replace('|', "\\|");
        format!("| `{}` | {} | {} | {summary} |\n", rule.id, rule.about.name(), rule.severity.as_str())
    };
    DOCUMENT_HEAD.to_owned() + &RuleFacts::all().map(row).collect::<String>()
}

const DOCUMENT_HEAD: &str = include_str!("document.md");
