//! The catalog of a single bundle, for repositories that have one bundle and no catalog, as operator-sdk makes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::assemble::settle;
use super::{Assembled, BundleImage, Error, Form};
use crate::bundle::{Bundle, Contents, csv};
use crate::catalog::{Catalog, Channel, Entry, Package};
use crate::image::Repository;

/// Makes the catalog of the bundle in a folder: its package, and the channels that its annotations name. In each of them,
/// the bundle is the only entry, and upgrades what its ClusterServiceVersion says (`replaces`, `skips` and the annotation
/// `olm.skipRange`), which users of earlier catalogs may have installed.
///
/// # Errors
/// A bundle that cannot be read, or that an image cannot contain, and one whose annotations name no channel.
pub fn single(folder: &Path, repository: &Repository, form: Form) -> Result<Assembled, Error> {
    let unread = |source| Error::Read { path: folder.to_owned(), source: Box::new(source) };
    let bundle = Bundle::read(folder).map_err(unread)?;
    let contents = bundle.contents().map_err(unread)?;
    let channels: BTreeSet<&str> = contents.channels.iter().map(|name| name.trim()).filter(|n| !n.is_empty()).collect();
    let default = match contents.default_channel.trim() {
        "" => channels.first().copied(),
        named => Some(named),
    };
    let Some(default) = default else { return Err(Error::NoChannel { path: folder.to_owned() }) };
    let mut bundles = Vec::new();
    let mut image = String::new();
    if form == Form::Pinned {
        let made = BundleImage::new(&contents.package, contents.version(), &bundle)?;
        image = made.reference(repository);
        bundles.push(made);
    }
    let name = contents.package.clone();
    let channel = |channel: &&str| Channel {
        name: (*channel).to_owned(),
        package: name.clone(),
        entries: vec![entry(&contents)],
        ..Channel::default()
    };
    let mut catalog = Catalog {
        packages: vec![Package { name: name.clone(), default_channel: default.to_owned(), ..Package::default() }],
        channels: channels.iter().map(channel).collect(),
        bundles: vec![contents.render(&image).map_err(unread)?],
        ..Catalog::default()
    };
    settle(&mut catalog)?;
    let passed_over = BTreeMap::from([(folder.to_owned(), contents.passed_over.clone())]);
    Ok(Assembled { packages: BTreeMap::from([(name, catalog)]), bundles, local: BTreeSet::new(), passed_over })
}

/// The bundle's entry in a channel.
fn entry(contents: &Contents) -> Entry {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let spec = contents.spec();
    let skips = spec["skips"].as_array().map(Vec::as_slice).unwrap_or_default();
    Entry {
        name: contents.name().to_owned(),
        replaces: text(&spec["replaces"]),
        skips: skips.iter().map(text).collect(),
        skip_range: text(&contents.csv().object["metadata"]["annotations"][csv::annotation::SKIP_RANGE]),
    }
}
