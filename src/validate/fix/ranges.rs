//! Version ranges with a `v`, missing numbers, or separators of other languages.

use super::{Fix, Replacement, Seen};
use crate::version::meant;

/// The `skipRange` of an entry.
pub(super) static ENTRY: Fix = Fix { rule: "skip-range", find };
/// The annotation `olm.skipRange` of a ClusterServiceVersion.
pub(super) static ANNOTATION: Fix = Fix { rule: "skip-range-annotation", find };
/// The `versionRange` of an `olm.package.required` property.
pub(super) static REQUIRED: Fix = Fix { rule: "package-required-range", find };

fn find(seen: &Seen<'_, '_>) -> Option<Replacement> {
    meant::range(seen.text()?).map(|meant| Replacement::Value(seen.route.clone(), meant))
}
