//! The toolchain of operator catalogs for the Operator Lifecycle Manager (OLM): generate, check, ship and serve them.
//!
//! The data's way, module by module:
//!
//! 1. [`bundle`]: a registry+v1 bundle, one version of an operator: its manifests and metadata.
//! 2. [`catalog`]: the file-based catalog (FBC) that the channels and bundles make up.
//!
//! Beside the way stand [`yaml`], which reads and writes every file, and [`diagnostic`], which says what is wrong in one.

pub mod bundle;
pub mod catalog;
pub mod crd;
pub mod diagnostic;
pub mod graph;
pub mod reference;
pub mod validate;
pub mod version;
pub mod yaml;
