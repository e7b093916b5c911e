//! The file-based catalog (FBC): its model, and how it is read and written.
//!
//! The format is `olm.package`, `olm.channel`, `olm.bundle` and `olm.deprecations` blobs, and blobs of any other
//! schema, in files and folders of YAML or JSON:
//! <https://olm.operatorframework.io/docs/reference/file-based-catalogs/>.

mod csv_metadata;
mod ignore;
mod migrate;
mod model;
mod near;
mod objects;
mod property_shape;
mod read;
mod stream;
mod walk;
mod write;

pub(crate) use csv_metadata::csv_parts;
pub use migrate::{MigrateError, MigrateLevel, UnknownLevel};
pub use model::{
    Bundle, Catalog, Channel, DeprecationEntry, Deprecations, Entry, Icon, Origin, Other, Package, Property, Reference,
    RelatedImage, property, schema,
};
pub(crate) use near::{meant, misspelt};
pub use objects::BadObject;
pub(crate) use objects::{is_csv, object_text};
pub(crate) use property_shape::shape_of_property;
pub use read::{BadBlob, Error, NearMiss, Scan, files, read_text, scan};
pub(crate) use read::{add as read_blob, icon as read_icon};
pub use write::Blob;

/// The file of a package's catalog, in its folder.
pub const FILE: &str = "catalog.yaml";
