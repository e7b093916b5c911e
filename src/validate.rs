//! Validation of a catalog by rules. Each rule finds one kind of defect, and reports the place of each. [`bundle`] has
//! the rules for bundles.
//!
//! Every defect for which opm rejects a catalog (operator-registry's `alpha/declcfg` and `alpha/model`) is an error of
//! some rule, and nothing else is an error. opm stops at the first defect; the rules report all of them at once. What
//! opm accepts but hurts users is a warning.

pub mod baseline;
pub mod bundle;
pub mod comments;
mod context;
pub(crate) mod dependencies;
mod facts;
pub mod fix;
pub mod input;
mod level;
pub(crate) mod names;
mod objects;
mod rules;
pub mod select;
mod target;
mod upgrades;
mod ways;

use std::collections::BTreeSet;
use std::path::Path;

pub use comments::Commented;
pub use context::{BundleView, ChannelView, Context, PackageProperty, PackageView};
pub use facts::{About, RuleEntry, RuleFacts, document};
pub use level::Level;
pub use objects::{Csv, Definition, Objects};
pub use rules::RULES;
pub use target::{Target, UnknownTarget};

use crate::catalog::Scan;
use crate::diagnostic::{Finding, Place, Severity};
use crate::safety::Facts;

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

/// Holds every rule but those of a [`Target`] against what was read of a catalog. `root` is the file or folder that it was read from. Warnings that
/// a comment in a file ignores are left out; [`select`] leaves out more.
///
/// The findings come rule by rule; printing sorts them by place.
#[must_use]
pub fn validate(scan: &Scan, root: &Path) -> Vec<Finding> {
    validate_with(scan, root, Extra::default())
}

/// What a catalog is checked with in addition to the rules for OLM and to what it contains.
#[derive(Debug, Default)]
pub struct Extra {
    /// Targets whose rules run too.
    pub targets: BTreeSet<Target>,
    /// The findings against the published catalog (see [`crate::published`]), if there is one: comments can ignore these too.
    pub published: Option<Vec<Finding>>,
    /// Facts of bundles, with their packages: for a catalog that does not contain the manifests of its bundles.
    pub bundles: Vec<(String, Facts)>,
}

/// The same as [`validate`], with more to check.
#[must_use]
pub fn validate_with(scan: &Scan, root: &Path, extra: Extra) -> Vec<Finding> {
    let Extra { targets, published, bundles } = extra;
    let context = Context::new(scan, root).with_bundles(bundles).with_heads_only(targets.is_empty());
    let runs = |rule: &str| Target::of(rule).is_none_or(|target| targets.contains(&target));
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| runs(rule.id)) {
        (rule.check)(&context, &mut findings);
    }
    let compared = published.is_some();
    findings.extend(published.into_iter().flatten());
    comments::apply(&scan.commented, &mut findings, |rule| {
        runs(rule.id) && (compared || !matches!(rule.about, About::Published))
    });
    findings
}
