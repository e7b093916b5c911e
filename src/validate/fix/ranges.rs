//! Version ranges with a `v`, missing numbers, or separators of other languages.

use serde_json::Value;

use super::{Fix, Replacement, text};
use crate::version::meant;
use crate::yaml::Route;

/// The `skipRange` of an entry.
pub(super) static ENTRY: Fix = Fix { rule: "skip-range", find };
/// The annotation `olm.skipRange` of a ClusterServiceVersion.
pub(super) static ANNOTATION: Fix = Fix { rule: "skip-range-annotation", find };
/// The `versionRange` of an `olm.package.required` property.
pub(super) static REQUIRED: Fix = Fix { rule: "package-required-range", find };

fn find(document: &Value, route: &Route) -> Option<Replacement> {
    meant::range(text(document, route)?).map(Replacement::Value)
}
