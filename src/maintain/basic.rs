//! Versions in an `olm.template.basic` template, whose channels are written out.

use std::collections::BTreeSet;

use semver::Version;
use serde_json::Value;

use super::channels::{Channels, Outcome};
use super::names::{place, version_of_name, version_of_reference};
use super::{Error, ranges};
use crate::yaml::Route;
use crate::yaml::edit::{Edit, Item};

/// A channel of the template.
struct Channel {
    document: usize,
    /// Its entries.
    route: Route,
    entries: Vec<Value>,
}

impl Channel {
    fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| text(entry, "name").to_owned()).collect()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry["name"] == name)
    }
}

fn text<'v>(entry: &'v Value, key: &str) -> &'v str {
    entry[key].as_str().unwrap_or_default()
}

fn skips(entry: &Value) -> Vec<String> {
    let skips = entry["skips"].as_array().map(Vec::as_slice).unwrap_or_default();
    skips.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Channels {
    /// The names of the channels that are written out.
    pub(super) fn written_channels(&self) -> Vec<String> {
        self.blobs_of("olm.channel").into_iter().map(|(.., blob)| text(blob, "name").to_owned()).collect()
    }

    fn channel(&self, name: &str) -> Result<Channel, Error> {
        let found = self.blobs_of("olm.channel").into_iter().find(|(.., blob)| blob["name"] == name);
        let Some((document, route, blob)) = found else {
            return Err(Error::Channel { channel: name.to_owned(), known: self.written_channels() });
        };
        let entries = blob["entries"].as_array().cloned().unwrap_or_default();
        Ok(Channel { document, route: route.key("entries"), entries })
    }

    /// The only entry that no other one upgrades.
    fn head(&self, name: &str, channel: &Channel) -> Result<Option<usize>, Error> {
        let upgraded: BTreeSet<String> = channel
            .entries
            .iter()
            .flat_map(|entry| skips(entry).into_iter().chain([text(entry, "replaces").to_owned()]))
            .collect();
        let heads: Vec<usize> =
            (0..channel.entries.len()).filter(|at| !upgraded.contains(text(&channel.entries[*at], "name"))).collect();
        match heads.as_slice() {
            [] if channel.entries.is_empty() => Ok(None),
            [head] => Ok(Some(*head)),
            several => Err(Error::Heads {
                channel: name.to_owned(),
                heads: several.iter().map(|at| text(&channel.entries[*at], "name").to_owned()).collect(),
            }),
        }
    }

    pub(super) fn add_basic(
        &mut self,
        to: &str,
        name: &str,
        version: &Version,
        reference: &str,
    ) -> Result<Outcome, Error> {
        let channel = self.channel(to)?;
        if channel.position(name).is_some() {
            return Ok(Outcome::Unchanged);
        }
        let mut entry = vec![("name".to_owned(), Item::from(name))];
        let mut index = channel.entries.len();
        if let Some(at) = self.head(to, &channel)? {
            let head = &channel.entries[at];
            let head_name = text(head, "name");
            let head_version = version_of_name(&self.package, head_name);
            if head_version.as_ref().is_some_and(|head| head.cmp_precedence(version).is_ge()) {
                let (version, head, channel) = (version.clone(), head_name.to_owned(), to.to_owned());
                return Err(Error::NotNewer { version, head, channel });
            }
            entry.push(("replaces".to_owned(), head_name.into()));
            let replaced = version_of_name(&self.package, text(head, "replaces"));
            let linked = head.get("replaces").is_some() || head.get("skips").is_some();
            let next = head_version.as_ref().and_then(|head_version| {
                ranges::next(text(head, "skipRange"), head_version, replaced.as_ref(), linked, version)
            });
            if let Some(range) = next {
                self.notes.push(format!("{to}: {name} has the skipRange {range}, after that of {head_name}"));
                entry.push(("skipRange".to_owned(), range.into()));
            }
            // The newest is first where it was first.
            index = if at == 0 && channel.entries.len() > 1 { 0 } else { at + 1 };
        }
        self.insert(channel.document, channel.route, index, Item::Map(entry))?;
        self.add_bundle(version, reference)?;
        Ok(Outcome::Changed)
    }

    /// Names a bundle, unless the template does so already.
    fn add_bundle(&mut self, version: &Version, reference: &str) -> Result<(), Error> {
        let bundles = self.blobs_of("olm.bundle");
        if bundles.iter().any(|(.., blob)| blob["image"] == reference) {
            return Ok(());
        }
        let entries = Route::root().key("entries");
        let versions: Vec<_> = bundles.iter().map(|(.., blob)| version_of_reference(text(blob, "image"))).collect();
        let positions: Vec<usize> = bundles.iter().filter_map(|(_, route, _)| index(route)).collect();
        let all = self.template()["entries"].as_array().map_or(0, Vec::len);
        let at = match place(&versions, version) {
            _ if positions.is_empty() => all,
            at if at >= positions.len() => positions.last().map_or(all, |last| last + 1),
            at => positions[at],
        };
        let blob = Item::map([("schema", Item::from("olm.bundle")), ("image", reference.into())]);
        self.insert(0, entries, at, blob)
    }

    pub(super) fn promote_basic(&mut self, version: &Version, from: &str, to: &str) -> Result<Outcome, Error> {
        let source = self.channel(from)?;
        let of_version = |entry: &&Value| version_of_name(&self.package, text(entry, "name")).as_ref() == Some(version);
        let Some(entry) = source.entries.iter().find(of_version) else {
            let known = source.names();
            return Err(Error::Version { channel: from.to_owned(), name: self.name(version), known });
        };
        let name = text(entry, "name").to_owned();
        // The bundle is named already, as it is in a channel.
        let found = self.references().into_iter().find(|it| version_of_reference(it).as_ref() == Some(version));
        let Some(reference) = found.or_else(|| self.references().into_iter().next()) else {
            return Err(Error::Cannot("the template names no bundles".to_owned()));
        };
        self.add_basic(to, &name, version, &reference)
    }

    /// Takes a version out of every channel and out of the bundles. What it replaced is replaced by its successor. With `to`,
    /// that version skips it. Returns the channels that had it.
    pub(super) fn remove_basic(&mut self, version: &Version, to: Option<&Version>) -> Result<Vec<String>, Error> {
        let mut left = Vec::new();
        for name in self.written_channels() {
            let channel = self.channel(&name)?;
            let of_version =
                |entry: &Value| version_of_name(&self.package, text(entry, "name")).as_ref() == Some(version);
            let Some(at) = channel.entries.iter().position(of_version) else { continue };
            let gone = channel.entries[at].clone();
            self.close_gap(&name, &channel, &gone, version)?;
            if let Some(to) = to {
                self.lead_basic(&name, text(&gone, "name"), to)?;
            }
            let channel = self.channel(&name)?;
            if channel.entries.len() == 1 {
                return Err(Error::Cannot(format!("{} is the only version of channel {name}", self.name(version))));
            }
            let at = channel.position(text(&gone, "name")).unwrap_or(at);
            self.edit(channel.document, &Edit::Remove(channel.route.index(at)))?;
            left.push(name);
        }
        let bundle = self.blobs_of("olm.bundle").into_iter().find_map(|(document, route, blob)| {
            let same = version_of_reference(text(blob, "image")).as_ref() == Some(version);
            same.then_some((document, route))
        });
        if let Some((document, route)) = bundle.filter(|_| !left.is_empty()) {
            self.edit(document, &Edit::Remove(route))?;
        }
        Ok(left)
    }

    /// The entry that replaces a version upgrades what that one upgraded.
    fn close_gap(&mut self, name: &str, channel: &Channel, gone: &Value, version: &Version) -> Result<(), Error> {
        let gone_name = text(gone, "name");
        let Some(at) = channel.entries.iter().position(|entry| entry["replaces"] == gone_name) else { return Ok(()) };
        let next = &channel.entries[at];
        let entry = channel.route.clone().index(at);
        match text(gone, "replaces") {
            "" => self.edit(channel.document, &Edit::Remove(entry.clone().key("replaces")))?,
            before => self.write(channel.document, entry.clone(), "replaces", before)?,
        }
        for skipped in skips(gone).iter().filter(|skipped| !skips(next).contains(skipped)) {
            self.skip(channel.document, entry.clone(), skipped)?;
        }
        let range = text(gone, "skipRange");
        if !range.is_empty() {
            let next_version = version_of_name(&self.package, text(next, "name"));
            let range = next_version.map_or_else(|| range.to_owned(), |next| ranges::widened(range, version, &next));
            let range = ranges::union(text(next, "skipRange"), &range);
            self.notes.push(format!("{name}: {} has the skipRange {range}", text(next, "name")));
            self.write(channel.document, entry, "skipRange", &range)?;
        }
        Ok(())
    }

    fn lead_basic(&mut self, name: &str, from: &str, to: &Version) -> Result<(), Error> {
        let channel = self.channel(name)?;
        let of_version = |entry: &Value| version_of_name(&self.package, text(entry, "name")).as_ref() == Some(to);
        let Some(at) = channel.entries.iter().position(of_version) else {
            return Err(Error::Version { channel: name.to_owned(), name: self.name(to), known: channel.names() });
        };
        if skips(&channel.entries[at]).iter().any(|skipped| skipped == from) {
            return Ok(());
        }
        self.skip(channel.document, channel.route.index(at), from)
    }

    fn skip(&mut self, document: usize, entry: Route, skipped: &str) -> Result<(), Error> {
        let known = self.blob_at(document, &entry).map(|entry| skips(entry).len());
        match known {
            Some(0) | None => self.put(document, entry, "skips", Item::from_iter([skipped])),
            Some(count) => self.insert(document, entry.key("skips"), count, skipped.into()),
        }
    }
}

/// The index that a route ends with.
fn index(route: &Route) -> Option<usize> {
    match route.0.last() {
        Some(crate::yaml::Step::Index(index)) => Some(*index),
        _ => None,
    }
}
