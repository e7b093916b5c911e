//! Registries: pushing images, and pulling bundles and catalogs.
//!
//! The protocol is the OCI distribution specification's
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>). Every wait has a limit, temporary
//! failures are retried, credentials and certificates are found where docker and podman store them, and nothing is
//! unpacked outside its folder.
//!
//! - [`Client::upload`] sends images by their digests, [`Client::tag`] tags them once everything is uploaded.
//! - [`Client::programs`] pulls the programs of an image, for use in other images.
//! - [`Client::pull`] pulls the bundle or the catalog that a reference names.
//!
//! Calls block; they must not be made within a task of an asynchronous runtime.

mod answer;
mod cache;
mod certificates;
mod challenge;
mod connection;
mod credentials;
mod error;
mod programs;
mod pull;
mod push;
mod session;
mod unpack;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use cache::{Cache, Size};
pub use certificates::certificate_folders;
pub use credentials::credential_files;
pub use error::Error;
pub use pull::{Pulled, PulledBundle, PulledCatalog};
pub use push::{Progress, Uploaded};

use crate::image::Repository;
pub use crate::reference::Reference;
use connection::{Connection, Unreachable};
use tokio::runtime::{self, Runtime};

/// How to talk to registries.
#[derive(Clone, Debug)]
pub struct Options {
    /// The files that may contain credentials, in docker's and podman's format. The first file with credentials for a
    /// registry counts; missing files are ignored. See [`credential_files`].
    pub credentials: Vec<PathBuf>,
    /// Files with certificates of authorities or registries to trust too, in PEM.
    pub authorities: Vec<PathBuf>,
    /// Folders as docker's and podman's `certs.d`; see [`certificate_folders`].
    pub certificates: Vec<PathBuf>,
    /// Use HTTP without TLS. For registries on this machine (`localhost`, `127.…`) this is tried anyway.
    pub plain_http: bool,
    /// Accept any certificate.
    pub insecure: bool,
    /// How long a registry may neither send nor accept data.
    pub timeout: Duration,
    /// How long to wait before the first retry of a temporary failure; doubled for each further one.
    pub backoff: Duration,
    /// The most bytes of all layers of a pulled image together, as transferred.
    pub max_download: u64,
    /// The most bytes of a pulled image when unpacked.
    pub max_unpacked: u64,
    /// The folder of the [`Cache`] of pulled images. Without it, each is pulled again.
    pub cache: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            credentials: credential_files(),
            authorities: Vec::new(),
            certificates: certificate_folders(),
            plain_http: false,
            insecure: false,
            timeout: Duration::from_secs(60),
            backoff: Duration::from_millis(500),
            max_download: 2 << 30,
            max_unpacked: 8 << 30,
            cache: None,
        }
    }
}

/// A client of registries. It can be used by several threads at once.
pub struct Client {
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
    options: Options,
    connections: Mutex<HashMap<Repository, Arc<Connection>>>,
    /// The registries that could not be reached, and are not tried again.
    unreachable: Unreachable,
    cache: Option<Arc<Cache>>,
    /// The bytes of all blobs that were pulled.
    received: Arc<AtomicU64>,
}

impl Client {
    /// A new client. It sends no request yet.
    ///
    /// # Errors
    /// A system that cannot start threads.
    pub fn new(options: Options) -> Result<Self, Error> {
        // The TLS library needs a cryptography provider, once per process. An already installed provider is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = Some(runtime.map_err(Error::Runtime)?);
        let cache = options.cache.clone().map(|folder| Arc::new(Cache::new(folder)));
        let (connections, unreachable) = (Mutex::default(), Unreachable::default());
        Ok(Self { runtime, options, connections, unreachable, cache, received: Arc::default() })
    }

    /// The bytes of all blobs that were pulled so far, for a display of progress.
    #[must_use]
    pub fn received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.received)
    }

    /// The connection to a repository, with its credentials.
    fn connection(&self, repository: &Repository) -> Result<Arc<Connection>, Error> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = connections.get(repository) {
            return Ok(Arc::clone(connection));
        }
        let runtime = self.runtime.as_ref().expect("the runtime is there until the client is dropped").handle().clone();
        let (unreachable, cache) = (self.unreachable.clone(), self.cache.clone());
        let received = Arc::clone(&self.received);
        let connection =
            Connection::new(runtime, repository.clone(), &self.options, unreachable, cache, received).map(Arc::new)?;
        connections.insert(repository.clone(), Arc::clone(&connection));
        Ok(connection)
    }
}

impl Drop for Client {
    /// Does not wait for abandoned work, such as a name look-up that takes the system minutes.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Reads a reference as docker does: `REGISTRY/REPOSITORY:TAG` or `…@sha256:…`, with the default registry `docker.io`
/// and the default tag `latest`.
///
/// # Errors
/// Text that is not a reference.
pub fn reference(text: &str) -> Result<Reference, Error> {
    let mut reference =
        Reference::of_registry(text).map_err(|source| Error::Reference { text: text.to_owned(), source })?;
    if reference.tag.is_none() && reference.digest.is_none() {
        reference.tag = Some("latest".to_owned());
    }
    Ok(reference)
}
