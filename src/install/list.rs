//! The contents of a catalog: its packages with their channels, versions and deprecations.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use super::api::{Deprecation, PackageManifest};
use super::options::Operator;
use crate::catalog::{Bundle, Catalog, property, schema};
use crate::graph::Graph;

/// A package of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The channel that a Subscription without one follows.
    pub default_channel: String,
    /// The deprecation message, if it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
    /// Its channels, by name.
    pub channels: Vec<Channel>,
}

/// A channel of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// The bundle that a new Subscription gets.
    pub head: String,
    /// The deprecation message, if it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
    /// Its versions, the newest first.
    pub versions: Vec<Version>,
}

/// A version in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Its bundle.
    pub name: String,
    /// The version; empty if the catalog does not name it.
    pub version: String,
    /// The deprecation message, if it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
}

/// The packages of a file-based catalog, by name.
#[must_use]
pub fn of_catalog(catalog: &Catalog) -> Vec<Package> {
    let mut packages: Vec<Package> = catalog
        .packages
        .iter()
        .map(|package| {
            let channels = catalog.channels.iter().filter(|channel| channel.package == package.name);
            let channels = channels.map(|channel| of_channel(catalog, channel)).collect();
            Package {
                name: package.name.clone(),
                default_channel: package.default_channel.clone(),
                deprecation: deprecation(catalog, &package.name, schema::PACKAGE, ""),
                channels,
            }
        })
        .collect();
    sort(&mut packages);
    packages
}

fn of_channel(catalog: &Catalog, channel: &crate::catalog::Channel) -> Channel {
    let bundle =
        |name: &str| catalog.bundles.iter().find(|bundle| bundle.package == channel.package && bundle.name == name);
    let graph = Graph::new(channel, |_| None);
    let head = graph.heads().first().map(|&head| graph.name(head).to_owned()).unwrap_or_default();
    let version = |entry: &crate::catalog::Entry| Version {
        name: entry.name.clone(),
        version: bundle(&entry.name).and_then(version).unwrap_or_default(),
        deprecation: deprecation(catalog, &channel.package, schema::BUNDLE, &entry.name),
    };
    Channel {
        name: channel.name.clone(),
        head,
        deprecation: deprecation(catalog, &channel.package, schema::CHANNEL, &channel.name),
        versions: channel.entries.iter().map(version).collect(),
    }
}

/// The bundle that is installed first for an operator: that of its version, or the head of its channel.
#[must_use]
pub fn first<'p>(packages: &'p [Package], operator: &Operator) -> Option<&'p str> {
    let (_, channel, version) = chosen(packages, operator)?;
    version.map(|version| version.name.as_str()).or(Some(&*channel.head)).filter(|name| !name.is_empty())
}

/// Deprecations that concern a requested operator: of its package, its channel and the bundle that is installed first.
#[must_use]
pub fn deprecated(packages: &[Package], operator: &Operator) -> Vec<String> {
    let Some((package, channel, version)) = chosen(packages, operator) else { return Vec::new() };
    let head = || channel.versions.iter().find(|version| version.name == channel.head);
    let version = version.or_else(head);
    let parts = [
        (format!("package {}", package.name), &package.deprecation),
        (format!("channel {} of package {}", channel.name, package.name), &channel.deprecation),
    ];
    let bundle = version.map(|version| (format!("bundle {}", version.name), &version.deprecation));
    let told = parts.into_iter().chain(bundle);
    told.filter_map(|(what, message)| Some(format!("{what} is deprecated: {}", message.as_ref()?))).collect()
}

/// The package and the channel of an operator, and the version if one is requested. `None` if the catalog lacks one of
/// them.
fn chosen<'p>(packages: &'p [Package], operator: &Operator) -> Option<(&'p Package, &'p Channel, Option<&'p Version>)> {
    let package = packages.iter().find(|package| package.name == operator.package)?;
    let name = operator.channel.as_ref().unwrap_or(&package.default_channel);
    let channel = package.channels.iter().find(|channel| channel.name == *name)?;
    let Some(wanted) = &operator.version else { return Some((package, channel, None)) };
    let same = |version: &&Version| version.version.trim_start_matches('v') == wanted.trim_start_matches('v');
    Some((package, channel, Some(channel.versions.iter().find(same)?)))
}

fn version(bundle: &Bundle) -> Option<String> {
    let package = bundle.properties.iter().find(|property| property.kind == property::PACKAGE)?;
    package.value["version"].as_str().map(str::to_owned)
}

fn deprecation(catalog: &Catalog, package: &str, schema: &str, name: &str) -> Option<String> {
    let of_package = catalog.deprecations.iter().filter(|deprecations| deprecations.package == package);
    let mut entries = of_package.flat_map(|deprecations| &deprecations.entries);
    let is_it =
        |entry: &&crate::catalog::DeprecationEntry| entry.reference.schema == schema && entry.reference.name == name;
    entries.find(is_it).map(|entry| entry.message.clone())
}

/// The packages of an installed catalog, as the package server shows them, by name.
#[must_use]
pub fn of_manifests(manifests: &[PackageManifest]) -> Vec<Package> {
    let message = |deprecation: &Option<Deprecation>| deprecation.as_ref().map(|told| told.message.clone());
    let mut packages: Vec<Package> = manifests
        .iter()
        .filter_map(|manifest| manifest.status.as_ref())
        .map(|package| Package {
            name: package.package_name.clone(),
            default_channel: package.default_channel.clone(),
            deprecation: message(&package.deprecation),
            channels: package
                .channels
                .iter()
                .map(|channel| Channel {
                    name: channel.name.clone(),
                    head: channel.current_csv.clone(),
                    deprecation: message(&channel.deprecation),
                    versions: channel
                        .entries
                        .iter()
                        .map(|entry| Version {
                            name: entry.name.clone(),
                            version: entry.version.clone(),
                            deprecation: message(&entry.deprecation),
                        })
                        .collect(),
                })
                .collect(),
        })
        .collect();
    sort(&mut packages);
    packages
}

fn sort(packages: &mut [Package]) {
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    for package in packages {
        package.channels.sort_by(|a, b| a.name.cmp(&b.name));
        for channel in &mut package.channels {
            channel.versions.sort_by_cached_key(|version| {
                let parsed = semver::Version::parse(&version.version).ok();
                (Reverse(parsed), version.name.clone())
            });
        }
    }
}
