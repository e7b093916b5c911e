//! A connection to one repository: every request with its credentials, an end to waiting, and further tries.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use oci_distribution::client::{ClientConfig, ClientProtocol};
use oci_distribution::errors::OciDistributionError;
use oci_distribution::{Client, Reference, RegistryOperation};
use tokio::runtime::Handle;

use super::Options;
use super::credentials::Credentials;
use super::error::{self, Cause, Error, Kind};
use crate::image::{Digest, Repository};

/// How often a request is tried again that failed for a moment.
const RETRIES: u32 = 3;

/// What may help where a proxy is on the way.
const PROXY: &str = " through the proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY)";

/// How often a running request is looked at.
const TICK: Duration = Duration::from_millis(100);

pub(super) struct Connection {
    runtime: Handle,
    pub(super) client: Client,
    pub(super) repository: Repository,
    pub(super) credentials: Credentials,
    /// Whether it has identified itself for pulling, and for pushing.
    logged_in: [AtomicBool; 2],
    timeout: Duration,
    backoff: Duration,
}

/// Why a request failed.
pub(super) enum Failure {
    /// The registry or the way to it.
    Request(Kind),
    /// Something on this machine: another try is of no use.
    Here(Error),
}

impl From<OciDistributionError> for Failure {
    fn from(error: OciDistributionError) -> Self {
        Self::Request(error::kind(error))
    }
}

/// Counts the bytes that a running request has moved, and who wants to know.
pub(super) struct Activity<'p> {
    bytes: Arc<AtomicU64>,
    report: &'p dyn Fn(u64),
}

impl<'p> Activity<'p> {
    pub(super) fn new(report: &'p dyn Fn(u64)) -> Self {
        Self { bytes: Arc::default(), report }
    }

    /// The counter, from zero again.
    pub(super) fn restart(&self) -> Arc<AtomicU64> {
        self.bytes.store(0, Ordering::Relaxed);
        Arc::clone(&self.bytes)
    }
}

impl Connection {
    pub(super) fn new(runtime: Handle, repository: Repository, options: &Options) -> Result<Self, Error> {
        let credentials = Credentials::find(&repository, &options.credentials, options.timeout)?;
        let here = is_loopback(repository.registry());
        let mut config = ClientConfig {
            protocol: if options.plain_http || here { ClientProtocol::Http } else { ClientProtocol::Https },
            accept_invalid_certificates: options.insecure,
            // One request with all the bytes, which every registry takes; not all take chunks.
            use_monolithic_push: true,
            connect_timeout: Some(options.timeout),
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        if here {
            // Proxies of the environment are not for this machine. Naming one, and an exception, is how to say so.
            config.http_proxy = Some("http://localhost".into());
            config.no_proxy = Some("localhost,127.0.0.0/8".into());
        }
        let client = Client::try_from(config).map_err(|error| Error::Connection {
            registry: repository.registry().to_owned(),
            reference: repository.to_string(),
            hint: "",
            source: Cause::of(&error),
        })?;
        let (timeout, backoff) = (options.timeout, options.backoff);
        Ok(Self { runtime, client, repository, credentials, logged_in: Default::default(), timeout, backoff })
    }

    /// Identifies at the registry for what is to be done there, once. The crate would do so on its own, and keep its
    /// errors to itself.
    pub(super) fn enter(&self, operation: RegistryOperation) -> Result<(), Error> {
        let done = &self.logged_in[usize::from(operation == RegistryOperation::Push)];
        if !done.load(Ordering::Relaxed) {
            self.log_in(operation)?;
            done.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn log_in(&self, operation: RegistryOperation) -> Result<(), Error> {
        let reference = self.repository.tagged("latest");
        let auth = &self.credentials.auth;
        self.tries(&self.repository.to_string(), None, || async {
            match self.client.auth(&reference, auth, operation).await? {
                Some(token) if token.bytes().any(|c| !c.is_ascii_graphic()) => {
                    Err(Failure::Request(Kind::Other("its token cannot be sent in a header".into())))
                }
                _ => Ok(()),
            }
        })
    }

    /// Makes a request about something in the repository.
    pub(super) fn request<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        about: &str,
        operation: RegistryOperation,
        make: impl Fn() -> F,
    ) -> Result<T, Error> {
        self.active_request(about, operation, None, make)
    }

    /// Makes a request that moves many bytes: it may take as long as it likes while it does so.
    pub(super) fn active_request<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        about: &str,
        operation: RegistryOperation,
        activity: Option<&Activity<'_>>,
        make: impl Fn() -> F,
    ) -> Result<T, Error> {
        match self.tries(about, activity, &make) {
            // Tokens end. A second refusal is meant.
            Err(Error::Unauthorized { .. }) => {
                self.log_in(operation)?;
                self.tries(about, activity, &make)
            }
            result => result,
        }
    }

    /// Makes a request, and again where it failed for a moment.
    fn tries<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        about: &str,
        activity: Option<&Activity<'_>>,
        make: impl Fn() -> F,
    ) -> Result<T, Error> {
        let mut wait = self.backoff;
        for tries in 0.. {
            let failure = match self.runtime.block_on(self.watched(activity, make())) {
                Ok(value) => return Ok(value),
                Err(Failure::Here(error)) => return Err(error),
                Err(Failure::Request(kind)) => kind,
            };
            let momentary = match &failure {
                Kind::Busy(_) => true,
                // A wrong certificate stays wrong.
                Kind::Connection(cause) => ["", PROXY].contains(&hint(cause)),
                _ => false,
            };
            if tries == RETRIES || !momentary {
                return Err(self.error(about, failure));
            }
            std::thread::sleep(wait);
            wait *= 2;
        }
        unreachable!("the loop ends by returning")
    }

    /// Ends a request in which nothing happens any more.
    async fn watched<T>(
        &self,
        activity: Option<&Activity<'_>>,
        request: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut request = std::pin::pin!(request);
        let (mut moved, mut since) = (0, Instant::now());
        loop {
            if let Ok(result) = tokio::time::timeout(TICK, &mut request).await {
                return result;
            }
            if let Some(activity) = activity {
                let now = activity.bytes.load(Ordering::Relaxed);
                if now != moved {
                    (moved, since) = (now, Instant::now());
                    (activity.report)(now);
                }
            }
            if since.elapsed() >= self.timeout {
                return Err(Failure::Request(Kind::Timeout));
            }
        }
    }

    /// What a failed request means, in the words of who reads it.
    pub(super) fn error(&self, about: &str, kind: Kind) -> Error {
        let (registry, reference) = (self.repository.registry().to_owned(), about.to_owned());
        let advice = || self.credentials.advice(&registry).to_string();
        match kind {
            Kind::Unauthorized => Error::Unauthorized { advice: advice(), registry, reference },
            Kind::Forbidden(message) => Error::Forbidden { advice: advice(), registry, reference, message },
            Kind::NotFound => Error::NotFound { reference },
            Kind::Timeout => Error::Timeout { registry, reference, seconds: self.timeout.as_secs() },
            Kind::Damaged(why) => Error::Damaged { reference, why },
            Kind::Busy(message) | Kind::Other(message) => Error::Registry { registry, reference, message },
            Kind::Connection(source) => Error::Connection { registry, reference, hint: hint(&source), source },
        }
    }

    /// The text that names a blob or manifest of the repository.
    pub(super) fn about(&self, digest: &Digest) -> String {
        self.repository.pinned(digest).to_string()
    }

    /// The reference of a manifest that is pushed by its digest. The tag is never used: where a registry answers
    /// without a location, the crate takes the tag off the end of the address, and panics if it is not there.
    pub(super) fn by_digest(&self, digest: &Digest) -> Reference {
        let (registry, name) = (self.repository.registry().to_owned(), self.repository.name().to_owned());
        Reference::with_tag_and_digest(registry, name, digest.hex().to_owned(), digest.to_string())
    }
}

/// What may help against a cause, as far as its text tells.
fn hint(cause: &Cause) -> &'static str {
    let cause = cause.to_string();
    if cause.contains("certificate") {
        " (--insecure takes any certificate)"
    } else if cause.contains("tunnel error") {
        PROXY
    } else if cause.contains("corrupt message") || cause.contains("InvalidContentType") {
        " (--plain-http talks to registries without TLS)"
    } else {
        ""
    }
}

/// Whether a registry is on this machine.
fn is_loopback(registry: &str) -> bool {
    let host = registry.split_once(':').map_or(registry, |(host, _)| host);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
