//! Registries: pushing images, and pulling bundles and catalogs.
//!
//! The protocol is the OCI distribution specification's
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>). Every wait has an end, what fails for a moment
//! is tried again, credentials and certificates are looked for where docker and podman keep them, and nothing is unpacked
//! outside its folder.
//!
//! - [`Client::upload`] sends images by their digests, [`Client::tag`] names them once all is there.
//! - [`Client::pull`] takes a reference and gives the bundle or the catalog that it names.
//!
//! Calls block; they must not be made within a task of an asynchronous runtime.

mod answer;
mod certificates;
mod challenge;
mod connection;
mod credentials;
mod error;
mod pull;
mod push;
mod session;
mod unpack;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use certificates::certificate_folders;
pub use credentials::credential_files;
pub use error::Error;
pub use pull::{Pulled, PulledBundle, PulledCatalog};
pub use push::{Progress, Uploaded};

use crate::image::Repository;
pub use crate::reference::Reference;
use connection::{Connection, Unreachable};
use tokio::runtime::{self, Runtime};

/// How registries are talked to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The files that may hold credentials, as docker's and podman's do. The first that has some for a registry
    /// counts; those that are not there are passed over. See [`credential_files`].
    pub credentials: Vec<PathBuf>,
    /// Files with certificates of authorities or registries that are trusted too, in PEM.
    pub authorities: Vec<PathBuf>,
    /// Folders as docker's and podman's `certs.d`; see [`certificate_folders`].
    pub certificates: Vec<PathBuf>,
    /// Use HTTP without TLS. For registries on this machine (`localhost`, `127.…`) that is tried anyway.
    pub plain_http: bool,
    /// Accept any certificate.
    pub insecure: bool,
    /// How long a registry may say and take nothing.
    pub timeout: Duration,
    /// How long to wait before what failed for a moment is tried again; twice as long each further time.
    pub backoff: Duration,
    /// The most bytes that the layers of a pulled image may have together, as they are sent.
    pub max_download: u64,
    /// The most bytes that a pulled image may unpack to.
    pub max_unpacked: u64,
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
        }
    }
}

/// A client of registries. It can be used by several threads at once.
pub struct Client {
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
    options: Options,
    connections: Mutex<HashMap<Repository, Arc<Connection>>>,
    /// The registries that could not be reached: nobody asks them again.
    unreachable: Unreachable,
}

impl Client {
    /// A client that has talked to nobody yet.
    ///
    /// # Errors
    /// A system that gives no threads.
    pub fn new(options: Options) -> Result<Self, Error> {
        // The TLS library wants to be told, once a process, which cryptography to use. That it was told before is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = Some(runtime.map_err(Error::Runtime)?);
        Ok(Self { runtime, options, connections: Mutex::default(), unreachable: Unreachable::default() })
    }

    /// The connection to a repository, with its credentials.
    fn connection(&self, repository: &Repository) -> Result<Arc<Connection>, Error> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = connections.get(repository) {
            return Ok(Arc::clone(connection));
        }
        let runtime = self.runtime.as_ref().expect("the runtime is there until the client is dropped").handle().clone();
        let connection =
            Arc::new(Connection::new(runtime, repository.clone(), &self.options, self.unreachable.clone())?);
        connections.insert(repository.clone(), Arc::clone(&connection));
        Ok(connection)
    }
}

impl Drop for Client {
    /// Does not wait for what was given up, such as the look-up of a name that takes the system minutes.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Reads a reference as docker does: `REGISTRY/REPOSITORY:TAG` or `…@sha256:…`, where the registry is `docker.io` and
/// the tag `latest` unless it says otherwise.
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
