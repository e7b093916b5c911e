//! JSON as Go's `encoding/json` reads and writes it: the semantics of opm, OLM and Kubernetes.
//!
//! [`fields`] reads a value field by field, and [`shape`] has Go's types as data, to check and normalize values that nobody
//! reads into Rust types.

pub(crate) mod fields;
pub(crate) mod shape;
