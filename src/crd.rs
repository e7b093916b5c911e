//! CustomResourceDefinitions as data: parsed from manifests, and compared by structure.

pub mod crdify;
mod diff;
mod digest;
mod effect;
mod read;

pub use diff::{Change, Kind, diff};
pub use effect::{Class, Effect, Outcome};
pub use read::{Error, read};

pub(crate) use digest::Digest;

use serde_json::{Map, Value};

/// A CustomResourceDefinition in its v1 form. A v1beta1 one is converted when it is read, as the API server did.
#[derive(Clone, Debug, PartialEq)]
pub struct Crd {
    /// `<plural>.<group>`.
    pub name: String,
    /// `spec` without its versions: group, names, scope.
    pub spec: Map<String, Value>,
    /// Its versions, in the order of the manifest.
    pub versions: Vec<Version>,
}

/// One version of a CustomResourceDefinition.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its name, such as `v1beta1`.
    pub name: String,
    /// The structural schema; an empty mapping if there is none.
    pub schema: Value,
    /// Everything else: served, storage, subresources, printer columns.
    pub rest: Map<String, Value>,
}
