//! A catalog compared with the published one: what changed, and how that affects the users of every published version.
//!
//! [`compare`] makes a [`Comparison`] of two catalogs: a [`Difference`], which contains all changes and the users'
//! upgrade paths to a head, and findings, which report the changes that hurt users. [`report`] prints it.
//! `docs/published.md` describes each finding and its severity.
//!
//! Removing anything that was published is an error, unless the new catalog lists it in its [`withdrawn`] list.

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

/// The comparison of two catalogs.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Everything that changed.
    pub difference: Difference,
    /// The changes that hurt users, with places in the new catalog.
    pub findings: Vec<Finding>,
}

impl Comparison {
    /// Whether a change is an error: users lose their upgrade path, or a published part was changed or removed.
    #[must_use]
    pub fn hurts(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Compares a catalog with the published one. `root` is the file, folder or image from which the new one was read;
/// findings without another place point to it.
#[must_use]
pub fn compare(old: &Catalog, new: &Catalog, root: &Path) -> Comparison {
    let mut findings = Vec::new();
    let sides = sides::Sides::new(old, new, &mut findings);
    let difference = difference::difference(&sides);
    findings::find(&sides, &difference, root, &mut findings);
    Comparison { difference, findings }
}
