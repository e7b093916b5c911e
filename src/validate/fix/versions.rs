//! Versions with a `v`, or with less than three numbers.

use serde_json::Value;

use super::{Fix, Replacement, text};
use crate::version::meant;
use crate::yaml::Route;

/// The version in a bundle's `olm.package` property.
pub(super) static BUNDLE: Fix = Fix { rule: "bundle-version", find };
/// The `spec.version` of a ClusterServiceVersion.
pub(super) static CSV: Fix = Fix { rule: "csv-version", find };
/// The `spec.minKubeVersion` of a ClusterServiceVersion.
pub(super) static KUBERNETES: Fix = Fix { rule: "min-kube-version", find };

fn find(document: &Value, route: &Route) -> Option<Replacement> {
    meant::version(text(document, route)?).map(Replacement::Value)
}
