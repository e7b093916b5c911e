//! Turns a catalog into a template that makes it again.

mod difference;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::{Archetype, Template, schema};
use crate::catalog::{Blob, Bundle, Catalog, Package, schema as blobs};
use crate::render::BoxError;
use crate::yaml::{self, WriteError};

/// A template that was made from a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// Its text in YAML.
    pub yaml: String,
    /// The same in JSON.
    pub json: String,
}

/// Why a catalog is not what a template would make.
#[derive(Debug, thiserror::Error)]
pub enum Unequal {
    /// What a template of this kind cannot say, or would make differently.
    #[error("{}", .0.join("\n"))]
    Reasons(Vec<String>),
    /// The template could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A document of a template.
#[derive(Serialize)]
#[serde(untagged)]
enum Document<'c> {
    Entries(Entries<'c>),
    Semver(Semver<'c>),
    Blob(Blob<'c>),
}

/// A template that lists blobs.
#[derive(Serialize)]
struct Entries<'c> {
    schema: &'static str,
    entries: Vec<Item<'c>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    substitutions: Option<Vec<()>>,
}

/// An entry: a blob, or a bundle by its image.
#[derive(Serialize)]
#[serde(untagged)]
enum Item<'c> {
    Blob(Blob<'c>),
    Bundle {
        schema: &'static str,
        #[serde(skip_serializing_if = "str::is_empty")]
        name: &'c str,
        image: &'c str,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Semver<'c> {
    schema: &'static str,
    generate_major_channels: bool,
    generate_minor_channels: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_channel_type_preference: Option<&'static str>,
    #[serde(flatten)]
    lists: BTreeMap<&'static str, List<'c>>,
}

#[derive(Default, Serialize)]
struct List<'c> {
    bundles: Vec<Named<'c>>,
}

#[derive(Serialize)]
struct Named<'c> {
    image: &'c str,
}

impl Converted {
    fn of(documents: &[Document<'_>]) -> Result<Self, WriteError> {
        let yaml: Result<Vec<String>, WriteError> = documents.iter().map(yaml::to_yaml).collect();
        let json: Result<String, WriteError> = documents.iter().map(yaml::to_json).collect();
        Ok(Self { yaml: yaml?.join("---\n"), json: json? })
    }

    /// A template `olm.template.basic` of these blobs and bundles.
    ///
    /// # Errors
    /// None in practice.
    pub(crate) fn basic(catalog: &Catalog, images: &[String]) -> Result<Self, WriteError> {
        let images = images.iter().map(|image| Item::Bundle { schema: blobs::BUNDLE, name: "", image });
        let entries = catalog.blobs().into_iter().map(Item::Blob).chain(images).collect();
        Self::of(&[Document::Entries(Entries { schema: schema::BASIC, entries, substitutions: None })])
    }
}

/// Converts the catalog of one package to a template of a schema, and renders the template again: what it makes must be
/// equal. `pull` gives the blob of a bundle by its image; without it, the catalog's own blobs are used, so that nothing is
/// asked of a registry.
///
/// # Errors
/// Why there is no such template.
pub fn convert(catalog: &Catalog, to: &str, pull: Option<&super::Source<'_>>) -> Result<Converted, Unequal> {
    let converted = match to {
        schema::SEMVER => Converted::of(&semver(catalog)?)?,
        schema::SUBSTITUTES => {
            let entries = catalog.blobs().into_iter().map(Item::Blob).collect();
            let template = Entries { schema: schema::SUBSTITUTES, entries, substitutions: Some(Vec::new()) };
            Converted::of(&[Document::Entries(template)])?
        }
        _ => Converted::of(&[basic(catalog)?])?,
    };
    let own = |reference: &str| -> Result<Bundle, BoxError> {
        let found = catalog.bundles.iter().find(|bundle| bundle.image == reference);
        found.cloned().ok_or_else(|| format!("the catalog has no bundle with the image {reference}").into())
    };
    let mut rendered = Template::parse(&converted.yaml, Path::new("template"))
        .and_then(|template| template.render(pull.unwrap_or(&own)))
        .map_err(|findings| Unequal::Reasons(findings.into_iter().map(|finding| finding.message).collect()))?;
    // Packages with the description and icon of their newest version are an addition of this program to the template.
    for (made, wanted) in rendered.packages.iter_mut().zip(&catalog.packages) {
        if wanted.description.is_empty() {
            made.description.clear();
        }
        if wanted.icon.is_none() {
            made.icon = None;
        }
    }
    let reasons = difference::reasons(catalog, &rendered);
    if reasons.is_empty() { Ok(converted) } else { Err(Unequal::Reasons(reasons)) }
}

/// An `olm.template.basic` template.
fn basic(catalog: &Catalog) -> Result<Document<'_>, Unequal> {
    check_images(catalog)?;
    let item = |blob| match blob {
        Blob::Bundle(bundle) => Item::Bundle { schema: blobs::BUNDLE, name: &bundle.name, image: &bundle.image },
        other => Item::Blob(other),
    };
    let entries = catalog.blobs().into_iter().map(item).collect();
    Ok(Document::Entries(Entries { schema: schema::BASIC, entries, substitutions: None }))
}

/// A template names bundles by their images.
fn check_images(catalog: &Catalog) -> Result<(), Unequal> {
    let mut reasons = Vec::new();
    let mut images: BTreeMap<&str, &str> = BTreeMap::new();
    for bundle in &catalog.bundles {
        if bundle.image.is_empty() {
            reasons.push(format!(
                "the bundle {} has no image: its objects are in the catalog, and a template names bundles by their images",
                bundle.name
            ));
        } else if let Some(other) = images.insert(&bundle.image, &bundle.name) {
            reasons.push(format!("the bundles {other} and {} have the same image {}", bundle.name, bundle.image));
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(Unequal::Reasons(reasons)) }
}

/// An `olm.semver` template, and blobs for what it cannot say itself.
fn semver(catalog: &Catalog) -> Result<Vec<Document<'_>>, Unequal> {
    check_images(catalog)?;
    let images: BTreeMap<&str, &str> =
        catalog.bundles.iter().map(|bundle| (bundle.name.as_str(), bundle.image.as_str())).collect();
    let (mut lists, mut reasons) = (BTreeMap::<Archetype, BTreeSet<&str>>::new(), Vec::new());
    let (mut major, mut minor) = (false, false);
    for channel in &catalog.channels {
        let Some((archetype, is_minor)) = stream(&channel.name) else {
            reasons.push(format!(
                "the channel {} is not named as this template names channels: candidate, fast or stable, `-v`, and a \
                 major or minor version",
                channel.name
            ));
            continue;
        };
        *if is_minor { &mut minor } else { &mut major } = true;
        for entry in &channel.entries {
            match images.get(entry.name.as_str()) {
                Some(image) => drop(lists.entry(archetype).or_default().insert(*image)),
                None => {
                    reasons.push(format!("the channel {} has the entry {} without a bundle", channel.name, entry.name));
                }
            }
        }
    }
    if !reasons.is_empty() {
        return Err(Unequal::Reasons(reasons));
    }
    let default = catalog.packages.first().and_then(|package| stream(&package.default_channel));
    let preference = match default {
        Some((_, is_minor)) if major && minor => Some(if is_minor { "minor" } else { "major" }),
        _ => None,
    };
    let list = |images: BTreeSet<_>| List { bundles: images.into_iter().map(|image| Named { image }).collect() };
    let template = Semver {
        schema: schema::SEMVER,
        generate_major_channels: major,
        generate_minor_channels: minor,
        default_channel_type_preference: preference,
        lists: lists.into_iter().map(|(archetype, images)| (archetype.as_str(), list(images))).collect(),
    };
    let mut documents = vec![Document::Semver(template)];
    documents
        .extend(catalog.packages.iter().filter(|blob| has_more(blob)).map(|blob| Document::Blob(Blob::Package(blob))));
    documents.extend(catalog.deprecations.iter().map(|blob| Document::Blob(Blob::Deprecations(blob))));
    documents.extend(catalog.others.iter().map(|blob| Document::Blob(Blob::Other(blob))));
    Ok(documents)
}

/// Whether a package has fields that the template does not make.
fn has_more(package: &Package) -> bool {
    package.icon.is_some() || !package.description.is_empty() || !package.properties.is_empty()
}

/// What a channel of `olm.semver` follows, and whether that is a minor version.
fn stream(name: &str) -> Option<(Archetype, bool)> {
    let (archetype, version) = name.split_once("-v")?;
    let archetype = Archetype::EVERY.into_iter().find(|known| known.as_str() == archetype)?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match version.split_once('.') {
        None => number(version).then_some((archetype, false)),
        Some((major, minor)) => (number(major) && number(minor)).then_some((archetype, true)),
    }
}
