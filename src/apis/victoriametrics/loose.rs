//! Parts of the schemas that the releases leave open.
//!
//! To keep its CRDs small this operator takes the fields out of what Kubernetes checks anyway (containers, volumes,
//! probes) and has the API server keep whatever is written there. What the part requires stays.
//!
//! Release 0.16.0 came as `apiextensions.k8s.io/v1beta1`, where every unknown field is kept without a word. As v1 its
//! open parts have to say so, or the API server would empty each container and volume and then miss its name.

use serde_json::{Value, json};

/// The first release at hand.
const FIRST: &str = "0.16.0";

/// The first release with CRDs in `apiextensions.k8s.io/v1`.
pub(super) const V1: &str = "0.24.0";

/// Changes that leave a part open in all releases.
pub(super) fn always() -> Value {
    since(FIRST)
}

/// Changes that leave a part open from a release on.
pub(super) fn since(release: &str) -> Value {
    json!([{"since": release, "schema": open()}])
}

/// Changes that leave each item of a list open in all releases.
pub(super) fn items() -> Value {
    json!([{"since": FIRST, "schema": {"items": open()}}])
}

/// Changes that leave a field of a part open from a release on.
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
