//! The file-based catalog (FBC): its model, and how it is read and written.
//!
//! The format is `olm.package`, `olm.channel`, `olm.bundle` and `olm.deprecations` blobs, and blobs of any other
//! schema, in files and folders of YAML or JSON:
//! <https://olm.operatorframework.io/docs/reference/file-based-catalogs/>.

mod fields;
mod model;
mod read;
mod write;

pub use model::{
    Bundle, Catalog, Channel, DeprecationEntry, Deprecations, Entry, Icon, Origin, Other, Package, Property, Reference,
    RelatedImage, property, schema,
};
pub use read::{BadBlob, Error, Scan, read_text, scan};
pub use write::Blob;
