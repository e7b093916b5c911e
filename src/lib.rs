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
//! Other modules: [`yaml`] reads and writes every file, [`files`] enforces the [`limits`] and stays inside of the
//! folders that users name, [`changes`] writes generated files, [`diagnostic`] reports defects in files, [`stack`] has
//! room for deeply nested values, [`terminal`] prints foreign text safely, [`crd`] compares definitions, [`schemas`]
//! has the JSON Schemas of all formats, and there are [`words`], [`version`] and [`mod@reference`].

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
