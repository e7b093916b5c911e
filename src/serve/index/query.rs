//! The queries of the registry API.

use super::{Channel, Entry, Index, Package};
use crate::bundle::Gvk;
use crate::serve::api;

/// Something that was not found. The text is exactly opm's: clients may depend on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// A package.
    #[error("package {} not found", quote(.0))]
    Package(String),
    /// A package in a query for a replacing bundle.
    #[error("package {0} not found")]
    ReplacingPackage(String),
    /// A channel of a package.
    #[error("package {}, channel {} not found", quote(package), quote(channel))]
    Channel {
        /// The package.
        package: String,
        /// The channel.
        channel: String,
    },
    /// A bundle of a channel.
    #[error("package {}, channel {}, bundle {} not found", quote(package), quote(channel), quote(bundle))]
    Bundle {
        /// The package.
        package: String,
        /// The channel.
        channel: String,
        /// The bundle.
        bundle: String,
    },
    /// An upgrade of a bundle in a channel.
    #[error("no entry found for package {}, channel {}", quote(package), quote(channel))]
    Replacement {
        /// The package.
        package: String,
        /// The channel.
        channel: String,
    },
    /// An upgrade of a bundle in any channel.
    #[error("no channel entries found that replace {0}")]
    Replacements(String),
    /// A bundle that provides an API.
    #[error("no channel entries found that provide {}", describe(.0))]
    Provider(Gvk),
    /// A bundle that provides an API and is the head of its package's default channel.
    #[error("no entry found that provides {}", describe(.0))]
    DefaultProvider(Gvk),
}

fn describe(Gvk { group, version, kind }: &Gvk) -> String {
    format!("group:{} version:{} kind:{}", quote(group), quote(version), quote(kind))
}

/// A string as Go's `%q` writes it.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            ' '..='~' => quoted.push(c),
            '\0'..='\u{7f}' => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            // Rust and Go use the same Unicode tables for what is printable.
            _ if c.escape_debug().count() == 1 => quoted.push(c),
            '\u{80}'..='\u{ffff}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

impl Index {
    /// The packages' names, sorted.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(|package| &*package.name)
    }

    /// A package with its channels, by name.
    ///
    /// # Errors
    /// The package does not exist.
    pub fn package(&self, name: &str) -> Result<api::Package, NotFound> {
        let package = self.find_package(name)?;
        let channels = package.channels.iter().map(|number| &self.channels[*number]);
        Ok(api::Package {
            name: package.name.clone(),
            channels: channels
                .map(|channel| api::Channel {
                    name: channel.name.clone(),
                    csv_name: self.entries[channel.head].name.clone(),
                    deprecation: deprecation(channel.deprecation.as_ref()),
                })
                .collect(),
            default_channel_name: self.channels[package.default_channel].name.clone(),
            deprecation: deprecation(package.deprecation.as_ref()),
        })
    }

    /// A bundle of a channel, without its `replaces` and `skips`.
    ///
    /// # Errors
    /// The package, channel or bundle does not exist.
    pub fn bundle(&self, package: &str, channel: &str, name: &str) -> Result<api::Bundle, NotFound> {
        let found = self.find_channel(self.find_package(package)?, channel)?;
        let entries = &self.entries[found.entries.clone()];
        match entries.binary_search_by(|entry| (*entry.name).cmp(name)) {
            Ok(at) => Ok(self.whole(&entries[at])),
            Err(_) => Err(NotFound::Bundle { package: package.into(), channel: channel.into(), bundle: name.into() }),
        }
    }

    /// The head of a channel, without its `replaces` and `skips`.
    ///
    /// # Errors
    /// The package or channel does not exist.
    pub fn head(&self, package: &str, channel: &str) -> Result<api::Bundle, NotFound> {
        let channel = self.find_channel(self.find_package(package)?, channel)?;
        Ok(self.whole(&self.entries[channel.head]))
    }

    /// The bundle of a channel that is an upgrade of a bundle, without its `replaces` and `skips`. If there are
    /// several, one that replaces is preferred to those that skip, and then the first by name. opm returns any of them.
    ///
    /// # Errors
    /// The package or channel does not exist, or there is no upgrade.
    pub fn replacement(&self, name: &str, package: &str, channel: &str) -> Result<api::Bundle, NotFound> {
        let known = self.find_package(package).map_err(|_| NotFound::ReplacingPackage(package.into()))?;
        let entries = &self.entries[self.find_channel(known, channel)?.entries.clone()];
        let replacing = entries.iter().find(|entry| entry.replaces == name);
        let found = replacing.or_else(|| entries.iter().find(|entry| entry.skips.iter().any(|skip| skip == name)));
        let none = || NotFound::Replacement { package: package.into(), channel: channel.into() };
        Ok(self.whole(found.ok_or_else(none)?))
    }

    /// Every channel entry that is an upgrade of a bundle.
    ///
    /// # Errors
    /// There is none.
    pub fn entries_that_replace(&self, name: &str) -> Result<Vec<api::ChannelEntry>, NotFound> {
        let mut found = Vec::new();
        for entry in self.entries_by_package() {
            let skips = entry.skips.iter().filter(|skip| *skip == name && **skip != entry.replaces).count();
            let edge = self.edge(entry, &entry.replaces);
            found.extend(std::iter::repeat_n(edge, usize::from(entry.replaces == name) + skips));
        }
        if found.is_empty() { Err(NotFound::Replacements(name.into())) } else { Ok(found) }
    }

    /// Every upgrade edge to a bundle that provides an API.
    ///
    /// # Errors
    /// There is none.
    pub fn entries_that_provide(&self, api: &Gvk) -> Result<Vec<api::ChannelEntry>, NotFound> {
        let found: Vec<_> = self
            .entries_by_package()
            .filter(|entry| self.provides(entry, api))
            .flat_map(|e| self.edges(e, true))
            .collect();
        if found.is_empty() { Err(NotFound::Provider(api.clone())) } else { Ok(found) }
    }

    /// Every upgrade edge of a channel to its head, if the head provides an API.
    ///
    /// # Errors
    /// There is none.
    pub fn heads_that_provide(&self, api: &Gvk) -> Result<Vec<api::ChannelEntry>, NotFound> {
        let channels = self.packages.iter().flat_map(|package| &package.channels);
        let heads = channels.map(|number| &self.entries[self.channels[*number].head]);
        let found: Vec<_> =
            heads.filter(|entry| self.provides(entry, api)).flat_map(|e| self.edges(e, false)).collect();
        if found.is_empty() { Err(NotFound::Provider(api.clone())) } else { Ok(found) }
    }

    /// The head of a default channel that provides an API, of the first package by name.
    ///
    /// # Errors
    /// No head of a channel provides it, or of default channels none does.
    pub fn default_that_provides(&self, api: &Gvk) -> Result<api::Bundle, NotFound> {
        self.heads_that_provide(api)?;
        let mut heads = self.packages.iter().map(|package| &self.entries[self.channels[package.default_channel].head]);
        let found = heads.find(|entry| self.provides(entry, api));
        Ok(self.whole(found.ok_or_else(|| NotFound::DefaultProvider(api.clone()))?))
    }

    /// The number of entries of all channels. A bundle counts once for each channel that it is in.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// An entry with its bundle, by channel, package and name. If the bundle has an image, its manifests are left out.
    /// `None` from [`Index::entry_count`] on.
    #[must_use]
    pub fn listed(&self, number: usize) -> Option<api::Bundle> {
        let entry = self.entries.get(number)?;
        let facts = self.bundles[entry.bundle].facts();
        let bundle = if facts.bundle_path.is_empty() { self.whole(entry) } else { self.in_channel(facts, entry) };
        Some(api::Bundle { replaces: entry.replaces.clone(), skips: entry.skips.clone(), ..bundle })
    }

    fn find_package(&self, name: &str) -> Result<&Package, NotFound> {
        let found = self.packages.binary_search_by(|package| (*package.name).cmp(name));
        found.map(|number| &self.packages[number]).map_err(|_| NotFound::Package(name.into()))
    }

    fn find_channel(&self, package: &Package, name: &str) -> Result<&Channel, NotFound> {
        let found = package.channels.binary_search_by(|number| (*self.channels[*number].name).cmp(name));
        let missing = || NotFound::Channel { package: package.name.clone(), channel: name.into() };
        found.map(|at| &self.channels[package.channels[at]]).map_err(|_| missing())
    }

    fn entries_by_package(&self) -> impl Iterator<Item = &Entry> {
        let channels = self.packages.iter().flat_map(|package| &package.channels);
        channels.flat_map(|number| &self.entries[self.channels[*number].entries.clone()])
    }

    fn provides(&self, entry: &Entry, api: &Gvk) -> bool {
        self.providers.get(api).is_some_and(|bundles| bundles.binary_search(&entry.bundle).is_ok())
    }

    /// The upgrade edges to an entry: from the bundle that it replaces, and from those that it skips, on demand
    /// including bundles outside its channel.
    fn edges(&self, entry: &Entry, everywhere: bool) -> Vec<api::ChannelEntry> {
        let channel = &self.entries[self.channels[entry.channel].entries.clone()];
        let here = |name: &str| channel.binary_search_by(|entry| (*entry.name).cmp(name)).is_ok();
        let skips = entry.skips.iter().filter(|skip| **skip != entry.replaces && (everywhere || here(skip)));
        std::iter::once(&entry.replaces).chain(skips).map(|older| self.edge(entry, older)).collect()
    }

    fn edge(&self, entry: &Entry, older: &str) -> api::ChannelEntry {
        let channel = &self.channels[entry.channel];
        api::ChannelEntry {
            package_name: self.packages[channel.package].name.clone(),
            channel_name: channel.name.clone(),
            bundle_name: entry.name.clone(),
            replaces: older.to_owned(),
        }
    }

    /// An entry's bundle with its manifests, but without its `replaces` and `skips`.
    fn whole(&self, entry: &Entry) -> api::Bundle {
        let package = &self.packages[self.channels[entry.channel].package];
        self.in_channel(self.bundles[entry.bundle].whole(package.icon.as_ref(), &package.description), entry)
    }

    /// Adds a bundle's fields as an entry of a channel, except its `replaces` and `skips`.
    fn in_channel(&self, bundle: api::Bundle, entry: &Entry) -> api::Bundle {
        let channel = &self.channels[entry.channel];
        api::Bundle {
            csv_name: entry.name.clone(),
            package_name: self.packages[channel.package].name.clone(),
            channel_name: channel.name.clone(),
            skip_range: entry.skip_range.clone(),
            deprecation: deprecation(self.bundles[entry.bundle].deprecation.as_ref()),
            ..bundle
        }
    }
}

fn deprecation(message: Option<&String>) -> Option<api::Deprecation> {
    message.map(|message| api::Deprecation { message: message.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(quote("a\"b\\c'é\n\u{0}\u{7f}\u{200b}\u{feff}"), r#""a\"b\\c'é\n\x00\x7f\u200b\ufeff""#);
        assert_eq!(quote("\u{e0001}"), r#""\U000e0001""#);
    }
}
