//! Channels: templates that say which bundles stand in which channels of a package, and what they become.
//!
//! A template is a file, `channels/<package>.yaml`, of one of opm's schemas:
//!
//! - `olm.semver` ([`Semver`]) makes the channels and their upgrade graph out of the versions of the bundles;
//! - `olm.template.basic` ([`Basic`]) has the channels written out, and its bundles by their image alone.
//!
//! Two things are more than opm's, and opm reads such files as well, but for them:
//!
//! - an image that begins with `./` or `../` is the folder of a bundle, seen from the template's file;
//! - documents after the first are laid over what the template makes ([`overlay`](self#overlay)).
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
mod local;
mod overlay;
mod package;
pub mod rule;
mod semver;
mod strict;
mod template;

pub use basic::Basic;
pub use local::{BadPath, LocalBundle, is_local, root_of};
pub use package::{Package, Sources, render, render_all};
pub use semver::{Archetype, Semver, Stream};
pub use template::{Error, Image, Kind, Source, Template};

/// The schemas of templates.
pub mod schema {
    /// A template whose channels follow from its bundles' versions.
    pub const SEMVER: &str = "olm.semver";
    /// A template whose channels are written out.
    pub const BASIC: &str = "olm.template.basic";
}
