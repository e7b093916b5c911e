//! Repositories in registries.

use std::fmt;
use std::str::FromStr;

use super::Digest;
use crate::reference::{self, Reference};

/// A repository of a registry, such as `quay.io/example/catalog`. Names without a registry mean Docker Hub, as in
/// docker: `example/catalog` is `docker.io/example/catalog`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    registry: String,
    name: String,
}

/// Text that is not a repository.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a valid repository; expected REGISTRY/NAME in lower case, without tag or digest")]
pub struct BadRepository {
    text: String,
    source: reference::Error,
}

impl Repository {
    /// The registry's host, with its port if it has one.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository's name in its registry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The reference of an image by its digest.
    #[must_use]
    pub fn pinned(&self, digest: &Digest) -> Reference {
        self.reference(None, Some(digest.to_string()))
    }

    /// The reference of an image by a tag.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Reference {
        self.reference(Some(tag.to_owned()), None)
    }

    fn reference(&self, tag: Option<String>, digest: Option<String>) -> Reference {
        Reference { registry: self.registry.clone(), repository: self.name.clone(), tag, digest }
    }
}

impl From<&Reference> for Repository {
    fn from(reference: &Reference) -> Self {
        Self { registry: reference.registry.clone(), name: reference.repository.clone() }
    }
}

impl FromStr for Repository {
    type Err = BadRepository;

    fn from_str(text: &str) -> Result<Self, BadRepository> {
        // With a tag appended, text that already has one does not parse.
        match Reference::of_registry(&format!("{text}:tag")) {
            Ok(reference) => Ok(Self::from(&reference)),
            Err(source) => Err(BadRepository { text: text.to_owned(), source }),
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.name)
    }
}
