//! Where images are kept: a repository of a registry.

use std::fmt;
use std::str::FromStr;

use oci_distribution::{ParseError, Reference};

use super::Digest;

/// A repository of a registry, such as `quay.io/example/catalog`. Names without a registry are Docker Hub's, as
/// docker has it: `example/catalog` is `docker.io/example/catalog`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    registry: String,
    name: String,
}

/// Text that names no repository.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} names no repository: REGISTRY/NAME does, in lower case and without tag or digest")]
pub struct BadRepository {
    text: String,
    source: ParseError,
}

impl Repository {
    /// The registry's host, with its port where it has one.
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
        Reference::with_digest(self.registry.clone(), self.name.clone(), digest.to_string())
    }

    /// The reference of an image by a tag.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Reference {
        Reference::with_tag(self.registry.clone(), self.name.clone(), tag.to_owned())
    }
}

impl From<&Reference> for Repository {
    fn from(reference: &Reference) -> Self {
        Self { registry: reference.registry().to_owned(), name: reference.repository().to_owned() }
    }
}

impl FromStr for Repository {
    type Err = BadRepository;

    fn from_str(text: &str) -> Result<Self, BadRepository> {
        // With a tag of ours, text that has one already does not parse.
        match format!("{text}:tag").parse::<Reference>() {
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
