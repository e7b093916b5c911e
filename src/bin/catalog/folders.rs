//! The folders of the repository: the defaults of the options that name them.

use std::path::PathBuf;

use olm_catalog::root;
use olm_catalog::validate::select::Folders;

/// The folder of bundles.
pub(crate) fn bundles() -> PathBuf {
    folder(|folders| folders.bundles)
}

/// The folder of channel templates.
pub(crate) fn channels() -> PathBuf {
    folder(|folders| folders.channels)
}

/// The folder of the catalog.
pub(crate) fn catalog() -> PathBuf {
    folder(|folders| folders.catalog)
}

/// The OCI layout.
pub(crate) fn images() -> PathBuf {
    folder(|folders| folders.images)
}

/// A `catalog.toml` that is not valid is reported by [`check`].
fn folder(choose: impl Fn(Folders) -> PathBuf) -> PathBuf {
    root::path(choose(root::folders().cloned().unwrap_or_default()))
}

/// Fails if the repository's `catalog.toml` does not say where its folders are.
pub(crate) fn check() -> anyhow::Result<()> {
    root::folders().map(drop).map_err(|error| anyhow::anyhow!("{error}"))
}
