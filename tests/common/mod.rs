//! Code that the tests share.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::path::{Path, PathBuf};

/// The folder of real data with which the tests compare, if it exists: `$OLM_CATALOG_SHARED`, or `shared` next to the
/// project.
#[must_use]
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("OLM_CATALOG_SHARED").map_or_else(beside, PathBuf::from);
    path.is_dir().then_some(path)
}

/// The static program that `make test` builds and names, or why it is missing.
pub(crate) fn static_program() -> Result<PathBuf, &'static str> {
    let named = std::env::var_os("OLM_CATALOG_PROGRAM").map(PathBuf::from);
    named.ok_or("OLM_CATALOG_PROGRAM names no static program; `make test` builds one")
}
