//! The channels of an `olm.semver` template, and the edges in them.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::{Archetype, Identity, Semver, Stream};
use crate::catalog::{Channel, Entry};
use crate::channel::template::{Bundles, Image};

/// A bundle with its place in the order.
struct Member<'b> {
    name: &'b str,
    version: &'b Version,
}

impl Semver {
    /// The channels by name, and the default one.
    pub(super) fn channels(
        &self,
        package: &str,
        bundles: &Bundles,
        identities: &BTreeMap<&str, Identity>,
    ) -> (Vec<Channel>, String) {
        let mut channels: BTreeMap<String, Channel> = BTreeMap::new();
        let mut made: Vec<(Archetype, &Version, bool, String)> = Vec::new();
        for (archetype, list) in &self.bundles {
            let member = |image: &Image| {
                let (reference, _) = bundles.get_key_value(&image.reference)?;
                let identity = identities.get(reference.as_str())?;
                Some(Member { name: &bundles[reference].name, version: &identity.version })
            };
            let mut members: Vec<Member<'_>> = list.iter().filter_map(member).collect();
            members.sort_by(|a, b| a.version.cmp_precedence(b.version));
            let entries = link(&members);
            let wanted = [(Stream::Major, self.major_channels), (Stream::Minor, self.minor_channels)];
            for (stream, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
                for (member, entry) in members.iter().zip(&entries) {
                    let name = channel_name(*archetype, stream, member.version);
                    let channel = channels.entry(name.clone()).or_insert_with(|| {
                        // opm ranks a channel by its lowest version.
                        made.push((*archetype, member.version, stream == self.prefer, name.clone()));
                        Channel { name, package: package.to_owned(), ..Channel::default() }
                    });
                    channel.entries.push(entry.clone());
                }
            }
        }
        let default = made
            .into_iter()
            .max_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp_precedence(b.1)).then_with(|| a.2.cmp(&b.2)));
        (channels.into_values().collect(), default.map(|(.., name)| name).unwrap_or_default())
    }
}

/// The entries of bundles in ascending order. Edges stay within a major version.
fn link(members: &[Member<'_>]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for major in members.chunk_by(|a, b| a.version.major == b.version.major) {
        let (mut lower, mut replaces) = (BTreeSet::new(), "");
        for minor in major.chunk_by(|a, b| a.version.minor == b.version.minor) {
            for (i, member) in minor.iter().enumerate() {
                let mut entry = Entry { name: member.name.to_owned(), ..Entry::default() };
                if i + 1 == minor.len() {
                    entry.replaces = replaces.to_owned();
                    let skips = lower.iter().filter(|name| **name != replaces);
                    entry.skips = skips.map(|name: &&str| (*name).to_owned()).collect();
                }
                entries.push(entry);
                lower.insert(member.name);
            }
            replaces = minor[minor.len() - 1].name;
        }
    }
    entries
}

fn channel_name(archetype: Archetype, stream: Stream, version: &Version) -> String {
    let (archetype, major) = (archetype.as_str(), version.major);
    match stream {
        Stream::Major => format!("{archetype}-v{major}"),
        Stream::Minor => format!("{archetype}-v{major}.{}", version.minor),
    }
}
