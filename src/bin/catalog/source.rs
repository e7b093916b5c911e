//! Catalogs that a verb is given by reference: a file, a folder, or an image.

use std::time::Duration;

use indicatif::ProgressBar;
use olm_catalog::catalog::{Catalog, MigrateLevel};
use olm_catalog::render::{self, Error, Renderer};
use olm_catalog::terminal::escape;

use crate::client::Registry;
use crate::output;

/// Reads the catalog of a reference, as `catalog render` does.
pub(crate) fn read(reference: &str, registry: &Registry) -> Result<Catalog, Error> {
    let renderer = Renderer {
        level: MigrateLevel::None,
        image: None,
        pull: &|reference| pull(registry, reference),
        tell: &output::warn_passed_over,
    };
    renderer.render(reference)
}

/// Pulls the catalog of an image, and shows on a terminal that it is waited for.
pub(crate) fn pull(registry: &Registry, reference: &str) -> Result<Catalog, Error> {
    let spinner = ProgressBar::new_spinner().with_message(escape(&format!("pulling {reference}")));
    spinner.enable_steady_tick(Duration::from_millis(100));
    let pulled = render::pull(registry.client()?, reference, &output::warn_passed_over);
    spinner.finish_and_clear();
    pulled
}
