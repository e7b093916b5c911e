//! The user-visible facts about rules of all kinds.

use schemars::JsonSchema;
use serde::Serialize;

use super::bundle::{self, Set};
use super::fix::Fix;
use super::{Level, RULES, baseline};
#[cfg(feature = "registry")]
use crate::build;
use crate::diagnostic::Severity;
use crate::diagnostic::sarif::RuleText;
use crate::{channel, operator, published};

/// The user-visible facts about a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleFacts {
    /// Its id.
    pub id: &'static str,
    /// The severity of its findings.
    pub level: Level,
    /// What it checks.
    pub about: About,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Markdown with the sections What it does, Why is this bad, Example and References.
    pub docs: &'static str,
}

/// What a rule checks.
#[derive(Clone, Copy, Debug)]
pub enum About {
    /// Catalogs.
    Catalog,
    /// Bundles; if it is in sets, only if one of them is selected.
    Bundle(&'static [Set]),
    /// The parts that `catalog build` combines.
    Build,
    /// A catalog compared with the published one, only if there is one.
    Published,
    /// An `operator.yaml`.
    Operator,
    /// A template.
    Template,
    /// The `--baseline` file.
    Baseline,
}

impl About {
    /// `catalog`, `bundle`, the sets that it is in, `build`, `published`, `operator`,
    /// `template` or `baseline`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Catalog => "catalog".to_owned(),
            Self::Bundle([]) => "bundle".to_owned(),
            Self::Bundle(sets) => sets.iter().map(|set| set.as_str()).collect::<Vec<_>>().join(", "),
            Self::Build => "build".to_owned(),
            Self::Published => "published".to_owned(),
            Self::Operator => "operator".to_owned(),
            Self::Template => "template".to_owned(),
            Self::Baseline => "baseline".to_owned(),
        }
    }
}

/// A rule as JSON.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "Rule")]
pub struct RuleEntry {
    /// Its id, by which options, comments, baselines and `catalog.toml` name it. Ids do not change.
    pub rule: &'static str,
    /// The severity of its worst findings.
    pub severity: Severity,
    /// The possible severities of its findings. Warnings can be ignored.
    pub levels: Vec<Severity>,
    /// What it is for: `catalog`, `bundle`, sets of rules for bundles, `build`, `published`, `operator`,
    /// `template` or `baseline`.
    pub about: String,
    /// Whether `catalog validate --fix` can correct what it finds, where that is certain.
    pub fixable: bool,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// What it does, why that is bad, an example and references, in Markdown.
    pub explanation: &'static str,
}

impl RuleFacts {
    /// Every rule that can be listed, explained and selected, sorted by id.
    pub fn all() -> impl Iterator<Item = Self> {
        let catalogs =
            RULES.iter().map(|rule| (rule.id, rule.severity.into(), About::Catalog, rule.summary, rule.docs));
        let bundles =
            bundle::RULES.iter().map(|rule| (rule.id, rule.level, About::Bundle(rule.sets), rule.summary, rule.docs));
        let mut all: Vec<Self> = catalogs
            .chain(bundles)
            .map(|(id, level, about, summary, docs)| Self { id, level, about, summary, docs })
            .chain([baseline::STALE])
            .chain(built())
            .chain(operator::rule::EVERY)
            .chain(channel::rule::EVERY)
            .chain(published::rule::EVERY)
            .collect();
        all.sort_unstable_by_key(|rule| rule.id);
        all.into_iter()
    }

    /// The rule with an id.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|rule| rule.id == id)
    }

    /// Whether `catalog validate --fix` can correct what it finds, where that is certain.
    #[must_use]
    pub fn fixable(&self) -> bool {
        Fix::of(self.id).is_some()
    }

    /// The rule as `catalog rules -o json` prints it.
    #[must_use]
    pub fn entry(&self) -> RuleEntry {
        let levels = match self.level {
            Level::Error => vec![Severity::Error],
            Level::Warning => vec![Severity::Warning],
            Level::Both => vec![Severity::Error, Severity::Warning],
        };
        RuleEntry {
            rule: self.id,
            severity: self.level.worst(),
            levels,
            about: self.about.name(),
            fixable: self.fixable(),
            summary: self.summary,
            explanation: self.docs.trim(),
        }
    }

    /// The description of the rule in SARIF.
    #[must_use]
    pub fn text(self) -> RuleText {
        RuleText { severity: self.level.worst(), summary: self.summary, docs: self.docs }
    }

    /// The full description of the rule, in Markdown.
    #[must_use]
    pub fn explain(&self) -> String {
        let set = match self.about {
            About::Bundle(sets) if !sets.is_empty() => format!(", set {}", self.about.name()),
            _ => String::new(),
        };
        let set = set + if self.fixable() { ", fixable" } else { "" };
        format!("# {} ({}{set})\n\n{}\n\n{}\n", self.id, self.level.as_str(), self.summary, self.docs.trim())
    }
}

/// The rules of `catalog build`.
#[cfg(feature = "registry")]
fn built() -> [RuleFacts; 2] {
    [build::OVERSIZED, build::UNUSED]
}

#[cfg(not(feature = "registry"))]
fn built() -> [RuleFacts; 0] {
    []
}

/// The page about the rules, `docs/rules.md`: how to select them, and what each of them finds.
#[must_use]
pub fn document() -> String {
    let row = |rule: RuleFacts| {
        // Where it is not code, `<` would begin a tag.
        let parts = rule.summary.split('`').enumerate();
        let parts: Vec<_> =
            parts.map(|(i, part)| if i % 2 == 0 { part.replace('<', "\\<") } else { part.to_owned() }).collect();
        let summary = parts.join("`").replace('|', "\\|");
        let fixable = if rule.fixable() { "yes" } else { "" };
        format!("| `{}` | {} | {} | {fixable} | {summary} |\n", rule.id, rule.about.name(), rule.level.as_str())
    };
    DOCUMENT_HEAD.to_owned() + &RuleFacts::all().map(row).collect::<String>()
}

const DOCUMENT_HEAD: &str = include_str!("document.md");
