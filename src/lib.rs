//! The toolchain for operator catalogs of the Operator Lifecycle Manager (OLM): generates, checks, ships and serves
//! them.
//!
//! The modules, in the order of the data flow:
//!
//! 1. [`apis`]: the operators' custom resources as Rust types, and their CRDs in each [`release`].
//! 2. [`operator`]: the definition of an operator and its releases, an `operator.yaml`.
//! 3. [`generate`]: generates the bundles of the releases from the definition.
//! 4. [`bundle`]: a registry+v1 bundle, one version of an operator: its manifests and metadata.
//! 5. [`channel`]: the templates that define the bundles of each channel.
//! 6. [`catalog`]: the file-based catalog (FBC) that consists of them; [`render`] makes one from any other input.
//! 7. [`validate`]: the rules for a catalog, including those for its upgrade [`graph`]s. [`list`], [`mod@draw`] and
//!    [`site`] show its content.
//! 8. [`safety`]: the effects of each upgrade step on users and their resources; [`plan`]: the steps that OLM will
//!    take.
//! 9. [`published`]: a catalog compared with the published one: the changes, and whether users still get upgrades.
//! 10. [`build`]: the OCI layout of both, with images from [`image`].
//! 11. [`registry`]: pushes images to registries, and pulls them.
//! 12. [`serve`]: the registry API that a catalog's pod serves to OLM.
//! 13. [`install`]: OLM, the catalog and the operators on a cluster, and the upgrades that a user accepts.
//!
//! [`maintain`] edits the files that people write by hand: a next release, and versions in channels.
//!
//! The features of the crate select which of them are compiled: `docs/library.md`.
//!
//! Other modules: [`yaml`] reads and writes every file, [`files`] enforces the [`limits`] and stays inside of the
//! folders that users name, [`root`] finds the repository, [`changes`] writes generated files, [`diagnostic`] reports defects in files, [`stack`] has
//! room for deeply nested values, [`terminal`] prints foreign text safely, [`crd`] compares definitions, [`schemas`]
//! has the JSON Schemas of all formats, [`report`] has the results of `build` and `generate` for programs, [`log`] shows
//! what a program does, and there are [`words`], [`version`] and [`mod@reference`].

#![cfg_attr(docsrs, feature(doc_cfg))]
// What one feature has only for another one is unused without that.
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods, reason = "`terminal` alone prints")]

#[cfg(feature = "apis")]
pub mod apis;
#[cfg(feature = "registry")]
pub mod build;
#[cfg(feature = "catalog")]
pub mod bundle;
#[cfg(feature = "catalog")]
pub mod catalog;
#[cfg(feature = "catalog")]
pub mod changes;
#[cfg(feature = "catalog")]
pub mod channel;
#[cfg(feature = "catalog")]
pub mod crd;
#[cfg(feature = "catalog")]
pub mod diagnostic;
#[cfg(feature = "catalog")]
pub mod digest;
#[cfg(feature = "registry")]
mod download;
#[cfg(feature = "catalog")]
pub mod draw;
#[cfg(feature = "cli")]
pub mod duration;
#[cfg(feature = "catalog")]
pub mod files;
#[cfg(feature = "catalog")]
pub mod generate;
#[cfg(feature = "catalog")]
mod go_json;
#[cfg(feature = "catalog")]
pub mod graph;
#[cfg(feature = "image")]
pub mod image;
#[cfg(feature = "install")]
pub mod install;
#[cfg(feature = "catalog")]
pub mod limits;
#[cfg(feature = "catalog")]
pub mod list;
#[cfg(feature = "catalog")]
pub mod log;
#[cfg(feature = "catalog")]
pub mod maintain;
#[cfg(feature = "catalog")]
pub mod operator;
#[cfg(feature = "catalog")]
pub mod plan;
#[cfg(feature = "registry")]
mod process;
#[cfg(feature = "catalog")]
pub mod published;
#[cfg(feature = "catalog")]
mod quantity;
pub mod reference;
#[cfg(feature = "registry")]
pub mod registry;
#[cfg(feature = "apis")]
pub mod release;
#[cfg(feature = "catalog")]
pub mod render;
#[cfg(feature = "catalog")]
pub mod report;
#[cfg(feature = "catalog")]
pub mod root;
#[cfg(feature = "apis")]
pub mod route;
#[cfg(feature = "catalog")]
pub mod safety;
#[cfg(feature = "cli")]
pub mod schemas;
#[cfg(feature = "serve")]
pub mod serve;
#[cfg(feature = "cli")]
pub mod signals;
#[cfg(feature = "catalog")]
pub mod site;
#[cfg(feature = "catalog")]
pub mod stack;
#[cfg(feature = "catalog")]
pub mod terminal;
#[cfg(feature = "registry")]
mod tls;
#[cfg(feature = "catalog")]
pub mod validate;
pub mod version;
#[cfg(feature = "catalog")]
pub mod words;
#[cfg(feature = "catalog")]
pub mod yaml;
