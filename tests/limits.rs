//! `docs/limits.md` lists the limits of `src/limits.rs`.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;

#[test]
fn the_documentation_names_every_limit() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
    let document = olm_catalog::limits::document();
    if std::env::var_os("OLM_CATALOG_WRITE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &document).unwrap();
    }
    assert_eq!(fs::read_to_string(file).unwrap_or_default(), document, "OLM_CATALOG_WRITE=1 writes it again");
}
