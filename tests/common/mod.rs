//! What the tests share.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::path::{Path, PathBuf};

/// The folder of real data that the tests hold the project against, where it is there: `$OLM_CATALOG_SHARED`, or
/// `shared` beside the project.
#[must_use]
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("OLM_CATALOG_SHARED").map_or_else(beside, PathBuf::from);
    path.is_dir().then_some(path)
}
