//! The toolchain for operator catalogs of the Operator Lifecycle Manager (OLM): generates, checks, ships and serves
//! them.
//!
//! The modules, in the order of the data flow:
//!
//! 1. [`apis`]: the operators' custom resources as Rust types, and their CRDs in each [`release`].
//! 2. [`operator`]: the definition of an operator and its releases, an `operator.yaml`.
//! 3. [`generate`]: from the definition to the bundles of its releases.
//! 4. [`bundle`]: a registry+v1 bundle, one version of an operator: its manifests and metadata.
//! 5. [`channel`]: the templates that define the bundles of each channel.
//! 6. [`catalog`]: the file-based catalog (FBC) that they make up; [`render`] makes one of anything else too.
//! 7. [`validate`]: the rules that a catalog keeps, those of its upgrade [`graph`]s among them. [`list`], [`mod@draw`] and [`site`]
//!    show what it has.
//! 8. [`safety`]: what each step of an upgrade does to users and their resources; [`plan`]: which steps OLM will take.
//! 9. [`published`]: a catalog against the one that users have: what changed, and whether they still get upgrades.
//! 10. [`build`]: the OCI layout of both, whose images [`image`] makes.
//! 11. [`registry`]: pushes images to registries, and pulls them.
//! 12. [`serve`]: the registry API that a catalog's pod serves to OLM.
//! 13. [`install`]: OLM, the catalog and the operators on a cluster, and the upgrades that a user accepts.
//!
//! [`maintain`] changes the files that people write by hand: a next release, and versions in channels.
//!
//! Beside the way stand [`yaml`], which reads and writes every file, [`files`], which keeps to the [`limits`] and to the
//! folders that users name, [`changes`], by which generated files are written,
//! [`diagnostic`], which says what is wrong in a file, [`stack`], which has room for deep values, [`terminal`], which prints text of others safely, [`words`], [`version`] and
//! [`mod@reference`], [`crd`], which compares definitions, and [`schemas`] of what programs read.

#![deny(clippy::disallowed_macros, clippy::disallowed_methods, reason = "`terminal` alone prints")]

pub mod apis;
pub mod build;
pub mod bundle;
pub mod catalog;
pub mod changes;
pub mod channel;
pub mod crd;
pub mod diagnostic;
mod download;
pub mod draw;
pub mod files;
pub mod generate;
pub mod graph;
pub mod image;
pub mod install;
pub mod limits;
pub mod list;
pub mod maintain;
pub mod operator;
pub mod plan;
mod process;
pub mod published;
mod quantity;
pub mod reference;
pub mod registry;
pub mod release;
pub mod render;
pub mod safety;
pub mod schemas;
pub mod serve;
pub mod signals;
pub mod site;
pub mod stack;
pub mod terminal;
mod tls;
pub mod validate;
pub mod version;
pub mod words;
pub mod yaml;
