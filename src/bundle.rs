//! A registry+v1 bundle: the manifests and metadata of one version of an operator.
//!
//! The format: <https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/>.

mod apis;
mod contents;
pub mod csv;
mod error;
mod images;
mod kinds;
mod metadata;
mod properties;
mod read;
mod render;
mod write;

use std::collections::BTreeMap;

pub use apis::Gvk;
pub(crate) use contents::Parsed;
pub use contents::{Contents, Manifest, PassedOver};
pub use error::Error;
pub use kinds::INSTALLED;
pub(crate) use metadata::annotation;
pub use read::Layout;

/// The folder of a bundle's manifests.
pub const MANIFESTS: &str = "manifests";
/// The folder of a bundle's metadata.
pub const METADATA: &str = "metadata";

/// The files of a bundle, by their path in it (`manifests/…`, `metadata/…`, with `/` on every system).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The files' bytes.
    pub files: BTreeMap<String, Vec<u8>>,
}
