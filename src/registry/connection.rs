//! A connection to one repository: every request has a time limit and retries.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::{Client, Url, redirect};
use tokio::runtime::Handle;

use super::cache::Cache;
use super::credentials::Credentials;
use super::error::{Cause, Error, Kind};
use super::session::Session;
use super::{Options, certificates};
use crate::image::{Digest, Repository};
use crate::limits::IMAGE_SECONDS;
use crate::reference::Reference;
use crate::tls;

/// The number of retries after a temporary failure.
const RETRIES: u32 = 3;
/// The same if the server sends `Retry-After`.
const INVITED: u32 = 10;

/// A hint for connections through a proxy.
const PROXY: &str = " through the proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY)";

/// The interval between checks of a running request.
const TICK: Duration = Duration::from_millis(100);
/// How long a registry on this machine may take to begin TLS.
const HANDSHAKE: Duration = Duration::from_secs(3);

/// Registries that could not be reached, and why.
pub(super) type Unreachable = Arc<Mutex<HashMap<String, Kind>>>;

pub(super) struct Connection {
    runtime: Handle,
    http: Client,
    pub(super) repository: Repository,
    credentials: Credentials,
    plain_http: bool,
    session: OnceLock<Session>,
    /// The time until which the server asked for a pause.
    quiet: Mutex<Option<Instant>>,
    unreachable: Unreachable,
    pub(super) cache: Option<Arc<Cache>>,
    /// The bytes of all blobs that were pulled.
    pub(super) received: Arc<AtomicU64>,
    timeout: Duration,
    backoff: Duration,
}

/// Why a request failed.
pub(super) enum Failure {
    /// The registry, or the connection to it.
    Request(Kind),
    /// Something on this machine: a retry would not help.
    Here(Error),
}

/// Counts the bytes that a running request has transferred, and reports them.
pub(super) struct Activity<'p> {
    bytes: Arc<AtomicU64>,
    report: &'p dyn Fn(u64),
}

impl<'p> Activity<'p> {
    pub(super) fn new(report: &'p dyn Fn(u64)) -> Self {
        Self { bytes: Arc::default(), report }
    }

    /// The counter, reset to zero.
    pub(super) fn restart(&self) -> Arc<AtomicU64> {
        self.bytes.store(0, Ordering::Relaxed);
        Arc::clone(&self.bytes)
    }
}

impl Connection {
    pub(super) fn new(
        runtime: Handle,
        repository: Repository,
        options: &Options,
        unreachable: Unreachable,
        cache: Option<Arc<Cache>>,
        received: Arc<AtomicU64>,
    ) -> Result<Self, Error> {
        let credentials = Credentials::find(&repository, &options.credentials, options.timeout)?;
        let (trust, identity) = certificates::find(repository.registry(), options)?;
        let failed = |cause: Cause| Error::Connection {
            registry: repository.registry().to_owned(),
            reference: repository.to_string(),
            hint: "",
            source: cause,
        };
        let tls = tls::client(trust, identity).map_err(|error| failed(Cause::of(&error)))?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .connect_timeout(options.timeout)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        if is_loopback(repository.registry()) {
            // Proxies from the environment do not apply to this machine.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| failed(Cause::of(&error)))?;
        let (timeout, backoff, plain_http) = (options.timeout, options.backoff, options.plain_http);
        let (session, quiet) = (OnceLock::new(), Mutex::default());
        Ok(Self {
            runtime,
            http,
            repository,
            credentials,
            plain_http,
            session,
            quiet,
            unreachable,
            cache,
            received,
            timeout,
            backoff,
        })
    }

    /// From now on the connection is for pushing too. One request is sent first, before many are sent at once.
    pub(super) fn pushes(&self) -> Result<(), Error> {
        self.request(&self.repository.to_string(), || async {
            let session = self.session().await?;
            if session.push() {
                session.greet().await?;
            }
            Ok(())
        })
    }

    /// The session of the requests. For a registry on this machine it is detected whether it speaks TLS, as in docker.
    pub(super) async fn session(&self) -> Result<&Session, Failure> {
        if let Some(session) = self.session.get() {
            return Ok(session);
        }
        let registry = self.repository.registry();
        // The address of Docker Hub's registry differs from its name.
        let host = if registry == "docker.io" { "index.docker.io" } else { registry };
        let base = |scheme: &str| {
            Url::parse(&format!("{scheme}://{host}/v2/"))
                .map_err(|error| Failure::Request(Kind::Other(format!("{registry} is not a valid address: {error}"))))
        };
        let scheme = if self.plain_http {
            "http"
        } else if is_loopback(registry) {
            let answer = self.http.get(base("https")?).timeout(HANDSHAKE).send().await;
            // A certificate that is not valid is reported. HTTP is not tried instead.
            let is_tls = answer.map_or_else(|error| is_certificate(&Cause::of(&error)), |_| true);
            if is_tls { "https" } else { "http" }
        } else {
            "https"
        };
        let auth = self.credentials.auth.clone();
        let session = Session::new(self.http.clone(), base(scheme)?, self.repository.name().to_owned(), auth);
        Ok(self.session.get_or_init(|| session))
    }

    /// Sends a request about something in the repository.
    pub(super) fn request<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        about: &str,
        make: impl Fn() -> F,
    ) -> Result<T, Error> {
        self.active_request(about, None, None, make)
    }

    /// Sends a request, and retries temporary failures. A request may take as long as it transfers bytes, but not
    /// longer than `until`.
    pub(super) fn active_request<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        about: &str,
        activity: Option<&Activity<'_>>,
        until: Option<Instant>,
        make: impl Fn() -> F,
    ) -> Result<T, Error> {
        let registry = self.repository.registry();
        if let Some(kind) = lock(&self.unreachable).get(registry) {
            return Err(self.error(about, kind.clone()));
        }
        let mut wait = self.backoff;
        for tries in 0.. {
            let quiet = lock(&self.quiet).map(|until| until.saturating_duration_since(Instant::now()));
            std::thread::sleep(quiet.unwrap_or_default());
            let failure = match self.runtime.block_on(self.watched(activity, until, make())) {
                Ok(value) => return Ok(value),
                Err(Failure::Here(error)) => return Err(error),
                Err(Failure::Request(kind)) => kind,
            };
            let (is_momentary, most) = match &failure {
                Kind::Busy { after: Some(after), .. } => {
                    // Other requests wait too.
                    *lock(&self.quiet) = Some(Instant::now() + *after);
                    (true, INVITED)
                }
                Kind::Busy { .. } => (true, RETRIES),
                // A wrong certificate stays wrong.
                Kind::Connection(_, cause) => (["", PROXY].contains(&hint(cause)), RETRIES),
                _ => (false, 0),
            };
            if tries >= most || !is_momentary {
                if matches!(&failure, Kind::Connection(host, _) if host == registry) {
                    lock(&self.unreachable).insert(registry.to_owned(), failure.clone());
                }
                return Err(self.error(about, failure));
            }
            let seconds = wait.as_secs_f64();
            tracing::debug!(%about, seconds, retry = tries + 1, "the request failed and is tried again");
            std::thread::sleep(wait);
            wait = (wait * 2).min(self.backoff * 8);
        }
        unreachable!("the loop ends by returning")
    }

    /// Ends a request without progress, and one that takes too long.
    async fn watched<T>(
        &self,
        activity: Option<&Activity<'_>>,
        until: Option<Instant>,
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
            if until.is_some_and(|until| Instant::now() >= until) {
                return Err(Failure::Request(Kind::Late));
            }
        }
    }

    /// The meaning of a failed request, for messages.
    pub(super) fn error(&self, about: &str, kind: Kind) -> Error {
        let (registry, reference) = (self.repository.registry().to_owned(), about.to_owned());
        match kind {
            Kind::Unauthorized { sent, message } => {
                let advice = self.credentials.advice(&registry, sent);
                Error::Unauthorized { registry, reference, message, advice }
            }
            Kind::Forbidden(message) => {
                // The registry's own reason is enough, unless the credentials may be missing.
                let advice = self.credentials.is_none().then(|| self.credentials.advice(&registry, false));
                Error::Forbidden { registry, reference, message, advice }
            }
            Kind::NotFound(message) => Error::NotFound { reference, message },
            Kind::Timeout => Error::Timeout { registry, reference, seconds: self.timeout.as_secs() },
            Kind::Late => Error::Late { registry, reference, why: IMAGE_SECONDS.exceeded() },
            Kind::Damaged(why) => Error::Damaged { reference, why },
            Kind::Busy { message, .. } | Kind::Other(message) => Error::Registry { registry, reference, message },
            Kind::Connection(host, source) => {
                Error::Connection { registry: host, reference, hint: hint(&source), source }
            }
        }
    }

    /// The name of a blob or manifest of the repository, in messages.
    pub(super) fn about(&self, digest: &Digest) -> String {
        self.repository.pinned(digest).to_string()
    }
}

/// The part of a URL that names a manifest.
pub(super) fn name_of(reference: &Reference) -> &str {
    reference.digest.as_deref().or(reference.tag.as_deref()).unwrap_or("latest")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_certificate(cause: &Cause) -> bool {
    cause.to_string().contains("certificate")
}

/// A hint for a cause, judged by its text.
fn hint(cause: &Cause) -> &'static str {
    let text = cause.to_string();
    if is_certificate(cause) {
        " (--insecure accepts any certificate)"
    } else if text.contains("tunnel error") {
        PROXY
    } else if text.contains("corrupt message") || text.contains("InvalidContentType") {
        " (--plain-http talks to registries without TLS)"
    } else {
        ""
    }
}

/// Whether a registry is on this machine.
fn is_loopback(registry: &str) -> bool {
    let host = match registry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => registry.split_once(':').map_or(registry, |(host, _)| host),
    };
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
