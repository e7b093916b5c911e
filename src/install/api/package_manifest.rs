//! PackageManifest: a package of a catalog, as the package server shows it.

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A package as OLM's package server shows it; there is one for each package of each catalog.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "packages.operators.coreos.com",
    version = "v1",
    kind = "PackageManifest",
    namespaced,
    derive = "PartialEq",
    schema = "disabled",
    status = "PackageManifestStatus"
)]
pub struct PackageManifestSpec {}

/// The status of a package.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageManifestStatus {
    /// The CatalogSource.
    #[serde(default)]
    pub catalog_source: String,
    /// The CatalogSource's namespace.
    #[serde(default)]
    pub catalog_source_namespace: String,
    /// The package.
    #[serde(default)]
    pub package_name: String,
    /// The channel that a Subscription without one follows.
    #[serde(default)]
    pub default_channel: String,
    /// The package's channels.
    #[serde(default)]
    pub channels: Vec<PackageChannel>,
    /// That the package is deprecated.
    pub deprecation: Option<Deprecation>,
}

/// A deprecation. Package servers report it since OLM 0.27.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deprecation {
    /// The message for its users.
    #[serde(default)]
    pub message: String,
}

/// A channel of a package.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageChannel {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its head.
    #[serde(default, rename = "currentCSV")]
    pub current_csv: String,
    /// Facts about the head.
    #[serde(default, rename = "currentCSVDesc")]
    pub description: CsvDescription,
    /// Every bundle of the channel.
    #[serde(default)]
    pub entries: Vec<PackageEntry>,
    /// That the channel is deprecated.
    pub deprecation: Option<Deprecation>,
}

/// Facts about a bundle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CsvDescription {
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Which sets of namespaces it can watch.
    #[serde(default)]
    pub install_modes: Vec<InstallMode>,
}

/// Whether an operator can watch a set of namespaces of a type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallMode {
    /// `OwnNamespace`, `SingleNamespace`, `MultiNamespace` or `AllNamespaces`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Whether it can.
    #[serde(default)]
    pub supported: bool,
}

/// A bundle of a channel.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageEntry {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// That it is deprecated.
    pub deprecation: Option<Deprecation>,
}
