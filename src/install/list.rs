//! What a catalog has: its packages with their channels, versions and deprecations.

use std::cmp::Reverse;

use serde::Serialize;

use super::api::{Deprecation, PackageManifest};
use crate::catalog::{Bundle, Catalog, property, schema};
use crate::graph::Graph;

/// A package of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The channel that a Subscription without one follows.
    pub default_channel: String,
    /// What its users are told where it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
    /// Its channels, by name.
    pub channels: Vec<Channel>,
}

/// A channel of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// The bundle that a new Subscription gets.
    pub head: String,
    /// What its users are told where it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<String>,
    /// Its versions, the newest first.
    pub versions: Vec<Version>,
}

/// A version in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Its bundle.
    pub name: String,
    /// The version; empty where the catalog does not say it.
    pub version: String,
    /// What its users are told where it is deprecated.
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
