//! The blobs of a catalog. Each records the place that it was read from, which does not affect equality or output.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Place;
use crate::yaml::Route;

/// The schemas of the blobs that OLM defines.
pub mod schema {
    /// A package.
    pub const PACKAGE: &str = "olm.package";
    /// A channel of a package.
    pub const CHANNEL: &str = "olm.channel";
    /// A bundle: one version of a package.
    pub const BUNDLE: &str = "olm.bundle";
    /// The deprecations of a package.
    pub const DEPRECATIONS: &str = "olm.deprecations";
}

/// The property types that OLM defines.
pub mod property {
    /// The package and version of a bundle: `{packageName, version, release?}`.
    pub const PACKAGE: &str = "olm.package";
    /// A package that must be installed too: `{packageName, versionRange}`.
    pub const PACKAGE_REQUIRED: &str = "olm.package.required";
    /// An API that the bundle provides: `{group, version, kind}`.
    pub const GVK: &str = "olm.gvk";
    /// An API that the bundle requires: `{group, version, kind}`.
    pub const GVK_REQUIRED: &str = "olm.gvk.required";
    /// One manifest of the bundle: `{data}`, base64.
    pub const BUNDLE_OBJECT: &str = "olm.bundle.object";
    /// The parts of the ClusterServiceVersion that user interfaces show, instead of the bundle's objects.
    pub const CSV_METADATA: &str = "olm.csv.metadata";
    /// A requirement in OLM's constraint language.
    pub const CONSTRAINT: &str = "olm.constraint";
    /// The bundle is not installed any more, nor upgraded to.
    pub const DEPRECATED: &str = "olm.deprecated";
}

/// A whole catalog: every blob of its files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The `olm.package` blobs.
    pub packages: Vec<Package>,
    /// The `olm.channel` blobs.
    pub channels: Vec<Channel>,
    /// The `olm.bundle` blobs.
    pub bundles: Vec<Bundle>,
    /// The `olm.deprecations` blobs.
    pub deprecations: Vec<Deprecations>,
    /// The blobs of any other schema.
    pub others: Vec<Other>,
}

impl Catalog {
    /// Names the files of a temporary folder by their source: `<source>/demo/catalog.yaml`.
    pub(crate) fn seen_from(&mut self, folder: &Path, source: &Path) {
        let origins = self.packages.iter_mut().map(|blob| &mut blob.origin);
        let origins = origins.chain(self.channels.iter_mut().map(|blob| &mut blob.origin));
        let origins = origins.chain(self.bundles.iter_mut().map(|blob| &mut blob.origin));
        let origins = origins.chain(self.deprecations.iter_mut().map(|blob| &mut blob.origin));
        for origin in origins.chain(self.others.iter_mut().map(|blob| &mut blob.origin)) {
            if let Ok(inner) = origin.file.strip_prefix(folder) {
                origin.file = source.join(inner).into();
            }
        }
    }
}

/// An `olm.package` blob.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// The package's name, a DNS label.
    pub name: String,
    /// The channel that a subscription without one follows.
    pub default_channel: String,
    /// The icon in user interfaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<Icon>,
    /// A description of the operator, in Markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Further properties.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// The place that it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// An icon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Icon {
    /// The picture in base64.
    pub base64data: String,
    /// Its media type, such as `image/svg+xml`.
    pub mediatype: String,
}

/// An `olm.channel` blob: a part of a package's upgrade graph.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Channel {
    /// The channel's name.
    pub name: String,
    /// The package it belongs to.
    pub package: String,
    /// Its bundles and their upgrade edges.
    pub entries: Vec<Entry>,
    /// Further properties.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// The place that it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// A bundle's place in a channel's upgrade graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The bundle's name.
    pub name: String,
    /// The bundle that this one replaces. Empty: none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replaces: String,
    /// Bundles that this one also upgrades, and that can no longer be installed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<String>,
    /// A version range whose bundles can be upgraded to this one. Empty: none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub skip_range: String,
}

/// An `olm.bundle` blob.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    /// The name, which is its ClusterServiceVersion's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The package it belongs to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// The image with its manifests. Empty if they are `olm.bundle.object` properties.
    pub image: String,
    /// Its facts: package and version, APIs, objects or their metadata.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// The images that it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_images: Vec<RelatedImage>,
    /// The place that it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// A typed fact.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Property {
    /// The type, such as `olm.package`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value.
    pub value: Value,
}

impl Property {
    /// A property of a type.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: Value) -> Self {
        Self { kind: kind.into(), value }
    }
}

/// An image that a bundle runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RelatedImage {
    /// Its name in the bundle.
    pub name: String,
    /// Its reference.
    pub image: String,
}

/// An `olm.deprecations` blob.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deprecations {
    /// The package whose parts are deprecated.
    pub package: String,
    /// The deprecated parts.
    pub entries: Vec<DeprecationEntry>,
    /// The place that it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// One deprecated part of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeprecationEntry {
    /// The part.
    pub reference: Reference,
    /// The message for its users.
    pub message: String,
}

/// A part of a package: the package itself, a channel or a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Reference {
    /// The schema of the part.
    pub schema: String,
    /// Its name. Empty for the package itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A blob of a schema that OLM does not define, kept as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Other {
    /// Its schema.
    #[serde(skip)]
    pub schema: String,
    /// The package it belongs to, or empty.
    #[serde(skip)]
    pub package: String,
    /// Its name, or empty.
    #[serde(skip)]
    pub name: String,
    /// The whole blob, including schema and names.
    pub blob: Value,
    /// The place that it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// The place that a blob was read from: a file, and the number of the document in it.
#[derive(Clone)]
pub struct Origin {
    file: Arc<Path>,
    document: usize,
}

impl Origin {
    /// A document of a file, counted as [`crate::yaml::read`] counts.
    #[must_use]
    pub fn new(file: Arc<Path>, document: usize) -> Self {
        Self { file, document }
    }

    /// The file. Empty for blobs that were not read from a file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The document's number, from 0.
    #[must_use]
    pub fn document(&self) -> usize {
        self.document
    }

    /// The place of a value in this document.
    #[must_use]
    pub fn place(&self, route: Route) -> Place {
        Place::value(&*self.file, self.document, route)
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self { file: Arc::from(PathBuf::new()), document: 0 }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.file.display(), self.document)
    }
}

/// All origins are equal: blobs are compared by their contents.
impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}
