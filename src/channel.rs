//! Channels: templates that define the bundles in the channels of a package, and the catalog that they make.
//!
//! A template is a file, `channels/<package>.yaml`, of one of opm's schemas:
//!
//! - `olm.semver` ([`Semver`]) derives the channels and their upgrade graph from the versions of the bundles;
//! - `olm.template.basic` ([`Basic`]) contains the channels in full, and its bundles only by their image;
//! - `olm.template.substitutes` ([`Substitutes`]) contains a catalog in full, and bundles that take the places of others.
//!
//! Two features are extensions. Without them, opm can read such files too:
//!
//! - an image that begins with `./` or `../` is the folder of a bundle, relative to the template's file;
//! - documents after the first change the catalog that the template makes ([`overlay`](self#overlay)).
//!
//! # Overlay
//!
//! Every document after the template is a blob of the same package:
//!
//! - an `olm.package` replaces those fields of the made package that it has, such as description and icon;
//! - an `olm.channel` of a name that the template made replaces those fields of its entries that it has, entry by
//!   entry, such as the `skipRange` of a head; any other `olm.channel` is added;
//! - `olm.deprecations` and blobs of schemas that OLM does not define are added.
//!
//! Further reading: <https://olm.operatorframework.io/docs/reference/catalog-templates/>.

mod basic;
mod convert;
mod local;
mod overlay;
mod package;
pub mod rule;
mod semver;
mod strict;
mod substitutes;
mod template;

pub use basic::Basic;
pub use convert::{Converted, Unequal, convert};
pub use local::{BadPath, LocalBundle, is_local, root_of};
pub use package::{Package, Sources, render, render_all};
pub use semver::{Archetype, Semver, Stream};
pub use substitutes::{Substitutes, Substitution};
pub use template::{Error, Image, Kind, Source, Template};

/// The schemas of templates.
pub mod schema {
    /// A template whose channels are derived from its bundles' versions.
    pub const SEMVER: &str = "olm.semver";
    /// A template that contains its channels in full.
    pub const BASIC: &str = "olm.template.basic";
    /// A catalog, in which rebuilt bundles take the places of those that they correct.
    pub const SUBSTITUTES: &str = "olm.template.substitutes";
    /// All of them.
    pub const ALL: [&str; 3] = [SEMVER, BASIC, SUBSTITUTES];
}
