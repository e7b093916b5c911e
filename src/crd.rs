//! CustomResourceDefinitions as data: read from manifests, and compared by structure.

mod diff;
mod effect;
mod read;
mod told;

pub use diff::{Change, Kind, diff};
pub use effect::{Class, Effect, effects};
pub use read::{Error, read};
pub use told::{Told, told};

use serde_json::{Map, Value};

/// A CustomResourceDefinition in its v1 form. A v1beta1 one is turned into it on reading, as the API server did.
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
    /// The structural schema; an empty mapping where there is none.
    pub schema: Value,
    /// Everything else: served, storage, subresources, printer columns.
    pub rest: Map<String, Value>,
}
