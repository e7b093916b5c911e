//! Parts of the schemas that the releases leave open.
//!
//! To keep its CRDs small, this operator omits the fields of parts that Kubernetes checks anyway (containers, volumes,
//! probes) and makes the API server keep any value there. Required fields stay.
//!
//! Release 0.16.0 was published as `apiextensions.k8s.io/v1beta1`, where every unknown field is kept by default. As v1,
//! its open parts must say so; otherwise the API server would empty each container and volume, and then report the
//! missing name.

use serde_json::{Value, json};

/// The first known release.
const FIRST: &str = "0.16.0";

/// The first release with CRDs in `apiextensions.k8s.io/v1`.
pub(super) const V1: &str = "0.24.0";

/// Changes that leave a part open in all releases.
pub(super) fn always() -> Value {
    since(FIRST)
}

/// Changes that leave a part open since a release.
pub(super) fn since(release: &str) -> Value {
    json!([{"since": release, "schema": open()}])
}

/// Changes that leave each item of a list open in all releases.
pub(super) fn items() -> Value {
    json!([{"since": FIRST, "schema": {"items": open()}}])
}

/// Changes that leave a field of a part open since a release.
pub(super) fn field_since(release: &str, field: &str) -> Value {
    json!([{"since": release, "schema": {"properties": {field: open()}}}])
}

/// Changes that leave a field of a part open in all releases.
pub(super) fn field(field: &str) -> Value {
    field_since(FIRST, field)
}

fn open() -> Value {
    json!({"properties": null, "x-kubernetes-preserve-unknown-fields": true})
}
