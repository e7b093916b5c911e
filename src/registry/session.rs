//! Authenticated requests to a registry. Nothing is requested in advance: the first refusal contains the challenge, and
//! its answer is used from then on.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::answer::{self, host, unanswered};
use super::challenge::{self, Challenge};
use super::connection::Failure;
use super::credentials::Auth;
use super::error::{Cause, Kind};
use crate::limits::{REDIRECTS, TOKEN};
use crate::log;

/// The number of retries with other credentials: tokens expire, and another request may have renewed one.
const LOGINS: usize = 4;

/// The shared state of requests to one repository.
pub(super) struct Session {
    http: Client,
    /// The registry's address, with `/v2/`.
    base: Url,
    /// The repository's name.
    name: String,
    auth: Auth,
    /// Whether tokens are for pushing too. One for both is good for all requests.
    pushes: AtomicBool,
    /// Whether the registry has answered the first request.
    greeted: AtomicBool,
    header: Mutex<Option<HeaderValue>>,
}

impl Session {
    pub(super) fn new(http: Client, base: Url, name: String, auth: Auth) -> Self {
        Self {
            http,
            base,
            name,
            auth,
            pushes: AtomicBool::new(false),
            greeted: AtomicBool::new(false),
            header: Mutex::default(),
        }
    }

    /// From now on tokens are for pushing too. Returns whether they were not yet, or no request was sent since.
    pub(super) fn push(&self) -> bool {
        if !self.pushes.swap(true, Ordering::Relaxed) {
            *self.header.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        !self.greeted.load(Ordering::Relaxed)
    }

    /// Checks whether the registry answers, and what authentication it requires: `GET /v2/`. The rest of the answer is
    /// ignored.
    pub(super) async fn greet(&self) -> Result<(), Failure> {
        let answer = self.ask(Method::GET, &self.base, |request| request).await?;
        if answer.status().is_server_error() || answer.status() == StatusCode::TOO_MANY_REQUESTS {
            return Err(answer::refusal(&self.base, answer, true).await);
        }
        self.greeted.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The URL of something in the repository, such as `blobs/sha256:…`.
    pub(super) fn url(&self, path: &str) -> Result<Url, Failure> {
        let path = format!("{}/{path}", self.name);
        self.base
            .join(&path)
            .map_err(|error| Failure::Request(Kind::Other(format!("{path} is not a valid path: {error}"))))
    }

    /// Whether a URL is the registry's own, so that credentials may be sent to it.
    fn is_registry(&self, url: &Url) -> bool {
        url.scheme() == self.base.scheme()
            && host(url) == host(&self.base)
            && url.port_or_known_default() == self.base.port_or_known_default()
    }

    /// Sends a request, with the required credentials if the URL is the registry's. `prepare` builds it again for each
    /// try.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &Url,
        prepare: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, Failure> {
        let is_registry = self.is_registry(url);
        for login in 0.. {
            let used = self.header.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|_| is_registry);
            let mut request = prepare(self.http.request(method.clone(), url.clone()));
            if let Some(header) = &used {
                request = request.header(AUTHORIZATION, header.clone());
            }
            let answer = sent(&method, url, request).await?;
            if answer.status() != StatusCode::UNAUTHORIZED || !is_registry {
                return Ok(answer);
            }
            let now = self.header.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let was_renewed = now.is_some() && now != used;
            if login >= LOGINS || !(was_renewed || self.log_in(&answer, used.as_ref()).await?) {
                let sent = used.is_some() && !matches!(self.auth, Auth::None);
                return Err(match answer::refusal(url, answer, true).await {
                    Failure::Request(Kind::Unauthorized { message, .. }) => {
                        Failure::Request(Kind::Unauthorized { sent, message })
                    }
                    other => other,
                });
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// The same for reading, with redirects followed.
    pub(super) async fn follow(
        &self,
        method: Method,
        mut url: Url,
        prepare: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<(Url, Response), Failure> {
        for _ in 0..REDIRECTS {
            let answer = self.ask(method.clone(), &url, &prepare).await?;
            if !answer.status().is_redirection() {
                return Ok((url, answer));
            }
            url = self.location(&url, &answer)?;
        }
        Err(Failure::Request(Kind::Other(format!("it redirects more than {REDIRECTS} times"))))
    }

    /// The target of a redirect: a URL, or a relative one (RFC 9110, 10.2.2).
    pub(super) fn location(&self, from: &Url, answer: &Response) -> Result<Url, Failure> {
        let other = |message: String| Failure::Request(Kind::Other(message));
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location
            .ok_or_else(|| other("its answer lacks the Location header that the protocol requires".to_owned()))?;
        let to = from.join(location).map_err(|_| other("its Location header is not a valid address".to_owned()))?;
        match (to.scheme(), from.scheme()) {
            ("https", _) | ("http", "http") => Ok(to),
            // A proxy before the registry ends TLS, and the registry does not know that.
            ("http", _) if to.host_str() == from.host_str() => {
                let mut to = to;
                // Both are known schemes with a host, so this succeeds.
                let _ = to.set_scheme("https");
                if to.port().is_none() {
                    let _ = to.set_port(from.port());
                }
                Ok(to)
            }
            (scheme, _) => Err(other(format!("it redirects to {} over {scheme} instead of https", host(&to)))),
        }
    }

    /// Answers a challenge. Returns false if there is nothing more to try.
    async fn log_in(&self, answer: &Response, used: Option<&HeaderValue>) -> Result<bool, Failure> {
        let headers = answer.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let header = match (challenge::read(headers), &self.auth) {
            (Some(Challenge::Basic), Auth::Password(user, password)) if used.is_none() => Some(basic(user, password)),
            (Some(Challenge::Bearer { realm, service, scope }), _) => {
                Some(self.token(&realm, service.as_deref(), scope.as_deref()).await?)
            }
            _ => None,
        };
        let Some(header) = header else { return Ok(false) };
        *self.header.lock().unwrap_or_else(PoisonError::into_inner) = Some(header);
        Ok(true)
    }

    /// Gets a token for the repository.
    async fn token(&self, realm: &str, service: Option<&str>, scope: Option<&str>) -> Result<HeaderValue, Failure> {
        let other = |message: String| Failure::Request(Kind::Other(message));
        let mut url = Url::parse(realm)
            .or_else(|_| self.base.join(realm))
            .map_err(|_| other("the address of its token server is not valid".to_owned()))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(other("the address of its token server is not http or https".to_owned()));
        }
        if url.scheme() == "http" && self.base.scheme() == "https" && !matches!(self.auth, Auth::None) {
            return Err(other(format!(
                "its token server {} has no TLS, so credentials are not sent to it",
                host(&url)
            )));
        }
        let actions = if self.pushes.load(Ordering::Relaxed) { "pull,push" } else { "pull" };
        let own = format!("repository:{}:{actions}", self.name);
        // Additional scopes that the registry requires.
        let more = scope.filter(|scope| !covers(&own, scope));
        let (method, request) = match &self.auth {
            Auth::Identity(token) => {
                let scopes = [Some(own.as_str()), more].into_iter().flatten().collect::<Vec<_>>().join(" ");
                let mut form = vec![
                    ("grant_type", "refresh_token"),
                    ("client_id", env!("CARGO_PKG_NAME")),
                    ("scope", &scopes),
                    ("refresh_token", token),
                ];
                form.extend(service.map(|service| ("service", service)));
                let mut text = url::form_urlencoded::Serializer::new(String::new());
                text.extend_pairs(form);
                let kind = "application/x-www-form-urlencoded";
                (
                    Method::POST,
                    self.http.post(url.clone()).header(reqwest::header::CONTENT_TYPE, kind).body(text.finish()),
                )
            }
            auth => {
                let mut query = url.query_pairs_mut();
                query.extend_pairs(service.map(|service| ("service", service)));
                query.append_pair("scope", &own);
                query.extend_pairs(more.map(|more| ("scope", more)));
                if let Auth::Password(user, _) = auth {
                    query.append_pair("account", user);
                }
                drop(query);
                let request = self.http.get(url.clone());
                let request = match auth {
                    Auth::Password(user, password) => request.header(AUTHORIZATION, basic(user, password)),
                    _ => request,
                };
                (Method::GET, request)
            }
        };
        let answer = sent(&method, &url, request).await?;
        if !answer.status().is_success() {
            let sent = !matches!(self.auth, Auth::None);
            return Err(match answer.status() {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    let is_page = answer::is_type(&answer, "html");
                    let text = answer::body(&url, answer, crate::limits::ERROR_BODY).await.unwrap_or_default();
                    Failure::Request(Kind::Unauthorized { sent, message: answer::said(&text, is_page) })
                }
                _ => match answer::refusal(&url, answer, false).await {
                    Failure::Request(Kind::Busy { message, after }) => {
                        Failure::Request(Kind::Busy { message: format!("the token server {message}"), after })
                    }
                    Failure::Request(Kind::Other(message)) => other(format!("the token server {message}")),
                    failure => failure,
                },
            });
        }
        let text = answer::body(&url, answer, TOKEN).await?;
        let value: Value = serde_json::from_slice(&text).unwrap_or_default();
        let tokens = ["token", "access_token"].map(|field| value[field].as_str().unwrap_or_default());
        let token = tokens.into_iter().find(|token| !token.is_empty());
        let token = token.ok_or_else(|| other(format!("the token server {} sent no token", host(&url))))?;
        let mut header = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| other(format!("the token of {} cannot be sent in a header", host(&url))))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

/// Sends a request, and logs it: without its headers, which have the credentials.
async fn sent(method: &Method, url: &Url, request: RequestBuilder) -> Result<Response, Failure> {
    let start = Instant::now();
    let answer = request.send().await;
    let (url_shown, ms) = (log::shown(url), log::milliseconds(start));
    match &answer {
        Ok(answer) => {
            let (status, bytes) = (answer.status().as_u16(), answer.content_length());
            tracing::debug!(%method, url = %url_shown, status, ms, bytes, "request");
        }
        Err(error) => {
            let error = Cause::of(error);
            tracing::debug!(%method, url = %url_shown, ms, %error, "request without an answer");
        }
    }
    answer.map_err(|error| unanswered(url, &error))
}

/// Whether a scope includes another one for the same repository.
fn covers(own: &str, other: &str) -> bool {
    let split = |scope: &str| scope.rsplit_once(':').map(|(what, actions)| (what.to_owned(), actions.to_owned()));
    match (split(own), split(other)) {
        (Some((what, has)), Some((same, wants))) => {
            what == same && wants.split(',').all(|want| has.split(',').any(|action| action == want))
        }
        _ => false,
    }
}

fn basic(user: &str, password: &str) -> HeaderValue {
    let mut header = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
        .unwrap_or_else(|_| HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}
