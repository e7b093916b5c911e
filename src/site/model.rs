//! The parts of a package that the site shows: its versions with all facts about them, and the paths of their pages.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use serde_json::Value;

use super::html::Picture;
use super::manifests::{Known, of_folders};
use super::names::{PagePath, slug};
use super::upgrades::Upgrades;
use super::{Error, Source};
use crate::catalog::{Bundle, schema};
use crate::crd::Crd;
use crate::digest::Digest;
use crate::draw::{self, Selection};
use crate::list;
use crate::validate::PackageView;

/// A package.
pub(super) struct Operator<'s> {
    /// Its blobs.
    pub(super) view: &'s PackageView<'s>,
    /// Its channels and entries.
    pub(super) listed: list::Package,
    /// Its versions, the newest first.
    pub(super) versions: Vec<Version<'s>>,
    /// The upgrades between them.
    pub(super) upgrades: Upgrades<'s>,
    numbers: HashMap<&'s str, usize>,
    /// The channels of each bundle, and whether it is the head there.
    channels: HashMap<&'s str, Vec<(&'s str, bool)>>,
    deprecations: HashMap<(&'s str, &'s str), &'s str>,
    /// For each definition and version: the version that has its pages, and its number there. Versions share equal
    /// definitions.
    sharing: HashMap<(usize, usize), Vec<usize>>,
    slug: String,
}

/// A version of a package: a bundle.
pub(super) struct Version<'s> {
    /// Its blob.
    pub(super) bundle: &'s Bundle,
    /// Its version, if it is valid.
    pub(super) number: Option<String>,
    /// The facts about it.
    pub(super) known: Known,
    /// The index in [`Operator::versions`] of the version with the pages of each of its definitions: the oldest one
    /// with an equal definition.
    pub(super) homes: Vec<usize>,
    slug: String,
}

impl<'s> Operator<'s> {
    pub(super) fn new(source: &'s Source<'_>, view: &'s PackageView<'s>) -> Result<Self, Error> {
        let selection = Selection { package: Some(view.name), channel: None };
        let absent = || draw::Error::Package { name: view.name.to_owned(), known: String::new() };
        let listed = list::packages(source.context, &selection)?.pop().ok_or_else(absent)?;
        let mut folders = match source.bundles {
            Some(folder) => of_folders(folder, view.name)?,
            None => HashMap::new(),
        };
        let mut sorted: Vec<_> = view.bundles.iter().map(|view| (Reverse(view.version()), view.bundle)).collect();
        sorted.sort_by(|a, b| (&a.0, &a.1.name).cmp(&(&b.0, &b.1.name)));
        // If names are equal, the first in the catalog counts.
        let first = list::bundles(view);
        sorted.retain(|(_, bundle)| {
            first.get(bundle.name.as_str()).is_some_and(|view| std::ptr::eq(view.bundle, *bundle))
        });
        let knowns: Vec<Known> = sorted.par_iter().map(|(_, bundle)| Known::of_bundle(bundle)).collect();
        let version = |((Reverse(number), bundle), known): ((Reverse<Option<_>>, &'s Bundle), Known)| {
            let number: Option<crate::version::VersionRelease> = number;
            let known = match folders.remove(&bundle.name) {
                Some(more) if known.content < more.content => more,
                _ => known,
            };
            let (number, slug) = (number.map(|number| number.to_string()), slug(&bundle.name));
            Version { bundle, number, known, homes: Vec::new(), slug }
        };
        let mut versions: Vec<Version<'s>> = sorted.into_iter().zip(knowns).map(version).collect();
        find_homes(&mut versions);
        let sharing = sharing(&versions);
        let numbers = versions.iter().enumerate().map(|(i, version)| (version.bundle.name.as_str(), i)).collect();
        let upgrades = Upgrades::of(view, source.known);
        let (channels, deprecations) = (channels(view), list::deprecations(view));
        Ok(Self { view, listed, versions, upgrades, numbers, channels, deprecations, sharing, slug: slug(view.name) })
    }

    /// The index of the version with a bundle's name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// The version at the head of the default channel, or else the newest one.
    pub(super) fn head(&self) -> Option<&Version<'s>> {
        let channel = self.listed.channels.iter().find(|channel| channel.default);
        let head = channel.and_then(|channel| channel.heads.first()).and_then(|head| self.find(head));
        self.versions.get(head.unwrap_or(0))
    }

    /// Its display name.
    pub(super) fn title(&self) -> &str {
        self.listed.display_name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(self.view.name)
    }

    /// A one-sentence description.
    pub(super) fn summary(&self) -> &str {
        self.head().map(Version::summary).unwrap_or_default()
    }

    /// Its icon.
    pub(super) fn icon(&self) -> Option<Picture> {
        let blob = self.view.blobs.first().and_then(|blob| Picture::of_icon(blob.icon.as_ref()?));
        blob.or_else(|| Picture::of_spec(&self.head()?.known.spec))
    }

    /// The channels of a version, and whether it is the head there.
    pub(super) fn channels_of(&self, version: usize) -> Vec<(&str, bool)> {
        self.channels.get(self.versions[version].bundle.name.as_str()).cloned().unwrap_or_default()
    }

    /// The message for users of a version, if it is deprecated.
    pub(super) fn deprecation_of(&self, version: usize) -> Option<&'s str> {
        self.deprecations.get(&(schema::BUNDLE, self.versions[version].bundle.name.as_str())).copied()
    }

    /// The path of its page.
    pub(super) fn path(&self) -> PagePath {
        PagePath::new(["packages", &self.slug, "index.html"])
    }

    /// The path of a further part of its page, if the page is long.
    pub(super) fn part(&self, file: &str) -> PagePath {
        PagePath::new(["packages", &self.slug, "page", file])
    }

    /// The path of a version's page.
    pub(super) fn version_path(&self, version: usize) -> PagePath {
        PagePath::new(["packages", &self.slug, &self.versions[version].slug, "index.html"])
    }

    /// The path of the upgrades to a version.
    pub(super) fn upgrades_path(&self, version: usize, part: &str) -> PagePath {
        PagePath::new(["packages", &self.slug, &self.versions[version].slug, "upgrades", part])
    }

    /// The path of the fields of a version of a definition, by the index of the operator's version and of the
    /// definition in it.
    pub(super) fn definition_path(&self, version: usize, definition: usize, api: &str, part: &str) -> PagePath {
        let it = &self.versions[version];
        let (home, crd) = (it.homes[definition], slug(&it.known.definitions[definition].name));
        PagePath::new(["packages", &self.slug, &self.versions[home].slug, "crds", &crd, &slug(api), part])
    }

    /// The versions with the same definition as the one whose pages are here, newest first.
    pub(super) fn sharing(&self, home: usize, definition: usize) -> &[usize] {
        self.sharing.get(&(home, definition)).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Version<'_> {
    /// Its short name.
    pub(super) fn label(&self) -> &str {
        self.number.as_deref().unwrap_or(&self.bundle.name)
    }

    /// A text of its annotations, or empty.
    pub(super) fn annotation(&self, name: &str) -> &str {
        self.known.annotations[name].as_str().unwrap_or_default().trim()
    }

    /// A text of its spec, or empty.
    pub(super) fn text(&self, field: &str) -> &str {
        self.known.spec[field].as_str().unwrap_or_default().trim()
    }

    /// A one-sentence description of the operator.
    pub(super) fn summary(&self) -> &str {
        self.annotation("description")
    }

    /// The definition with a name.
    pub(super) fn definition(&self, name: &str) -> Option<(usize, &Crd)> {
        let place = self.known.definitions.binary_search_by(|crd| crd.name.as_str().cmp(name)).ok()?;
        Some((place, &self.known.definitions[place]))
    }
}

fn channels<'s>(view: &PackageView<'s>) -> HashMap<&'s str, Vec<(&'s str, bool)>> {
    let mut channels: HashMap<&str, Vec<(&str, bool)>> = HashMap::new();
    for channel in &view.channels {
        let heads = channel.graph.heads();
        for (number, node) in channel.graph.nodes().iter().enumerate() {
            let is_head = heads.binary_search(&number).is_ok();
            channels.entry(&node.entry.name).or_default().push((&channel.channel.name, is_head));
        }
    }
    channels
}

/// The oldest version with an equal definition, for each definition.
fn find_homes(versions: &mut [Version<'_>]) {
    let digests: Vec<Vec<Digest>> =
        versions.par_iter().map(|version| version.known.definitions.iter().map(digest).collect()).collect();
    let mut homes: BTreeMap<(String, Digest), usize> = BTreeMap::new();
    for (number, digests) in digests.into_iter().enumerate().rev() {
        let definitions = versions[number].known.definitions.iter();
        let names: Vec<String> = definitions.map(|crd| crd.name.clone()).collect();
        let home = |key| *homes.entry(key).or_insert(number);
        versions[number].homes = names.into_iter().zip(digests).map(home).collect();
    }
}

fn sharing(versions: &[Version<'_>]) -> HashMap<(usize, usize), Vec<usize>> {
    let mut sharing: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
    for (number, version) in versions.iter().enumerate() {
        for (crd, &home) in version.known.definitions.iter().zip(&version.homes) {
            if let Some((place, _)) = versions[home].definition(&crd.name) {
                sharing.entry((home, place)).or_default().push(number);
            }
        }
    }
    sharing
}

fn digest(crd: &Crd) -> Digest {
    let mut text = Value::Object(crd.spec.clone()).to_string();
    for version in &crd.versions {
        text.push_str(&format!("\n{:?} {} {}", version.name, version.schema, Value::Object(version.rest.clone())));
    }
    Digest::of(text.as_bytes())
}

/// The items of a list; none of any other value.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The texts of a list.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    items(value).filter_map(Value::as_str)
}
