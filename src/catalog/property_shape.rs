//! The types of the values of properties: those of operator-registry's `alpha/property`.

use super::model::property;
use crate::go_json::shape::{BUNDLE_OBJECT, CHANNEL, CSV_METADATA, GVK, PACKAGE, PACKAGE_REQUIRED, Shape};

/// The type of a property's value, if OLM defines one.
pub(crate) fn shape_of_property(kind: &str) -> Option<&'static Shape> {
    match kind {
        property::PACKAGE => Some(&PACKAGE),
        property::PACKAGE_REQUIRED => Some(&PACKAGE_REQUIRED),
        property::GVK | property::GVK_REQUIRED => Some(&GVK),
        property::BUNDLE_OBJECT => Some(&BUNDLE_OBJECT),
        property::CSV_METADATA => Some(&CSV_METADATA),
        // opm uses it internally.
        "olm.channel" => Some(&CHANNEL),
        _ => None,
    }
}
