//! Kubernetes core types, as embedded in a release of an operator.
//!
//! A custom resource definition (CRD) contains the whole schema of each core type that it uses, such as `Container` or
//! `Affinity`. That schema depends on two properties of the release: the minor version of `k8s.io/api` whose Go types
//! it compiled, and the `controller-gen` that generated the schema. Our types come from k8s-openapi, which only has the
//! newest Kubernetes. [`core_schema`] converts the newest schema to that of the release, with a table of facts.

mod facts;
mod schema;
mod table;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use thiserror::Error;

/// The versions with which a release was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BuiltWith {
    /// The minor version of `k8s.io/api`: 26 stands for v0.26, the API of Kubernetes 1.26. 18 to 27 are known.
    pub kubernetes: u32,
    /// Major and minor version of `controller-gen`, the tool that generated the CRDs. (0, 3) to (0, 11) are known. A
    /// minor version stands for its last patch: 0.4.0, 0.9.0 and 0.9.1 generate different schemas than their last
    /// patches.
    pub controller_gen: (u32, u32),
}

/// Why a core type has no schema for a release.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// There are no facts about these versions.
    #[error(
        "no facts about what controller-gen {}.{} made of Kubernetes 1.{}: 0.3 to 0.11 and 1.18 to 1.27 are known",
        .0.controller_gen.0, .0.controller_gen.1, .0.kubernetes
    )]
    BuiltWith(BuiltWith),
    /// The given definitions do not contain the type.
    #[error("no definition of the type {name:?} is at hand")]
    NotDefined {
        /// The type's name in schemars.
        name: String,
    },
    /// The table of facts does not contain the type, so a field of a later Kubernetes could slip in.
    #[error("no facts about the core type {name:?}")]
    NotListed {
        /// The type's name in schemars.
        name: String,
    },
    /// The type was added after the Kubernetes version with which the release was built.
    #[error("the core type {name:?} came with Kubernetes 1.{since}, the release was built with 1.{kubernetes}")]
    NotYet {
        /// The type's name in schemars.
        name: String,
        /// The first Kubernetes minor version that has it.
        since: u32,
        /// The requested Kubernetes minor version.
        kubernetes: u32,
    },
    /// The type contains itself: a structural schema cannot express that.
    #[error("the core type {name:?} holds itself, which a structural schema cannot say")]
    Recursive {
        /// The type's name in schemars.
        name: String,
    },
    /// A part of a definition has a form that core types do not have.
    #[error("the definition of {name:?} has {part}, which has no place in a core type's schema")]
    Form {
        /// The type's name in schemars.
        name: String,
        /// The part, as JSON.
        part: String,
    },
}

/// Converts the `$defs` entry of a k8s-openapi type, and everything it refers to, to the inlined structural schema that
/// controller-gen would have embedded. The schema has no descriptions.
///
/// `name` is the type's name in schemars (`io.k8s.api.core.v1.Container`), `defs` the map of definitions from
/// [`schemars::SchemaGenerator`]. References can point to `#/$defs/`, `#/definitions/` or `#/components/schemas/`.
/// Optional fields are never expressed with `null`, as in controller-gen.
///
/// # Errors
///
/// If there are no facts about `with`, or if the type or one that it refers to is not in `defs`, is not in the table of
/// facts, is newer than the release, contains itself, or has a form that core types do not have.
pub fn core_schema(name: &str, defs: &Map<String, Value>, with: BuiltWith) -> Result<Value, Error> {
    if !(18..=27).contains(&with.kubernetes) || !((0, 3)..=(0, 11)).contains(&with.controller_gen) {
        return Err(Error::BuiltWith(with));
    }
    schema::Inliner::new(defs, with).definition(name)
}
