//! Upgrade safety: the effects of one upgrade step, from one bundle to another, on users and their resources.
//!
//! [`Facts`] are the relevant facts about a bundle, read once. [`step`] compares two of them. [`edges`] are the steps
//! that the channels of a package allow. [`Known`] has the facts about all bundles of a catalog.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use olm_catalog::{safety, validate::Context};
//! let scan = olm_catalog::catalog::scan("catalog".as_ref())?;
//! let context = Context::new(&scan, "catalog".as_ref());
//! let known = safety::Known::of(&scan.catalog);
//! for package in context.packages.values() {
//!     for edge in safety::edges(package)? {
//!         let step = known.step(package.name, edge.from, edge.to);
//!         let _worst = step.class();
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A catalog does not have to contain the manifests of its bundles: if they are in an image, the catalog has at most a
//! part of the ClusterServiceVersion. [`Step::unknown`] then lists what is unknown. Anything unknown is never called
//! safe.

mod definitions;
mod edges;
mod facts;
mod known;
pub mod report;
mod rights;
mod rules;
mod step;
mod webhooks;

pub use definitions::{DefinitionChange, DefinitionStep, by_version};
pub use edges::{Edge, Way, edges, taken, usual};
pub use facts::{Content, Facts};
pub use known::{Error, Known};
pub use rights::{Gained, Scope};
pub use rules::Rule;
pub use step::{Images, Step, Unknown, step};
pub use webhooks::{WebhookChange, WebhookKind};

pub use crate::crd::{Class, Outcome};
