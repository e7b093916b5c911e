//! Versions with a `v`, or with less than three numbers.

use super::{Fix, Replacement, Seen};
use crate::version::meant;

/// The version in a bundle's `olm.package` property.
pub(super) static BUNDLE: Fix = Fix { rule: "bundle-version", find };
/// The `spec.version` of a ClusterServiceVersion.
pub(super) static CSV: Fix = Fix { rule: "csv-version", find };
/// The `spec.minKubeVersion` of a ClusterServiceVersion.
pub(super) static KUBERNETES: Fix = Fix { rule: "min-kube-version", find };

fn find(seen: &Seen<'_, '_>) -> Option<Replacement> {
    meant::version(seen.text()?).map(|meant| Replacement::Value(seen.route.clone(), meant))
}
