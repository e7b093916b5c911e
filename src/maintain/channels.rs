//! A template's file, `channels/<package>.yaml`, and its changes.

use semver::Version;
use serde_json::Value;

use super::Error;
use super::names::version_of_reference;
use crate::channel::schema;
use crate::yaml::edit::{self, Edit, Item, Place};
use crate::yaml::{self, Route};

/// A template's text, and what it says.
#[derive(Clone, Debug)]
pub struct Channels {
    pub(super) package: String,
    text: String,
    documents: Vec<Value>,
    /// What was done beside what was asked for, for people.
    pub notes: Vec<String>,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The text has changed.
    Changed,
    /// The text says so already.
    Unchanged,
}

/// The kinds of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Semver,
    Basic,
}

impl Channels {
    /// Reads the text of a template.
    ///
    /// # Errors
    /// Text that is not YAML, and that is not a template.
    pub fn read(package: &str, text: &str) -> Result<Self, Error> {
        let mut channels =
            Self { package: package.to_owned(), text: text.to_owned(), documents: Vec::new(), notes: Vec::new() };
        channels.parse()?;
        match channels.schema() {
            schema::SEMVER | schema::BASIC => Ok(channels),
            other => Err(Error::Schema(other.to_owned())),
        }
    }

    /// A new template with one version: a semver template for channels that it can make (`candidate`, `fast`, `stable`),
    /// and a basic one for others. `reference` is the bundle.
    #[must_use]
    pub fn first(package: &str, channels: &[String], version: &Version, reference: &str) -> String {
        let head = format!(
            "# The channels of {package}: which versions are in which channels, and how they upgrade each other.\n\
             # `catalog build` makes the catalog from this file and the bundles.\n"
        );
        let image = || Item::map([("image", reference)].map(|(key, text)| (key, Item::from(text))));
        if channels.iter().all(|channel| super::semver::is_list(channel)) {
            let mut entries = vec![
                ("schema".to_owned(), Item::from(schema::SEMVER)),
                ("generateMajorChannels".to_owned(), Item::Scalar(true.into())),
            ];
            let bundles = || Item::map([("bundles", Item::from_iter([image()]))]);
            entries.extend(channels.iter().map(|channel| (channel.clone(), bundles())));
            return head + &edit::document(&Item::Map(entries));
        }
        let name = format!("{package}.v{version}");
        let blob = |schema: &str| ("schema", Item::from(schema));
        let default = channels.first().cloned().unwrap_or_default();
        let first = Item::map([blob("olm.package"), ("name", package.into()), ("defaultChannel", default.into())]);
        let channel = |channel: &String| {
            Item::map([
                blob("olm.channel"),
                ("package", package.into()),
                ("name", channel.as_str().into()),
                ("entries", Item::from_iter([Item::map([("name", Item::from(name.as_str()))])])),
            ])
        };
        let bundle = Item::map([blob("olm.bundle"), ("image", reference.into())]);
        let blobs = std::iter::once(first).chain(channels.iter().map(channel)).chain([bundle]);
        head + &edit::document(&Item::map([blob(schema::BASIC), ("entries", blobs.collect())]))
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a version at the head of a channel. In a semver template, the channel is one of its lists (`stable`) or a channel
    /// that such a list makes (`stable-v1`). `reference` is the bundle; one beside it is written as the others are.
    ///
    /// # Errors
    /// A channel that the template does not have, a version that would not be its head, and text that cannot be edited.
    pub fn add(&mut self, channel: &str, version: &Version, reference: &str) -> Result<Outcome, Error> {
        let reference = self.like_others(version, reference);
        match self.kind() {
            Kind::Semver => self.add_semver(channel, version, &reference),
            Kind::Basic => self.add_basic(channel, &self.name(version), version, &reference),
        }
    }

    /// Adds a version of one channel at the head of another one. It stays in the first.
    ///
    /// # Errors
    /// Those of [`add`](Self::add), and a version that the first channel does not have.
    pub fn promote(&mut self, version: &Version, from: &str, to: &str) -> Result<Outcome, Error> {
        match self.kind() {
            Kind::Semver => self.promote_semver(version, from, to),
            Kind::Basic => self.promote_basic(version, from, to),
        }
    }

    /// The name of a version's bundle.
    pub(super) fn name(&self, version: &Version) -> String {
        format!("{}.v{version}", self.package)
    }

    pub(super) fn kind(&self) -> Kind {
        if self.schema() == schema::SEMVER { Kind::Semver } else { Kind::Basic }
    }

    fn schema(&self) -> &str {
        self.template()["schema"].as_str().unwrap_or_default()
    }

    /// The template, the first document.
    pub(super) fn template(&self) -> &Value {
        self.documents.first().unwrap_or(&Value::Null)
    }

    /// The blobs beside the template: those of a basic template's `entries`, and the documents after it. Each with its
    /// document and place.
    pub(super) fn blobs(&self) -> Vec<(usize, Route, &Value)> {
        let entries = self.template()["entries"].as_array().filter(|_| self.kind() == Kind::Basic);
        let inside = entries.into_iter().flatten().enumerate();
        let inside = inside.map(|(i, blob)| (0, Route::root().key("entries").index(i), blob));
        let after = self.documents.iter().enumerate().skip(1).map(|(i, blob)| (i, Route::root(), blob));
        inside.chain(after).collect()
    }

    /// The blobs of a schema.
    pub(super) fn blobs_of(&self, schema: &str) -> Vec<(usize, Route, &Value)> {
        self.blobs().into_iter().filter(|(.., blob)| blob["schema"] == schema).collect()
    }

    /// The value at a place.
    pub(super) fn blob_at(&self, document: usize, route: &Route) -> Option<&Value> {
        route.find(self.documents.get(document)?)
    }

    /// Adds a blob: to the entries of a basic template, or after the template.
    pub(super) fn add_blob(&mut self, blob: &Item) -> Result<(), Error> {
        if self.kind() == Kind::Basic {
            let index = self.template()["entries"].as_array().map_or(0, Vec::len);
            return self.insert(0, Route::root().key("entries"), index, blob.clone());
        }
        self.text = edit::add_document(&self.text, blob)?;
        self.parse()
    }

    /// The references of all bundles that the template names.
    pub(super) fn references(&self) -> Vec<String> {
        let text = |value: &Value| value["image"].as_str().map(str::to_owned);
        match self.kind() {
            Kind::Semver => super::semver::LISTS
                .iter()
                .flat_map(|list| self.template()[*list]["bundles"].as_array().into_iter().flatten().filter_map(text))
                .collect(),
            Kind::Basic => self.blobs_of("olm.bundle").into_iter().filter_map(|(.., blob)| text(blob)).collect(),
        }
    }

    /// A reference written as that of the newest other version in the repository.
    fn like_others(&self, version: &Version, reference: &str) -> String {
        let known = self.references();
        let local = known.iter().filter(|known| crate::channel::is_local(known));
        let versions = local.filter_map(|known| Some((version_of_reference(known)?, known)));
        let newest = versions.filter(|(other, _)| other != version).max_by(|a, b| a.0.cmp(&b.0));
        match newest.and_then(|(other, known)| Some((known.strip_suffix(&other.to_string())?, known))) {
            Some((start, _)) if start.ends_with('/') => format!("{start}{version}"),
            _ => reference.to_owned(),
        }
    }

    pub(super) fn insert(&mut self, document: usize, list: Route, index: usize, value: Item) -> Result<(), Error> {
        self.edit(document, &Edit::Insert { list, index, value })
    }

    pub(super) fn put(&mut self, document: usize, map: Route, key: &str, value: Item) -> Result<(), Error> {
        self.edit(document, &Edit::Put { map, key: key.to_owned(), value, place: Place::Last })
    }

    /// Writes a scalar of a mapping, whether it is there or not.
    pub(super) fn write(&mut self, document: usize, map: Route, key: &str, text: &str) -> Result<(), Error> {
        let there = self.documents.get(document).and_then(|value| map.find(value)?.get(key)).is_some();
        if there {
            return self.edit(document, &Edit::Set(map.key(key), text.into()));
        }
        self.put(document, map, key, text.into())
    }

    pub(super) fn edit(&mut self, document: usize, change: &Edit) -> Result<(), Error> {
        self.text = edit::edit(&self.text, document, change)?;
        self.parse()
    }

    fn parse(&mut self) -> Result<(), Error> {
        self.documents = yaml::read(&self.text)?.into_iter().map(|document| document.value).collect();
        Ok(())
    }
}
