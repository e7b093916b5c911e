//! The toolchain of operator catalogs for the Operator Lifecycle Manager (OLM): generate, check, ship and serve them.
//!
//! The data's way, module by module:
//!
//! 1. [`apis`]: the operators' custom resources as Rust types, and their CRDs in each [`release`].
//! 2. [`operator`]: the definition of an operator and its releases, an `operator.yaml`.
//! 3. [`generate`]: from the definition to the bundles of its releases.
//! 4. [`bundle`]: a registry+v1 bundle, one version of an operator: its manifests and metadata.
//! 5. [`catalog`]: the file-based catalog (FBC) that the channels and bundles make up.
//!
//! Beside the way stand [`yaml`], which reads and writes every file, and [`diagnostic`], which says what is wrong in one.

pub mod apis;
pub mod bundle;
pub mod catalog;
pub mod diagnostic;
pub mod generate;
pub mod operator;
pub mod release;
pub mod yaml;
