//! The input of the rules: the catalog by package, with everything that several rules need computed once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::OnceLock;

use rayon::prelude::*;
use serde_json::Value;

use super::names::Suggester;
use super::objects::Objects;
use super::upgrades::{self, Upgrade};
use crate::catalog::{BadBlob, Bundle, Channel, Deprecations, Package, Scan, property};
use crate::diagnostic::{Addition, Place};
use crate::graph::Graph;
use crate::safety::{Edge, Facts, Known};
use crate::version::{self, VersionRelease};
use crate::yaml::{Route, field};

/// A catalog, as the rules see it.
#[derive(Debug)]
pub struct Context<'c> {
    /// The file or folder that the catalog was read from.
    pub root: &'c Path,
    /// What was read.
    pub scan: &'c Scan,
    /// Every package that has a name and that a blob names, sorted.
    pub packages: BTreeMap<&'c str, PackageView<'c>>,
    /// Whether only upgrades to heads of channels are looked at.
    only_heads: bool,
    bundles: Vec<(String, Facts)>,
    manifests: OnceLock<Manifests>,
    edges: OnceLock<Vec<(&'c str, Edge<'c>)>>,
    upgrades: OnceLock<Vec<Upgrade<'c>>>,
    suggester: Suggester,
}

/// The manifests of the bundles. They are most of a catalog, so they are read once, and only on demand.
#[derive(Debug)]
struct Manifests {
    objects: Vec<Objects>,
    known: Known,
}

/// The blobs of a package, in the order of files.
#[derive(Debug, Default)]
pub struct PackageView<'c> {
    /// The name that they share.
    pub name: &'c str,
    /// The `olm.package` blobs. None if only other blobs name the package.
    pub blobs: Vec<&'c Package>,
    /// Its channels, with their graphs.
    pub channels: Vec<ChannelView<'c>>,
    /// Its bundles.
    pub bundles: Vec<BundleView<'c>>,
    /// Its deprecations.
    pub deprecations: Vec<&'c Deprecations>,
}

/// A channel and its upgrade graph.
#[derive(Debug)]
pub struct ChannelView<'c> {
    /// The channel.
    pub channel: &'c Channel,
    /// Its graph.
    pub graph: Graph<'c>,
}

/// A bundle and the facts in its properties.
#[derive(Debug)]
pub struct BundleView<'c> {
    /// The bundle.
    pub bundle: &'c Bundle,
    /// Its `olm.package` properties. A valid bundle has one.
    pub packages: Vec<PackageProperty<'c>>,
    /// The index of the bundle in the catalog.
    pub number: usize,
}

/// An `olm.package` property. A value that is not a string counts as empty; the rule `property-value` reports it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PackageProperty<'c> {
    /// The index of the property in the bundle.
    pub index: usize,
    /// The package's name.
    pub name: &'c str,
    /// The bundle's version.
    pub version: &'c str,
    /// The bundle's release, mostly empty.
    pub release: &'c str,
}

impl<'c> Context<'c> {
    /// Groups the blobs by package.
    #[must_use]
    pub fn new(scan: &'c Scan, root: &'c Path) -> Self {
        let catalog = &scan.catalog;
        let mut packages: BTreeMap<&'c str, PackageView<'c>> = BTreeMap::new();
        fn view<'p, 'c>(
            packages: &'p mut BTreeMap<&'c str, PackageView<'c>>,
            name: &'c str,
        ) -> Option<&'p mut PackageView<'c>> {
            (!name.is_empty()).then(|| packages.entry(name).or_insert(PackageView { name, ..PackageView::default() }))
        }
        for package in &catalog.packages {
            if let Some(view) = view(&mut packages, &package.name) {
                view.blobs.push(package);
            }
        }
        for (number, bundle) in catalog.bundles.iter().enumerate() {
            view(&mut packages, &bundle.package)
                .into_iter()
                .for_each(|view| view.bundles.push(BundleView::new(bundle, number)));
        }
        for deprecations in &catalog.deprecations {
            if let Some(view) = view(&mut packages, &deprecations.package) {
                view.deprecations.push(deprecations);
            }
        }
        let versions: HashMap<(&str, &str), VersionRelease> = packages
            .values()
            .flat_map(|package| package.bundles.iter().rev())
            .filter_map(|bundle| {
                Some(((bundle.bundle.package.as_str(), bundle.bundle.name.as_str()), bundle.version()?))
            })
            .collect();
        for channel in &catalog.channels {
            let graph = Graph::new(channel, |name| versions.get(&(channel.package.as_str(), name)).cloned());
            if let Some(view) = view(&mut packages, &channel.package) {
                view.channels.push(ChannelView { channel, graph });
            }
        }
        Self {
            root,
            scan,
            packages,
            only_heads: false,
            bundles: Vec::new(),
            manifests: OnceLock::new(),
            edges: OnceLock::new(),
            upgrades: OnceLock::new(),
            suggester: Suggester::default(),
        }
    }

    /// Reads definitions only of the bundles that rules for OLM compare: those that are upgraded to the head of a
    /// channel. [`Context::known`] has no facts about the others.
    #[must_use]
    pub(super) fn with_heads_only(self, only_heads: bool) -> Self {
        Self { only_heads, ..self }
    }

    /// Adds facts of bundles, with their packages. They are used if the catalog does not contain the manifests.
    #[must_use]
    pub fn with_bundles(self, bundles: Vec<(String, Facts)>) -> Self {
        Self { bundles, ..self }
    }

    fn manifests(&self) -> &Manifests {
        self.manifests.get_or_init(|| {
            let ends: Option<HashSet<&str>> =
                self.only_heads.then(|| self.edges().iter().flat_map(|(_, edge)| [edge.from, edge.to]).collect());
            let is_compared = |bundle: &Bundle| ends.as_ref().is_none_or(|ends| ends.contains(&*bundle.name));
            let read = |bundle: &Bundle| Objects::new(bundle, is_compared(bundle));
            let (objects, facts) = self.scan.catalog.bundles.par_iter().map(read).unzip();
            let mut known = Known::of_facts(&self.scan.catalog, facts);
            for (package, facts) in &self.bundles {
                known.complete(package, facts.clone());
            }
            Manifests { objects, known }
        })
    }

    /// The manifests of every bundle, in the order of [`Scan::catalog`].
    #[must_use]
    pub fn objects(&self) -> &[Objects] {
        &self.manifests().objects
    }

    /// The facts in the bundles' manifests that matter for upgrades.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.manifests().known
    }

    /// The manifests of a bundle that are in the catalog.
    #[must_use]
    pub fn objects_of(&self, bundle: &BundleView<'_>) -> &Objects {
        &self.objects()[bundle.number]
    }

    /// The upgrades to heads of channels, with their packages.
    fn edges(&self) -> &[(&'c str, Edge<'c>)] {
        self.edges.get_or_init(|| upgrades::edges(&self.packages))
    }

    /// The upgrades that users make, with their effects.
    pub(super) fn upgrades(&self) -> &[Upgrade<'c>] {
        self.upgrades.get_or_init(|| upgrades::all(self.edges(), self.known()))
    }

    /// The blobs that could not be read.
    pub fn bad(&self) -> impl Iterator<Item = &'c BadBlob> {
        self.scan.bad.iter()
    }

    /// Whether all blobs could be read. If not, it is unknown what is missing.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.scan.bad.is_empty()
    }

    /// Every channel of every package.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelView<'c>> {
        self.packages.values().flat_map(|package| &package.channels)
    }

    /// Every bundle of every package.
    pub fn bundles(&self) -> impl Iterator<Item = &BundleView<'c>> {
        self.packages.values().flat_map(|package| &package.bundles)
    }

    /// `did you mean "…"?`, if one of the names is similar to the wrong one.
    pub(crate) fn did_you_mean<'n>(&self, wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
        self.suggester.suggest(wrong, names).map(|name| format!("did you mean {name:?}?"))
    }
}

impl<'c> PackageView<'c> {
    /// The names of the package's channels, in the order of files.
    pub fn channel_names(&self) -> impl Iterator<Item = &'c str> {
        self.channels.iter().map(|view| view.channel.name.as_str())
    }

    /// Whether OLM can follow its upgrades: every channel is defined once and has one head, and no entries replace each
    /// other in a cycle. If not, there are errors, and their consequences are not reported.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let mut names = std::collections::HashSet::new();
        let good = |view: &ChannelView<'_>| view.graph.heads().len() == 1 && view.graph.replaces_cycles().is_empty();
        self.channels.iter().all(|view| names.insert(&view.channel.name) && good(view))
    }

    /// The place of the package's default channel, or of its first channel if no blob names a default.
    #[must_use]
    pub fn default_place(&self) -> Option<Place> {
        let blob = self.blobs.first().map(|blob| blob.origin.place(Route::root().key("defaultChannel")));
        blob.or_else(|| self.channels.first().map(|view| view.channel.origin.place(Route::root().key("name"))))
    }

    /// The default channel, if the package has it.
    #[must_use]
    pub fn default_channel(&self) -> Option<&ChannelView<'c>> {
        let name = &self.blobs.first()?.default_channel;
        self.channels.iter().find(|view| view.channel.name == *name)
    }

    /// The names of the package's bundles, in the order of files.
    pub fn bundle_names(&self) -> impl Iterator<Item = &'c str> {
        self.bundles.iter().map(|view| view.bundle.name.as_str())
    }
}

impl ChannelView<'_> {
    /// The place of a field of an entry.
    #[must_use]
    pub fn entry(&self, position: usize, field: &str) -> Place {
        self.channel.origin.place(Route::root().key("entries").index(position).key(field))
    }

    /// The entries that an entry should skip, and does not.
    pub(crate) fn skips(&self, node: usize, missing: &[usize]) -> Addition {
        let position = self.graph.nodes()[node].position;
        let place = self.channel.origin.place(Route::root().key("entries").index(position));
        let items = missing.iter().map(|&node| self.graph.name(node).to_owned()).collect();
        Addition { place, key: "skips", items }
    }

    /// The names in `replaces` and `skips` of an entry, each with its index in `skips`; `None` is `replaces`.
    pub fn named(&self, position: usize) -> impl Iterator<Item = (&str, Option<usize>)> {
        let entry = &self.channel.entries[position];
        let skips = entry.skips.iter().enumerate().map(|(item, name)| (name.as_str(), Some(item)));
        std::iter::once((entry.replaces.as_str(), None)).chain(skips)
    }

    /// The place of a name that [`ChannelView::named`] gave.
    #[must_use]
    pub fn edge(&self, position: usize, item: Option<usize>) -> Place {
        match item {
            Some(item) => {
                self.channel.origin.place(Route::root().key("entries").index(position).key("skips").index(item))
            }
            None => self.entry(position, "replaces"),
        }
    }

    /// The place of a name in `replaces` or `skips` of an entry. It searches all of them, so use it only for few names.
    #[must_use]
    pub fn find_edge(&self, position: usize, name: &str) -> Place {
        let item = self.named(position).find(|(other, _)| *other == name).and_then(|(_, item)| item);
        self.edge(position, item)
    }

    /// The place of a field of a node's entry.
    #[must_use]
    pub fn node(&self, node: usize, field: &str) -> Place {
        self.entry(self.graph.nodes()[node].position, field)
    }
}

impl<'c> BundleView<'c> {
    /// The version of a bundle on its own.
    pub(crate) fn version_of(bundle: &'c Bundle) -> Option<VersionRelease> {
        Self::new(bundle, 0).version()
    }

    fn new(bundle: &'c Bundle, number: usize) -> Self {
        let of_kind = bundle.properties.iter().enumerate().filter(|(_, property)| property.kind == property::PACKAGE);
        let packages = of_kind.map(|(index, property)| PackageProperty::new(index, &property.value)).collect();
        Self { bundle, packages, number }
    }

    /// The `olm.package` property, if there is exactly one.
    #[must_use]
    pub fn package(&self) -> Option<&PackageProperty<'c>> {
        match &self.packages[..] {
            [package] => Some(package),
            _ => None,
        }
    }

    /// The version and release, if the version is valid. An invalid release counts as none.
    #[must_use]
    pub fn version(&self) -> Option<VersionRelease> {
        let package = self.package()?;
        let version = version::parse(package.version).ok()?;
        Some(VersionRelease { version, release: package.release.parse().unwrap_or_default() })
    }

    /// The place of the bundle's name.
    #[must_use]
    pub fn name_place(&self) -> Place {
        self.bundle.origin.place(Route::root().key("name"))
    }

    /// The place of a property.
    #[must_use]
    pub fn property_place(&self, index: usize) -> Place {
        self.bundle.origin.place(Route::root().key("properties").index(index).key("value"))
    }

    /// The place of a field of the value of a property.
    #[must_use]
    pub fn property(&self, index: usize, field: &str) -> Place {
        self.bundle.origin.place(Route::root().key("properties").index(index).key("value").key(field))
    }
}

impl<'c> PackageProperty<'c> {
    fn new(index: usize, value: &'c Value) -> Self {
        let text = |name: &str| text_field(value, name);
        Self { index, name: text("packageName"), version: text("version"), release: text("release") }
    }
}

/// A field of a mapping, in any case, as opm reads it. A value that is not a string counts as empty.
pub(super) fn text_field<'v>(value: &'v Value, name: &str) -> &'v str {
    field(value, name).and_then(Value::as_str).unwrap_or_default()
}
