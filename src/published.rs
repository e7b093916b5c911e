//! A catalog against the one that is published: what changed, and what that does to the users of every published version.
//!
//! [`compare`] makes a [`Comparison`] of two catalogs: a [`Difference`], which tells all changes and the users' ways to
//! a head, and findings, which say what of it hurts users. [`report`] prints it. What each finding means, and how bad it
//! is, is in `docs/published.md`.
//!
//! Removing what is published is an error unless the new catalog says so in its [`withdrawn`] list.

mod content;
mod difference;
mod findings;
mod model;
pub mod report;
pub mod rule;
mod sides;
mod ways;
pub mod withdrawn;

use std::path::Path;

pub use model::{
    BundleChange, Changed, ChannelChange, ContentChange, DeprecationChange, Difference, EdgeChange, EdgeField, Harm,
    Outcome, PackageChange, Status, UserWay, WithdrawalChange,
};

use crate::catalog::Catalog;
use crate::diagnostic::{Finding, Severity};

/// Two catalogs, compared.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Everything that changed.
    pub difference: Difference,
    /// What of it hurts users, with places in the new catalog.
    pub findings: Vec<Finding>,
}

impl Comparison {
    /// Whether a change is an error: users lose their way, or what was published changed or is gone.
    #[must_use]
    pub fn hurts(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Compares a catalog with the published one. `root` is the file, folder or image that the new one was read from, the
/// place of what has no other place in it.
#[must_use]
pub fn compare(old: &Catalog, new: &Catalog, root: &Path) -> Comparison {
    let mut findings = Vec::new();
    let sides = sides::Sides::new(old, new, &mut findings);
    let difference = difference::difference(&sides);
    findings::find(&sides, &difference, root, &mut findings);
    Comparison { difference, findings }
}
