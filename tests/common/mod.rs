//! What tests of several topics use.

use std::path::{Path, PathBuf};

/// The folder of real data that is no part of the project: `$OLM_CATALOG_SHARED`, or `shared` beside the project's
/// folder. `None` where it is not there; tests that need it are then reported as ignored.
#[allow(dead_code, reason = "not every topic needs it")]
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = match std::env::var_os("OLM_CATALOG_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared"),
    };
    folder.is_dir().then_some(folder)
}
