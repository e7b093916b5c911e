//! `olm.semver`: the channels of a package and their upgrade graph, derived from the versions of its bundles.
//!
//! A template has up to three lists of bundles, from the least to the most trusted: candidate, fast and stable. Each
//! makes a channel for every major version in it (`stable-v1`), for every minor one (`stable-v1.2`), or both. Within a
//! major version, the highest bundle of each minor version replaces the highest bundle of the previous minor version,
//! and skips every other lower one. Every bundle therefore reaches the head directly, and no upgrade crosses a major
//! version.

mod channels;

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde_json::Value;

use super::strict::Reader;
use super::template::{Bundles, Image};
use super::{rule, schema};
use crate::catalog::{Bundle, Catalog, Package, property, read_icon};
use crate::diagnostic::{Finding, Place};
use crate::go_json::fields::Fields;
use crate::version;
use crate::yaml::Route;

/// An `olm.semver` template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Semver {
    /// Whether every major version has a channel.
    pub major_channels: bool,
    /// Whether every minor version has a channel.
    pub minor_channels: bool,
    /// Which of the two the default channel is, if both exist.
    pub prefer: Stream,
    /// The bundles of each list, as the template names them.
    pub bundles: BTreeMap<Archetype, Vec<Image>>,
}

/// A list of bundles. Greater means more trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Archetype {
    /// Bundles that may become releases.
    Candidate,
    /// Released bundles, as soon as they are released.
    Fast,
    /// Released bundles that have proved themselves.
    Stable,
}

impl Archetype {
    pub(super) const EVERY: [Self; 3] = [Self::Candidate, Self::Fast, Self::Stable];

    /// Its name, in templates and channels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Fast => "fast",
            Self::Stable => "stable",
        }
    }
}

/// What a channel follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// A major version.
    Major,
    /// A minor version.
    Minor,
}

/// The package and version of a bundle.
struct Identity {
    package: String,
    version: Version,
}

impl Semver {
    pub(super) fn read(value: Value, reader: &mut Reader<'_>) -> Self {
        let root = Route::root();
        let [major, minor, preference] =
            ["generateMajorChannels", "generateMinorChannels", "defaultChannelTypePreference"];
        let lists = Archetype::EVERY.map(Archetype::as_str);
        let known = [&["schema", major, minor, preference], &lists[..]].concat();
        let mut fields = reader.fields(value, &root, &known);
        let major_channels = reader.boolean(fields.remove(major), root.clone().key(major));
        let minor_channels = reader.boolean(fields.remove(minor), root.clone().key(minor)) || !major_channels;
        let prefer = match reader.text(fields.remove(preference), root.clone().key(preference)).as_str() {
            "" if minor_channels => Stream::Minor,
            "" => Stream::Major,
            "minor" if minor_channels => Stream::Minor,
            "major" if major_channels => Stream::Major,
            name @ ("minor" | "major") => {
                let message = format!(
                    "the default channel cannot be a {name} channel, because the template makes no {name} channels"
                );
                let switch = if name == "minor" { minor } else { major };
                let help = format!("set `{switch}: true`, or remove `{preference}`");
                reader.error(root.clone().key(preference), message).help = Some(help);
                Stream::Minor
            }
            other => {
                let message = format!("`{preference}` must be \"major\" or \"minor\", not {other:?}");
                reader.error(root.clone().key(preference), message);
                Stream::Minor
            }
        };
        let list = |archetype: Archetype| {
            let name = archetype.as_str();
            (archetype, images(fields.remove(name).unwrap_or_default(), root.clone().key(name), reader))
        };
        let bundles = Archetype::EVERY.map(list).into_iter().collect();
        Self { major_channels, minor_channels, prefer, bundles }
    }

    pub(super) fn images(&self) -> impl Iterator<Item = &Image> {
        self.bundles.values().flatten()
    }

    /// The package, its channels and bundles. `root` is the template's place. With findings, it is not complete.
    pub(super) fn render(&self, bundles: &Bundles, root: Place, findings: &mut Vec<Finding>) -> Catalog {
        if self.images().next().is_none() {
            let message = format!("the {} template names no bundles", schema::SEMVER);
            let help = "add bundles under `candidate`, `fast` or `stable`";
            findings.push(Finding::error(rule::EMPTY, root, message).help(help));
            return Catalog::default();
        }
        let before = findings.len();
        let identities = self.identities(bundles, findings);
        self.check_names(bundles, findings);
        self.check_order(bundles, &identities, findings);
        let Some(package) = identities.values().next().map(|identity| identity.package.clone()) else {
            return Catalog::default();
        };
        if findings.len() > before {
            return Catalog::default();
        }
        let (channels, default_channel) = self.channels(&package, bundles, &identities);
        let head = channels.iter().find(|channel| channel.name == default_channel).and_then(|c| c.entries.last());
        let head = head.and_then(|entry| bundles.values().find(|bundle| bundle.name == entry.name));
        let package = Package { name: package, default_channel, ..head.map(shown).unwrap_or_default() };
        let used: BTreeSet<&str> = self.images().map(|image| image.reference.as_str()).collect();
        let bundles = used.into_iter().filter_map(|reference| bundles.get(reference).cloned()).collect();
        Catalog { packages: vec![package], channels, bundles, ..Catalog::default() }
    }

    /// The package and version of every bundle, by its reference.
    fn identities<'s>(&'s self, bundles: &Bundles, findings: &mut Vec<Finding>) -> BTreeMap<&'s str, Identity> {
        let mut identities: BTreeMap<&str, Identity> = BTreeMap::new();
        let mut package: Option<(String, &Image)> = None;
        let mut seen = BTreeSet::new();
        for image in self.images().filter(|image| seen.insert(&image.reference)) {
            let Some(bundle) = bundles.get(&image.reference) else { continue };
            match identity(bundle) {
                Err(message) => findings.push(Finding::error(rule::VERSION, image.place.clone(), message)),
                Ok(identity) => {
                    let (name, first) = package.get_or_insert_with(|| (identity.package.clone(), image));
                    if identity.package == *name {
                        identities.insert(&image.reference, identity);
                    } else {
                        let message = format!(
                            "the bundle {} is for the package {}, not for {name}; a template has one package",
                            bundle.name, identity.package
                        );
                        let finding = Finding::error(rule::PACKAGE, image.place.clone(), message);
                        findings.push(finding.related(first.place.clone(), format!("a bundle of {name}")));
                    }
                }
            }
        }
        identities
    }

    /// A bundle may occur once in a list, and has one image in a package.
    fn check_names(&self, bundles: &Bundles, findings: &mut Vec<Finding>) {
        let mut images: BTreeMap<&str, &Image> = BTreeMap::new();
        for (archetype, list) in &self.bundles {
            let mut seen: BTreeMap<&str, &Image> = BTreeMap::new();
            for image in list {
                let Some(Bundle { name, .. }) = bundles.get(&image.reference) else { continue };
                let other = *images.entry(name).or_insert(image);
                let (message, first) = if other.reference != image.reference {
                    (format!("the bundle {name} comes from both {} and {}", other.reference, image.reference), other)
                } else if let Some(first) = seen.insert(name, image) {
                    (format!("the bundle {name} occurs twice in {}", archetype.as_str()), first)
                } else {
                    continue;
                };
                let finding = Finding::error(rule::DUPLICATE, image.place.clone(), message);
                findings.push(finding.related(first.place.clone(), "first occurrence"));
            }
        }
    }

    /// Build metadata does not affect the order of versions, so it must not be the only difference between two.
    fn check_order(&self, bundles: &Bundles, identities: &BTreeMap<&str, Identity>, findings: &mut Vec<Finding>) {
        for (archetype, list) in &self.bundles {
            let mut seen: Vec<(&str, &Version, &Image)> = Vec::new();
            for image in list {
                let Some(Identity { version, .. }) = identities.get(image.reference.as_str()) else { continue };
                let name = &bundles[&image.reference].name;
                let same = |(_, other, _): &&(&str, &Version, &Image)| other.cmp_precedence(version).is_eq();
                // A duplicate bundle was already reported.
                if let Some((other, _, first)) = seen.iter().find(same).filter(|(other, ..)| other != name) {
                    let list = archetype.as_str();
                    let message = format!(
                        "the versions of {name} and {other} in {list} have no order: they differ only in build metadata"
                    );
                    let finding = Finding::error(rule::ORDER, image.place.clone(), message);
                    findings.push(finding.related(first.place.clone(), format!("{other} is here")));
                }
                seen.push((name, version, image));
            }
        }
    }
}

fn images(value: Value, route: Route, reader: &mut Reader<'_>) -> Vec<Image> {
    let mut fields = reader.fields(value, &route, &["bundles"]);
    let route = route.key("bundles");
    let list = reader.list(fields.remove("bundles"), route.clone());
    let mut images = Vec::new();
    for (i, value) in list.into_iter().enumerate() {
        let item = route.clone().index(i);
        let known = reader.findings.len();
        let mut fields = reader.fields(value, &item, &["image"]);
        let route = item.key("image");
        let reference = reader.text(fields.remove("image"), route.clone());
        if reference.is_empty() && reader.findings.len() == known {
            reader.error(route.clone(), "the bundle has no image");
        }
        images.push(Image { reference, place: reader.origin.place(route) });
    }
    images
}

fn identity(bundle: &Bundle) -> Result<Identity, String> {
    let name = &bundle.name;
    let mut packages = bundle.properties.iter().filter(|property| property.kind == property::PACKAGE);
    let (Some(package), None) = (packages.next(), packages.next()) else {
        return Err(format!("the bundle {name} must have exactly one property {}", property::PACKAGE));
    };
    let read = || {
        let mut fields = Fields::new(package.value.clone(), Route::root().key(property::PACKAGE))?;
        Ok((fields.string("packageName")?, fields.string("version")?))
    };
    let (package, version) =
        read().map_err(|misfit: crate::go_json::fields::Misfit| format!("the bundle {name}: {}", misfit.message))?;
    let version = version::parse(&version).map_err(|error| format!("the bundle {name}: {error}"))?;
    Ok(Identity { package, version })
}

/// The package's description and icon are those of the head of its default channel.
fn shown(head: &Bundle) -> Package {
    let Ok(Some(csv)) = head.csv() else { return Package::default() };
    let spec = &csv["spec"];
    let icon = Fields::new(spec["icon"][0].clone(), Route::root()).and_then(read_icon).ok();
    Package {
        description: spec["description"].as_str().unwrap_or_default().to_owned(),
        icon: icon.filter(|icon| !icon.base64data.is_empty()),
        ..Package::default()
    }
}
