//! Kubernetes core types, as a release of an operator embeds them.
//!
//! A custom resource definition (CRD) holds the whole schema of each core type that it uses: a `Container`, an `Affinity`.
//! That schema depends on two things of the release: the minor of `k8s.io/api` whose Go types it compiled, and the
//! `controller-gen` that turned them into a schema. Ours comes from k8s-openapi, which knows the newest Kubernetes only.
//! [`core_schema`] takes the newest schema back to the release, with a table of facts.

mod facts;
mod schema;
mod table;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use thiserror::Error;

/// What a release was built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BuiltWith {
    /// The minor of `k8s.io/api`: 26 stands for v0.26, the API of Kubernetes 1.26. 18 to 27 are known.
    pub kubernetes: u32,
    /// Major and minor of `controller-gen`, the tool that wrote the CRDs. (0, 3) to (0, 11) are known. A minor stands
    /// for its last patch: 0.4.0, 0.9.0 and 0.9.1 write other schemas than their last patches do.
    pub controller_gen: (u32, u32),
}

/// Why a core type has no schema for a release.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// The facts do not reach that far.
    #[error(
        "no facts about what controller-gen {}.{} made of Kubernetes 1.{}: 0.3 to 0.11 and 1.18 to 1.27 are known",
        .0.controller_gen.0, .0.controller_gen.1, .0.kubernetes
    )]
    BuiltWith(BuiltWith),
    /// The definitions that were handed in do not have the type.
    #[error("no definition of the type {name:?} is at hand")]
    NotDefined {
        /// The type's name, as schemars gives it.
        name: String,
    },
    /// The table of facts does not have the type, so a field of a later Kubernetes could slip in.
    #[error("no facts about the core type {name:?}")]
    NotListed {
        /// The type's name, as schemars gives it.
        name: String,
    },
    /// The type is of a later Kubernetes than the release was built with.
    #[error("the core type {name:?} came with Kubernetes 1.{since}, the release was built with 1.{kubernetes}")]
    NotYet {
        /// The type's name, as schemars gives it.
        name: String,
        /// The Kubernetes minor that has it first.
        since: u32,
        /// The Kubernetes minor that was asked for.
        kubernetes: u32,
    },
    /// The type holds itself: a structural schema cannot say that.
    #[error("the core type {name:?} holds itself, which a structural schema cannot say")]
    Recursive {
        /// The type's name, as schemars gives it.
        name: String,
    },
    /// A part of a definition is not of a form that a core type has.
    #[error("the definition of {name:?} has {part}, which has no place in a core type's schema")]
    Form {
        /// The type's name, as schemars gives it.
        name: String,
        /// The part, as JSON.
        part: String,
    },
}

/// Turns the `$defs` entry of a k8s-openapi type, and all it refers to, into the inlined structural schema that
/// controller-gen would have embedded. The schema has no descriptions.
///
/// `name` is the type as schemars names it (`io.k8s.api.core.v1.Container`), `defs` the map of definitions that
/// [`schemars::SchemaGenerator`] gathered. References may point into `#/$defs/`, `#/definitions/` or
/// `#/components/schemas/`. That a field is optional is never said with `null`, as controller-gen never does.
///
/// # Errors
///
/// Where `with` is beyond the known facts, the type or one that it refers to is not in `defs`, is not in the table of
/// facts, is younger than the release, holds itself, or has a form that no core type has.
pub fn core_schema(name: &str, defs: &Map<String, Value>, with: BuiltWith) -> Result<Value, Error> {
    if !(18..=27).contains(&with.kubernetes) || !((0, 3)..=(0, 11)).contains(&with.controller_gen) {
        return Err(Error::BuiltWith(with));
    }
    schema::Inliner::new(defs, with).definition(name)
}
