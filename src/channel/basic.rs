//! `olm.template.basic`: the blobs of a catalog, with bundles named only by their image.

use std::sync::Arc;

use serde_json::Value;

use super::rule;
use super::strict::Reader;
use super::template::{Bundles, Image};
use crate::catalog::{Bundle, Catalog, Origin, read_blob, schema};
use crate::diagnostic::{Finding, Place};
use crate::go_json::fields::Misfit;
use crate::yaml::Route;

/// An `olm.template.basic` template.
#[derive(Clone, Debug, PartialEq)]
pub struct Basic {
    /// Its blobs, without the bundles.
    pub catalog: Catalog,
    /// Its bundles.
    pub images: Vec<Image>,
}

impl Basic {
    /// Reads the template as opm does, which ignores unknown fields.
    pub(super) fn read(value: Value, reader: &mut Reader<'_>) -> Self {
        let (mut catalog, mut images) = (Catalog::default(), Vec::new());
        let entries = match value {
            Value::Object(map) => map.into_iter().find(|(key, _)| key.eq_ignore_ascii_case("entries")),
            _ => None,
        };
        let route = Route::root().key("entries");
        for (i, value) in reader.list(entries.map(|(_, value)| value), route.clone()).into_iter().enumerate() {
            let route = route.clone().index(i);
            let mut blobs = Catalog::default();
            let origin = Origin::new(Arc::from(reader.origin.file()), reader.origin.document());
            match read_blob(&mut blobs, value, origin) {
                Ok(()) => {
                    let bundles = std::mem::take(&mut blobs.bundles);
                    images.extend(bundles.iter().filter_map(|bundle| image(bundle, &route, reader)));
                    catalog.merge(blobs);
                }
                Err(Misfit { route: inner, message }) => {
                    let route = Route([route.0, inner.0].concat());
                    reader.error(route, message);
                }
            }
        }
        Self { catalog, images }
    }

    /// Its blobs, with the bundles. With findings, it is not complete.
    pub(super) fn render(&self, bundles: &Bundles, root: Place, findings: &mut Vec<Finding>) -> Catalog {
        let mut catalog = self.catalog.clone();
        if catalog == Catalog::default() && self.images.is_empty() {
            findings.push(Finding::error(rule::EMPTY, root, "the template has no entries"));
        }
        for image in &self.images {
            let Some(bundle) = bundles.get(&image.reference) else { continue };
            if catalog.bundles.iter().any(|other| other.package == bundle.package && other.name == bundle.name) {
                let message = format!("the bundle {} occurs twice in the template", bundle.name);
                findings.push(Finding::error(rule::DUPLICATE, image.place.clone(), message));
            }
            catalog.bundles.push(bundle.clone());
        }
        catalog
    }
}

/// A bundle in a template has an image, and may have a name. Everything else comes from the image.
fn image(bundle: &Bundle, route: &Route, reader: &mut Reader<'_>) -> Option<Image> {
    let filled = [
        ("package", !bundle.package.is_empty()),
        ("properties", !bundle.properties.is_empty()),
        ("relatedImages", !bundle.related_images.is_empty()),
    ];
    for (field, _) in filled.into_iter().filter(|(_, filled)| *filled) {
        let message = format!("an {} in a template must not have `{field}`: it comes from the image", schema::BUNDLE);
        reader.error(route.clone().key(field), message);
    }
    let place = route.clone().key("image");
    if bundle.image.is_empty() {
        reader.error(place, "the bundle has no image");
        return None;
    }
    Some(Image { reference: bundle.image.clone(), place: reader.origin.place(place) })
}
