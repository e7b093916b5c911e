//! The toolchain of operator catalogs for the Operator Lifecycle Manager (OLM): generate, check, ship and serve them.
//!
//! The data's way, module by module:
//!
//! 1. [`bundle`]: a registry+v1 bundle, one version of an operator: its manifests and metadata.
//! 2. [`catalog`]: the file-based catalog (FBC) that the channels and bundles make up.
//! 3. [`build`]: the OCI layout of both, whose images [`image`] makes.
//! 4. [`registry`]: where they are pushed to, and pulled from.
//! 2. [`channel`]: the templates that say which bundles stand in which channels.
//! 3. [`catalog`]: the file-based catalog (FBC) that the channels and bundles make up; [`render`] makes it of either.
//!
//! Beside the way stand [`yaml`], which reads and writes every file, and [`diagnostic`], which says what is wrong in one.

pub mod build;
pub mod bundle;
pub mod catalog;
pub mod channel;
pub mod crd;
pub mod diagnostic;
pub mod render;
pub mod version;
pub mod image;
pub mod registry;
pub mod yaml;
