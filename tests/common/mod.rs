//! Code that the tests share.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod go;
pub(crate) mod time;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use libtest_mimic::{Completion, Trial};

/// The reason of tests that need the real data where [`shared`] finds none. `../skipped.sh` recognises its end.
pub(crate) const NO_DATA: &str = "needs the folder of real data";

/// The folder of real data that the tests hold the project against, where it is there: `$OLM_CATALOG_SHARED`, or
/// `shared` beside the project.
#[must_use]
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("OLM_CATALOG_SHARED").map_or_else(beside, PathBuf::from);
    path.is_dir().then_some(path)
}

/// A test that is reported as ignored because the real data is missing.
#[must_use]
pub(crate) fn without_data(name: &str) -> Trial {
    Trial::ignorable_test(name, || Ok(Completion::ignored_with(NO_DATA)))
}

/// Reports the calling `#[test]` as ignored. The test harness counts it as passed, so this line, which the harness does
/// not capture, is what `../skipped.sh` finds.
pub(crate) fn skipped(reason: &str) {
    let test = std::thread::current();
    let line = format!("test {} ... ignored, {reason}\n", test.name().unwrap_or("of an unnamed thread"));
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// The static program that `make test` builds and names, or why it is not here.
pub(crate) fn static_program() -> Result<PathBuf, &'static str> {
    let named = std::env::var_os("OLM_CATALOG_PROGRAM").map(PathBuf::from);
    named.ok_or("OLM_CATALOG_PROGRAM names no static program; `make test` builds one")
}
