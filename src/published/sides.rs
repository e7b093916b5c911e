//! The two catalogs by package, to find each part by its name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::withdrawn::{self, Withdrawal};
use crate::catalog::{Bundle, Catalog, Channel, DeprecationEntry, Package};
use crate::diagnostic::Finding;
use crate::validate::BundleView;
use crate::version::VersionRelease;

/// The two catalogs.
#[derive(Debug)]
pub(super) struct Sides<'c> {
    old: BTreeMap<&'c str, Parts<'c>>,
    new: BTreeMap<&'c str, Parts<'c>>,
    none: Parts<'c>,
}

/// The parts of a package. Of parts with the same name, the first counts.
#[derive(Debug, Default)]
pub(super) struct Parts<'c> {
    pub(super) package: Option<&'c Package>,
    pub(super) channels: BTreeMap<&'c str, &'c Channel>,
    pub(super) bundles: BTreeMap<&'c str, &'c Bundle>,
    pub(super) deprecations: Vec<&'c DeprecationEntry>,
    pub(super) withdrawn: Vec<Withdrawal>,
    /// The withdrawals for each channel that they name, and for none.
    withdrawn_in: HashMap<String, Vec<usize>>,
    /// The first withdrawal for each bundle and channel.
    withdrawn_by: HashMap<(String, String), usize>,
}

impl<'c> Sides<'c> {
    /// Groups both. Defects in the new catalog's withdrawn lists are added to the findings; those of the old one can no
    /// longer be changed.
    pub(super) fn new(old: &'c Catalog, new: &'c Catalog, findings: &mut Vec<Finding>) -> Self {
        Self { old: parts(old, &mut Vec::new()), new: parts(new, findings), none: Parts::default() }
    }

    /// The names of all packages, sorted.
    pub(super) fn names(&self) -> BTreeSet<&'c str> {
        self.old.keys().chain(self.new.keys()).copied().collect()
    }

    /// A package in the old catalog; without parts if it does not exist.
    pub(super) fn before(&self, package: &str) -> &Parts<'c> {
        self.old.get(package).unwrap_or(&self.none)
    }

    /// A package in the new catalog; without parts if it does not exist.
    pub(super) fn after(&self, package: &str) -> &Parts<'c> {
        self.new.get(package).unwrap_or(&self.none)
    }
}

fn parts<'c>(catalog: &'c Catalog, findings: &mut Vec<Finding>) -> BTreeMap<&'c str, Parts<'c>> {
    let mut all: BTreeMap<&'c str, Parts<'c>> = BTreeMap::new();
    for package in &catalog.packages {
        all.entry(&package.name).or_default().package.get_or_insert(package);
    }
    for channel in &catalog.channels {
        all.entry(&channel.package).or_default().channels.entry(&channel.name).or_insert(channel);
    }
    for bundle in &catalog.bundles {
        all.entry(&bundle.package).or_default().bundles.entry(&bundle.name).or_insert(bundle);
    }
    for deprecations in &catalog.deprecations {
        all.entry(&deprecations.package).or_default().deprecations.extend(&deprecations.entries);
    }
    for blob in catalog.others.iter().filter(|blob| blob.schema == withdrawn::SCHEMA) {
        all.entry(&blob.package).or_default();
    }
    for withdrawal in withdrawn::read(catalog, findings) {
        if let Some(parts) = all.get_mut(&*withdrawal.package) {
            let key = (withdrawal.bundle.clone(), withdrawal.channel.clone());
            parts.withdrawn_in.entry(withdrawal.channel.clone()).or_default().push(parts.withdrawn.len());
            parts.withdrawn_by.entry(key).or_insert(parts.withdrawn.len());
            parts.withdrawn.push(withdrawal);
        }
    }
    all
}

impl<'c> Parts<'c> {
    /// Whether a catalog has the package, and not only a withdrawn list for it.
    pub(super) fn exists(&self) -> bool {
        self.package.is_some() || !self.channels.is_empty() || !self.bundles.is_empty()
    }

    /// The default channel's name.
    pub(super) fn default_channel(&self) -> &'c str {
        self.package.map_or("", |package| &package.default_channel)
    }

    /// The version of a bundle, if it has a valid one.
    pub(super) fn version(&self, bundle: &str) -> Option<VersionRelease> {
        self.bundles.get(bundle).and_then(|bundle| BundleView::version_of(bundle))
    }

    /// The entry of the withdrawn list for a bundle in a channel: one that names the bundle takes precedence over one
    /// that withdraws the whole channel or package.
    pub(super) fn withdrawal(&self, bundle: &str, channel: &str) -> Option<&Withdrawal> {
        self.named(bundle, channel).or_else(|| self.named(bundle, "")).or_else(|| self.channel_withdrawal(channel))
    }

    /// The bundles that were withdrawn from a channel, and from every channel.
    pub(super) fn withdrawn_from(&self, channel: &str) -> impl Iterator<Item = &Withdrawal> {
        let of = |channel: &str| self.withdrawn_in.get(channel).into_iter().flatten();
        of(channel).chain(of("")).filter_map(|&at| self.withdrawn.get(at))
    }

    /// The entry that withdraws a whole channel, or the package.
    pub(super) fn channel_withdrawal(&self, channel: &str) -> Option<&Withdrawal> {
        self.named("", channel).or_else(|| self.package_withdrawal())
    }

    /// The entry that withdraws the package.
    pub(super) fn package_withdrawal(&self) -> Option<&Withdrawal> {
        self.named("", "")
    }

    fn named(&self, bundle: &str, channel: &str) -> Option<&Withdrawal> {
        let found = self.withdrawn_by.get(&(bundle.to_owned(), channel.to_owned()));
        found.and_then(|&at| self.withdrawn.get(at))
    }
}
