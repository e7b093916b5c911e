//! The credentials: the header of every request.

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, StatusCode};
use tower::{BoxError, Service};

use super::Error;
use super::exec::{Credential, Plugin};
use super::files::{MOST, plain};
use crate::files::read_small;

/// How long a token from a file is used before the file is read again. A pod's token changes within the hour.
const FRESH: Duration = Duration::from_secs(60);

/// A client certificate and its key, as PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate, possibly with its chain.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

/// The credentials of a request. They are never printed.
#[derive(Clone)]
pub struct Credentials(Arc<Source>);

enum Source {
    None,
    Header(HeaderValue),
    File { path: PathBuf, last: Mutex<Option<(Instant, HeaderValue)>>, otherwise: Option<HeaderValue> },
    Plugin { plugin: Box<Plugin>, state: Mutex<Ran> },
}

/// A plugin's credentials.
#[derive(Default)]
struct Ran {
    credential: Option<Credential>,
    /// It was already run again since the last successful request, so another run would not help.
    again: bool,
}

impl Credentials {
    /// Anonymous, or the user of the client certificate.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(Source::None))
    }

    /// A bearer token, without white space around it. `None` if it contains a character that is not allowed in a
    /// header.
    #[must_use]
    pub fn token(token: &str) -> Option<Self> {
        Some(Self(Arc::new(Source::Header(bearer(token)?))))
    }

    /// A user and a password.
    #[must_use]
    pub fn basic(name: &str, password: &str) -> Self {
        let login = BASE64_STANDARD.encode(format!("{name}:{password}"));
        // Base64 is always a valid header.
        let header = HeaderValue::try_from(format!("Basic {login}")).map(sensitive);
        Self(Arc::new(header.map_or(Source::None, Source::Header)))
    }

    /// The token in a file, which may change.
    ///
    /// # Errors
    /// A file that cannot be read or has no token.
    pub fn file(path: PathBuf, user: &str) -> Result<Self, Error> {
        let help = format!("correct the token file of the user \"{user}\"");
        let header = from_file(&path).map_err(|why| Error::new(why, help))?;
        let last = Mutex::new(Some((Instant::now(), header)));
        Ok(Self(Arc::new(Source::File { path, last, otherwise: None })))
    }

    /// The token in a file, with this one as a fallback while the file cannot be read.
    #[must_use]
    pub fn file_or(path: PathBuf, token: &Self) -> Self {
        let otherwise = match &*token.0 {
            Source::Header(header) => Some(header.clone()),
            _ => None,
        };
        Self(Arc::new(Source::File { path, last: Mutex::default(), otherwise }))
    }

    /// The credentials of a plugin.
    #[must_use]
    pub fn plugin(plugin: Plugin) -> Self {
        Self(Arc::new(Source::Plugin { plugin: Box::new(plugin), state: Mutex::default() }))
    }

    /// The client certificate from a plugin. Runs the plugin if it has not run yet.
    ///
    /// # Errors
    /// A plugin that fails, or prints no credentials.
    pub fn identity(&self) -> Result<Option<Identity>, Error> {
        let Source::Plugin { plugin, state } = &*self.0 else { return Ok(None) };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.credential.is_none() {
            state.credential = Some(plugin.run()?);
        }
        Ok(state.credential.as_ref().and_then(|credential| credential.identity.clone()))
    }

    fn header(&self) -> Result<Option<HeaderValue>, BoxError> {
        match &*self.0 {
            Source::None => Ok(None),
            Source::Header(header) => Ok(Some(header.clone())),
            Source::File { path, last, otherwise } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((at, header)) = &*last
                    && at.elapsed() < FRESH
                {
                    return Ok(Some(header.clone()));
                }
                let header = match (from_file(path), otherwise) {
                    (Ok(header), _) => header,
                    (Err(_), Some(otherwise)) => return Ok(Some(otherwise.clone())),
                    (Err(why), None) => return Err(why.into()),
                };
                *last = Some((Instant::now(), header.clone()));
                Ok(Some(header))
            }
            Source::Plugin { plugin, state } => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.credential.is_none() {
                    state.credential = Some(plugin.run()?);
                }
                Ok(state.credential.as_ref().and_then(|credential| credential.header.clone()))
            }
        }
    }

    /// The server's verdict on them.
    fn judged(&self, status: StatusCode) {
        match &*self.0 {
            Source::Plugin { state, .. } => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                if status != StatusCode::UNAUTHORIZED {
                    state.again = false;
                } else if !state.again {
                    *state = Ran { credential: None, again: true };
                }
            }
            Source::File { last, .. } if status == StatusCode::UNAUTHORIZED => {
                *last.lock().unwrap_or_else(PoisonError::into_inner) = None;
            }
            _ => {}
        }
    }
}

/// A token as a header.
pub(super) fn bearer(token: &str) -> Option<HeaderValue> {
    let token = token.trim();
    HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).ok().filter(|_| !token.is_empty()).map(sensitive)
}

fn sensitive(mut header: HeaderValue) -> HeaderValue {
    header.set_sensitive(true);
    header
}

fn from_file(path: &Path) -> Result<HeaderValue, String> {
    let shown = path.display();
    let failed = |why: &str| format!("cannot read the token file {shown}: {why}");
    let bytes = read_small(path, MOST).map_err(|error| failed(&plain(&error)))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8 text"))?;
    bearer(&text).ok_or_else(|| failed("it has no token, or contains a character that is not allowed in a token"))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

/// A service that adds credentials to its requests.
#[derive(Clone)]
pub struct Authorized<S> {
    inner: S,
    credentials: Credentials,
}

impl<S> Authorized<S> {
    /// Wraps another service.
    pub fn new(inner: S, credentials: Credentials) -> Self {
        Self { inner, credentials }
    }
}

impl<S, B, R> Service<Request<B>> for Authorized<S>
where
    S: Service<Request<B>, Response = Response<R>, Error = BoxError>,
    S::Future: Send + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.credentials.header() {
            Ok(Some(header)) => drop(request.headers_mut().insert(AUTHORIZATION, header)),
            Ok(None) => {}
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        }
        let answer = self.inner.call(request);
        let credentials = self.credentials.clone();
        Box::pin(async move {
            let answer = answer.await?;
            credentials.judged(answer.status());
            Ok(answer)
        })
    }
}
