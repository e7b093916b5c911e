//! What `install-catalog` does on a cluster: OLM, the catalog, the subscriptions, and upgrades that a user accepts.
//!
//! 1. [`options`]: what is to be installed.
//! 2. [`objects`]: the objects that say so, of the types in [`api`].
//! 3. [`cluster`]: where they are written.
//! 4. [`explain`]: why something does not come about.

pub mod api;
pub mod cluster;
pub mod error;
pub mod explain;
pub mod objects;
pub mod options;
