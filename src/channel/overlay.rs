//! The documents after a template, which change the catalog that it makes.

use std::path::Path;
use std::sync::Arc;

use super::rule;
use super::strict::Reader;
use crate::catalog::{Catalog, Channel, Origin, Package, read_blob, schema};
use crate::diagnostic::Finding;
use crate::yaml::{Document, Route};

/// Reads the documents after the first.
pub(super) fn read(
    documents: impl Iterator<Item = Document>,
    file: &Arc<Path>,
    findings: &mut Vec<Finding>,
) -> Catalog {
    let mut overlay = Catalog::default();
    for document in documents {
        let origin = Origin::new(Arc::clone(file), document.index);
        if let Err(misfit) = read_blob(&mut overlay, document.value, origin.clone()) {
            Reader { origin, findings }.misfit(misfit);
        }
    }
    for bundle in &overlay.bundles {
        let place = bundle.origin.place(Route::root());
        let message = format!("an {} cannot follow the template: name its image in the template", schema::BUNDLE);
        findings.push(Finding::error(rule::OVERLAY, place, message));
    }
    overlay
}

/// Applies the documents to the catalog that the template made.
pub(super) fn lay(overlay: &Catalog, catalog: &mut Catalog, findings: &mut Vec<Finding>) {
    check_packages(overlay, catalog, findings);
    for package in &overlay.packages {
        match catalog.packages.iter_mut().find(|made| made.name == package.name) {
            Some(made) => lay_package(package, made),
            None => catalog.packages.push(package.clone()),
        }
    }
    for channel in &overlay.channels {
        let same = |made: &&mut Channel| made.package == channel.package && made.name == channel.name;
        match catalog.channels.iter_mut().find(same) {
            Some(made) => lay_channel(channel, made, findings),
            None => catalog.channels.push(channel.clone()),
        }
    }
    for package in overlay.packages.iter().filter(|package| !package.default_channel.is_empty()) {
        if !catalog.channels.iter().any(|channel| channel.name == package.default_channel) {
            let place = package.origin.place(Route::root().key("defaultChannel"));
            let message = format!("the package has no channel {}", package.default_channel);
            let help = names("channels", catalog.channels.iter().map(|channel| channel.name.as_str()));
            findings.push(Finding::error(rule::OVERLAY, place, message).help(help));
        }
    }
    catalog.deprecations.extend(overlay.deprecations.iter().cloned());
    catalog.others.extend(overlay.others.iter().cloned());
}

/// Every blob must belong to the package that the template makes.
fn check_packages(overlay: &Catalog, catalog: &Catalog, findings: &mut Vec<Finding>) {
    let Some(package) = catalog.bundles.iter().map(|bundle| &bundle.package).next() else { return };
    let packages = overlay.packages.iter().map(|blob| ("name", &blob.name, &blob.origin));
    let channels = overlay.channels.iter().map(|blob| ("package", &blob.package, &blob.origin));
    let deprecations = overlay.deprecations.iter().map(|blob| ("package", &blob.package, &blob.origin));
    let others = overlay.others.iter().map(|blob| ("package", &blob.package, &blob.origin));
    for (field, name, origin) in packages.chain(channels).chain(deprecations).chain(others) {
        if name != package {
            let message = format!("the blob is for the package {name:?}, but the template's bundles are for {package}");
            findings.push(Finding::error(rule::PACKAGE, origin.place(Route::root().key(field)), message));
        }
    }
}

fn lay_package(over: &Package, made: &mut Package) {
    replace(&mut made.default_channel, &over.default_channel);
    replace(&mut made.description, &over.description);
    if over.icon.is_some() {
        made.icon.clone_from(&over.icon);
    }
    if !over.properties.is_empty() {
        made.properties.clone_from(&over.properties);
    }
}

fn lay_channel(over: &Channel, made: &mut Channel, findings: &mut Vec<Finding>) {
    for (i, entry) in over.entries.iter().enumerate() {
        match made.entries.iter_mut().find(|made| made.name == entry.name) {
            Some(made) => {
                replace(&mut made.replaces, &entry.replaces);
                replace(&mut made.skip_range, &entry.skip_range);
                if !entry.skips.is_empty() {
                    made.skips.clone_from(&entry.skips);
                }
            }
            None => {
                let place = over.origin.place(Route::root().key("entries").index(i).key("name"));
                let message = format!("the channel {} has no entry {}", made.name, entry.name);
                let help = names("entries", made.entries.iter().map(|entry| entry.name.as_str()));
                findings.push(Finding::error(rule::OVERLAY, place, message).help(help));
            }
        }
    }
    if !over.properties.is_empty() {
        made.properties.clone_from(&over.properties);
    }
}

fn replace(made: &mut String, over: &str) {
    if !over.is_empty() {
        over.clone_into(made);
    }
}

fn names<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> String {
    format!("its {what} are {}", names.collect::<Vec<_>>().join(", "))
}
