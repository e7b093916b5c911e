//! How much is read of what comes from outside. Reaching a limit is an error that names it.

use std::time::Duration;

/// Bytes of the body of an error.
pub(crate) const ERROR_BODY: u64 = 64 << 10;
/// Bytes of a file of credentials.
pub(crate) const CREDENTIALS_FILE: u64 = 4 << 20;
/// Bytes of a file: a catalog's, a manifest, a template.
pub(crate) const FILE: u64 = 1 << 30;
/// Bytes of an image's configuration.
pub(crate) const IMAGE_CONFIG: u64 = 8 << 20;
/// Bytes of an image's manifest or index. Registries accept 4 MiB.
pub(crate) const IMAGE_MANIFEST: u64 = 8 << 20;
/// Layers of an image.
pub(crate) const IMAGE_LAYERS: usize = 1000;
/// Entries of all layers of an image.
pub(crate) const IMAGE_ENTRIES: usize = 1_000_000;
/// Indexes within indexes.
pub(crate) const NESTED_INDEXES: usize = 4;
/// Redirects of one request.
pub(crate) const REDIRECTS: usize = 10;
/// The longest time that a server's `Retry-After` is waited for.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(60);
/// Bytes of a token server's answer.
pub(crate) const TOKEN: u64 = 1 << 20;
