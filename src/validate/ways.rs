//! The upgrades of a package across all its channels: users can change from one channel to another.

use semver::Version;

use super::context::PackageView;
use crate::catalog::Entry;
use crate::graph::Installable;
use crate::version::VersionRelease;

/// Words in the names of channels that are ahead of others by design: their versions are not for everybody.
const TRIAL: [&str; 18] = [
    "alpha",
    "beta",
    "canary",
    "candidate",
    "daily",
    "dev",
    "devel",
    "development",
    "early",
    "edge",
    "experimental",
    "nightly",
    "preview",
    "rc",
    "snapshot",
    "tech",
    "test",
    "unstable",
];

/// The head of a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'p> {
    /// The index of its channel in the package.
    pub(super) channel: usize,
    /// Its node in the channel's graph.
    pub(super) node: usize,
    /// Its name.
    pub(super) name: &'p str,
    /// Its version.
    pub(super) version: &'p VersionRelease,
}

/// The upgrades that the heads of a package offer to each other's users.
#[derive(Debug)]
pub(super) struct Ways<'p> {
    /// The heads of all channels whose head has a known version, in the order of channels.
    pub(super) heads: Vec<Head<'p>>,
    /// The newest of them that is a release, in a channel for everybody.
    pub(super) newest: Option<Head<'p>>,
    upgradable: std::collections::HashMap<&'p str, bool>,
}

impl<'p> Ways<'p> {
    /// The upgrades of a package.
    pub(super) fn of<'c: 'p>(package: &'p PackageView<'c>) -> Self {
        let heads: Vec<Head<'p>> = package
            .channels
            .iter()
            .enumerate()
            .filter_map(|(channel, view)| {
                let [node] = view.graph.heads()[..] else { return None };
                let version = view.graph.nodes()[node].version.as_ref()?;
                Some(Head { channel, node, name: view.graph.name(node), version })
            })
            .collect();
        let default = package.blobs.first().map(|blob| blob.default_channel.as_str());
        let name = |head: &Head<'_>| package.channels[head.channel].channel.name.as_str();
        let for_all = |head: &&Head<'_>| Some(name(head)) == default || !is_trial(name(head));
        // The first of equal ones, with the default channel before others.
        let rank = |head: &&Head<'p>| (head.version, Some(name(head)) == default, std::cmp::Reverse(head.channel));
        let released = heads.iter().filter(|head| head.version.version.pre.is_empty());
        let newest = released.filter(for_all).max_by(|a, b| rank(a).cmp(&rank(b))).copied();
        let versions: Vec<Option<VersionRelease>> = package.bundles.iter().map(|view| view.version()).collect();
        let all: Vec<(&'p str, Option<&Version>)> =
            package.bundle_names().zip(versions.iter().map(|version| version.as_ref().map(|v| &v.version))).collect();
        let offers = package
            .channels
            .iter()
            .flat_map(|view| view.graph.offered().into_iter().map(|node| view.graph.nodes()[node].entry));
        let offers: Vec<&Entry> = offers.collect();
        let upgradable = Installable::new(&all).upgradable(offers);
        let upgradable = all.iter().map(|(name, _)| *name).zip(upgradable).collect();
        Self { heads, newest, upgradable }
    }

    /// Whether any channel has an upgrade from a bundle.
    pub(super) fn has_upgrade(&self, name: &str) -> bool {
        self.upgradable.get(name).is_some_and(|upgradable| *upgradable)
    }
}

/// Whether a channel's name says that its versions are not for everybody.
fn is_trial(channel: &str) -> bool {
    let mut words = channel.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| TRIAL.contains(&word.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_channels_say_who_they_are_for() {
        for trial in ["alpha", "candidate-v1", "tech-preview", "v2-beta", "Nightly", "release-1.2-rc1"] {
            assert!(is_trial(trial), "{trial}");
        }
        for other in ["stable", "fast-v1", "release-1.2", "latest", "3.x"] {
            assert!(!is_trial(other), "{other}");
        }
    }
}
