//! The content of a catalog: its packages with their channels, heads, versions and deprecations.
//!
//! `catalog list -o json` prints a list of [`Package`]. Unknown and empty values are omitted. `opm alpha list` shows
//! the same facts with three verbs (operator-registry's `alpha/action/list.go`); unlike there, a broken catalog is
//! listed too.

use std::cmp::Reverse;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{self, property, schema};
use crate::draw::{Error, Selection};
use crate::validate::{BundleView, ChannelView, Context, PackageView};

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its display name: that of the bundle at the head of its default channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The channel that a Subscription without a channel follows. Empty if the catalog does not name one.
    pub default_channel: String,
    /// The message for its users, if it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
    /// Its channels, by name.
    pub channels: Vec<Channel>,
}

/// A channel of a [`Package`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Whether it is the package's default channel.
    pub default: bool,
    /// The entries that no entry replaces or skips. A valid channel has one, which new Subscriptions get.
    pub heads: Vec<String>,
    /// The message for its users, if it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
    /// Its entries, the newest version first; those without a version come last.
    pub entries: Vec<Entry>,
}

/// An entry of a [`Channel`], and the bundle that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The bundle's name.
    pub name: String,
    /// The bundle's version, with its release if it has one. Absent if the catalog has no such bundle, or its version
    /// is not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The entry that it replaces.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replaces: String,
    /// The entries that it skips.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<String>,
    /// The versions from which it upgrades.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub skip_range: String,
    /// The bundle's image. Absent if the catalog contains its manifests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The message for its users, if it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
}

/// The selected packages, by name.
///
/// # Errors
/// A package or a channel that does not exist.
pub fn packages(context: &Context<'_>, selection: &Selection<'_>) -> Result<Vec<Package>, Error> {
    let found = selection.of(context)?;
    Ok(found.into_iter().map(|(package, channels)| Facts::of(package).package(&channels)).collect())
}

/// A package, with indexes of its parts.
struct Facts<'v, 'c> {
    package: &'v PackageView<'c>,
    bundles: HashMap<&'c str, &'v BundleView<'c>>,
    /// By schema and name.
    deprecations: HashMap<(&'c str, &'c str), &'c str>,
}

impl<'v, 'c> Facts<'v, 'c> {
    fn of(package: &'v PackageView<'c>) -> Self {
        Self { package, bundles: bundles(package), deprecations: deprecations(package) }
    }

    fn package(&self, channels: &[&ChannelView<'c>]) -> Package {
        let default_channel = default_channel(self.package);
        Package {
            name: self.package.name.to_owned(),
            display_name: self.display_name(),
            default_channel: default_channel.to_owned(),
            deprecation: self.deprecation(schema::PACKAGE, ""),
            channels: channels.iter().map(|view| self.channel(view, default_channel)).collect(),
        }
    }

    fn channel(&self, view: &ChannelView<'c>, default_channel: &str) -> Channel {
        let (channel, graph) = (view.channel, &view.graph);
        let mut entries: Vec<_> = graph.nodes().iter().collect();
        entries.sort_by(|a, b| Reverse(&a.version).cmp(&Reverse(&b.version)));
        let entry = |node: &crate::graph::Node<'c>| Entry {
            name: node.entry.name.clone(),
            version: node.version.as_ref().map(ToString::to_string),
            replaces: node.entry.replaces.clone(),
            skips: node.entry.skips.clone(),
            skip_range: node.entry.skip_range.clone(),
            image: self.bundles.get(node.entry.name.as_str()).map(|view| view.bundle.image.clone()).filter(not_empty),
            deprecation: self.deprecation(schema::BUNDLE, &node.entry.name),
        };
        Channel {
            name: channel.name.clone(),
            default: channel.name == default_channel,
            heads: graph.heads().into_iter().map(|head| graph.name(head).to_owned()).collect(),
            deprecation: self.deprecation(schema::CHANNEL, &channel.name),
            entries: entries.into_iter().map(entry).collect(),
        }
    }

    fn display_name(&self) -> Option<String> {
        let channel = default_channel(self.package);
        let view = self.package.channels.iter().find(|view| view.channel.name == channel)?;
        let head = view.graph.heads().first().map(|&head| view.graph.name(head))?;
        display_name(self.bundles.get(head)?.bundle).filter(not_empty)
    }

    fn deprecation(&self, schema: &str, name: &str) -> Option<String> {
        self.deprecations.get(&(schema, name)).map(|&message| message.to_owned())
    }
}

#[expect(clippy::ptr_arg, reason = "as `Option::filter` calls it")]
fn not_empty(text: &String) -> bool {
    !text.is_empty()
}

/// The display name in the bundle's ClusterServiceVersion, or in its metadata in the catalog.
fn display_name(bundle: &catalog::Bundle) -> Option<String> {
    let metadata = bundle.properties.iter().find(|property| property.kind == property::CSV_METADATA);
    let name = metadata.and_then(|property| property.value["displayName"].as_str()).map(str::to_owned);
    name.or_else(|| Some(bundle.csv().ok()??["spec"]["displayName"].as_str()?.to_owned()))
}

/// The default channel of a package: the first of its blobs counts. Empty if none names one.
pub(crate) fn default_channel<'c>(package: &PackageView<'c>) -> &'c str {
    package.blobs.first().map_or("", |blob| &blob.default_channel)
}

/// The bundles of a package by name: of equal names the first counts.
pub(crate) fn bundles<'v, 'c>(package: &'v PackageView<'c>) -> HashMap<&'c str, &'v BundleView<'c>> {
    package.bundles.iter().rev().map(|view| (view.bundle.name.as_str(), view)).collect()
}

/// The deprecation messages of a package's parts, by schema and name of the part: of several messages the first counts.
pub(crate) fn deprecations<'c>(package: &PackageView<'c>) -> HashMap<(&'c str, &'c str), &'c str> {
    let entries = package.deprecations.iter().flat_map(|deprecations| &deprecations.entries);
    let mut messages = HashMap::new();
    for entry in entries {
        let part = (entry.reference.schema.as_str(), entry.reference.name.as_str());
        messages.entry(part).or_insert(entry.message.as_str());
    }
    messages
}
