//! Versions in an `olm.semver` template, and what the documents after it say about them.

use semver::Version;
use serde_json::Value;

use super::channels::{Channels, Outcome};
use super::names::{place, version_of_reference};
use super::{Error, ranges};
use crate::yaml::Route;
use crate::yaml::edit::{Edit, Item};

/// The lists of a template.
pub(super) const LISTS: [&str; 3] = ["candidate", "fast", "stable"];

/// Whether a channel is one of the lists.
pub(super) fn is_list(channel: &str) -> bool {
    LISTS.contains(&channel)
}

impl Channels {
    /// The list that makes a channel: `stable` for itself and for `stable-v1`.
    fn list_of(&self, channel: &str, version: &Version) -> Result<&'static str, Error> {
        let made = |list: &str| self.made(list, version).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let found = LISTS.into_iter().find(|list| channel == *list || made(list).iter().any(|name| name == channel));
        found.ok_or_else(|| {
            let known = LISTS.into_iter().flat_map(|list| std::iter::once(list.to_owned()).chain(made(list)));
            Error::Channel { channel: channel.to_owned(), known: known.collect() }
        })
    }

    /// The channels that a list makes of a version, each with the highest other version in it.
    fn made(&self, list: &str, version: &Version) -> Vec<(String, Option<Version>)> {
        let template = self.template();
        let on = |key: &str| template[key] == true;
        let (major, minor) = (on("generateMajorChannels"), on("generateMinorChannels"));
        let versions: Vec<Version> = self.versions(list).into_iter().flatten().filter(|it| it != version).collect();
        let highest = |same: &dyn Fn(&Version) -> bool| {
            versions.iter().filter(|it| same(it)).max_by(|a, b| a.cmp_precedence(b)).cloned()
        };
        let mut made = Vec::new();
        if major {
            let same = |it: &Version| it.major == version.major;
            made.push((format!("{list}-v{}", version.major), highest(&same)));
        }
        if minor || !major {
            let same = |it: &Version| (it.major, it.minor) == (version.major, version.minor);
            made.push((format!("{list}-v{}.{}", version.major, version.minor), highest(&same)));
        }
        made
    }

    /// The names of all channels that the template makes.
    pub(super) fn made_channels(&self) -> Vec<String> {
        let of = |list: &&str| {
            let versions = self.versions(list).into_iter().flatten().collect::<Vec<_>>();
            versions.into_iter().flat_map(|version| self.made(list, &version)).map(|(name, _)| name).collect::<Vec<_>>()
        };
        let mut names: Vec<String> = LISTS.iter().flat_map(of).collect();
        names.sort();
        names.dedup();
        names
    }

    fn items(&self, list: &str) -> Vec<String> {
        let items = self.template()[list]["bundles"].as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().map(|item| item["image"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn versions(&self, list: &str) -> Vec<Option<Version>> {
        self.items(list).iter().map(|reference| version_of_reference(reference)).collect()
    }

    /// The bundles of a list, for messages.
    fn known(&self, list: &str) -> Vec<String> {
        self.versions(list).iter().flatten().map(|version| self.name(version)).collect()
    }

    pub(super) fn add_semver(&mut self, channel: &str, version: &Version, reference: &str) -> Result<Outcome, Error> {
        let list = self.list_of(channel, version)?;
        let versions = self.versions(list);
        if versions.iter().flatten().any(|known| known == version) {
            return Ok(Outcome::Unchanged);
        }
        let heads = self.made(list, version);
        let item = Item::map([("image", Item::from(reference))]);
        let route = Route::root().key(list);
        match (self.template().get(list).is_some(), self.template()[list].get("bundles").is_some()) {
            (true, true) => self.insert(0, route.key("bundles"), place(&versions, version), item)?,
            (true, false) => self.put(0, route, "bundles", Item::List(vec![item]))?,
            (false, _) => {
                self.put(0, Route::root(), list, Item::map([("bundles", Item::List(vec![item]))]))?;
            }
        }
        for (name, head) in heads {
            match head {
                Some(head) if head.cmp_precedence(version).is_lt() => self.take_over(&name, &head, version)?,
                Some(_) => {}
                None => self.notes.push(format!("{name} is a new channel")),
            }
        }
        Ok(Outcome::Changed)
    }

    pub(super) fn promote_semver(&mut self, version: &Version, from: &str, to: &str) -> Result<Outcome, Error> {
        let list = self.list_of(from, version)?;
        let found = self.items(list).into_iter().find(|it| version_of_reference(it).as_ref() == Some(version));
        let Some(reference) = found else {
            let known = self.known(list);
            return Err(Error::Version { channel: list.to_owned(), name: self.name(version), known });
        };
        self.add_semver(to, version, &reference)
    }

    /// The entry that a document after the template has for a version of a channel: its document, its index and itself.
    fn overlaid(&self, channel: &str, version: &Version) -> Option<(usize, usize, &Value)> {
        let name = self.name(version);
        self.blobs_of("olm.channel").into_iter().filter(|(.., blob)| blob["name"] == channel).find_map(
            |(document, _, blob)| {
                let entries = blob["entries"].as_array()?;
                let at = entries.iter().position(|entry| entry["name"] == *name)?;
                Some((document, at, &entries[at]))
            },
        )
    }

    /// A new head has the `skipRange` that the old one has in a document after the template.
    fn take_over(&mut self, channel: &str, old: &Version, new: &Version) -> Result<(), Error> {
        let Some((document, at, entry)) = self.overlaid(channel, old) else { return Ok(()) };
        let Some(range) = entry["skipRange"].as_str() else { return Ok(()) };
        let wider = ranges::widened(range, old, new);
        let alone = entry.as_object().is_some_and(|map| map.keys().all(|key| key == "name" || key == "skipRange"));
        let name = self.name(new);
        self.notes.push(format!("{channel}: {name} has the skipRange {wider}, as {} had {range}", self.name(old)));
        let entries = Route::root().key("entries");
        if !alone {
            // What else it says is about the old version.
            let entry = Item::map([("name", Item::from(name)), ("skipRange", wider.into())]);
            return self.insert(document, entries, at + 1, entry);
        }
        let entry = entries.index(at);
        self.write(document, entry.clone(), "skipRange", &wider)?;
        self.write(document, entry, "name", &name)
    }

    /// Takes a version out of every list. Returns the channels that had it, or nothing where none had.
    pub(super) fn remove_semver(&mut self, version: &Version) -> Result<Vec<String>, Error> {
        let mut left = Vec::new();
        for list in LISTS {
            let versions = self.versions(list);
            let Some(at) = versions.iter().position(|it| it.as_ref() == Some(version)) else { continue };
            if LISTS.iter().map(|list| self.items(list).len()).sum::<usize>() == 1 {
                return Err(Error::Cannot(format!("{} is the only version of the package", self.name(version))));
            }
            let made = self.made(list, version);
            self.edit(0, &Edit::Remove(Route::root().key(list).key("bundles").index(at)))?;
            for (channel, next) in made {
                self.hand_back(&channel, version, next.as_ref())?;
                left.push(channel);
            }
        }
        Ok(left)
    }

    /// What a document after the template says of a version that goes: its range is handed to the highest one that stays.
    fn hand_back(&mut self, channel: &str, version: &Version, next: Option<&Version>) -> Result<(), Error> {
        let Some((document, at, entry)) = self.overlaid(channel, version) else { return Ok(()) };
        let range = entry["skipRange"].as_str().map(str::to_owned);
        let entries = Route::root().key("entries");
        match (range, next) {
            (Some(range), Some(next)) if self.overlaid(channel, next).is_none() => {
                let range = ranges::widened(&range, version, next);
                let name = self.name(next);
                self.notes.push(format!("{channel}: {name} has the skipRange {range}"));
                let entry = Item::map([("name", Item::from(name)), ("skipRange", range.into())]);
                self.insert(document, entries.clone(), at + 1, entry)?;
            }
            (Some(range), Some(next)) => {
                self.notes.push(format!(
                    "{channel}: the skipRange {range} of {} is gone; {} keeps its own",
                    self.name(version),
                    self.name(next)
                ));
            }
            (_, None) => {
                let message = format!(
                    "no version would be left in channel {channel}, which a document after the template is about; remove that by hand"
                );
                return Err(Error::Cannot(message));
            }
            (None, Some(_)) => {}
        }
        self.edit(document, &Edit::Remove(entries.index(at)))
    }

    /// Users of a version that is in no list any more come to another one.
    pub(super) fn lead_semver(&mut self, channel: &str, from: &Version, to: &Version) -> Result<(), Error> {
        let name = self.name(to);
        let list = self.list_of(channel, from)?;
        if !self.versions(list).contains(&Some(to.clone())) || !self.made(list, to).iter().any(|(it, _)| it == channel)
        {
            return Err(Error::Version { channel: channel.to_owned(), name, known: self.known(list) });
        }
        if let Some((document, at, entry)) = self.overlaid(channel, to) {
            let range = ranges::with(entry["skipRange"].as_str().unwrap_or_default(), from);
            return self.write(document, Route::root().key("entries").index(at), "skipRange", &range);
        }
        let entry = Item::map([("name", Item::from(name)), ("skipRange", ranges::with("", from).into())]);
        let known = self.blobs_of("olm.channel").into_iter().find(|(.., blob)| blob["name"] == channel);
        if let Some((document, _, blob)) = known {
            let index = blob["entries"].as_array().map_or(0, Vec::len);
            return self.insert(document, Route::root().key("entries"), index, entry);
        }
        let package = self.package.clone();
        self.add_blob(&Item::map([
            ("schema", Item::from("olm.channel")),
            ("package", package.into()),
            ("name", channel.into()),
            ("entries", Item::List(vec![entry])),
        ]))
    }
}
