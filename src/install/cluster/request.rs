//! One request: sent until it is answered, as long as that helps.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{Cluster, reason};
use crate::install::error::Error;
use crate::install::proxy;
use crate::log::milliseconds;

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// The time after which a retry is reported.
const NOTICED: Duration = Duration::from_secs(1);
/// How long a request may still take after the deadline of all requests, so that a last look gets an answer.
const LAST: Duration = Duration::from_secs(5);
/// How long rejected credentials are retried: they may be in the process of renewal.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long a missing permission is retried while the API server is not ready.
const STARTING: Duration = Duration::from_secs(20);
/// The first pause before a retry. It doubles up to [`LONGEST_PAUSE`].
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Cluster {
    /// Whether the API server reports that it is ready. By default every user may ask that.
    async fn is_ready(&self) -> bool {
        let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else { return false };
        matches!(timeout(LAST, self.client.request_text(request)).await, Ok(Ok(_)))
    }

    /// Sends a request until it is answered.
    ///
    /// Temporary failures are retried: for a moment if the server has never answered, otherwise for as long as a
    /// restart may take.
    ///
    /// # Errors
    /// The API server's error, or that it does not answer.
    pub async fn request<T, F, Answer>(&self, what: &str, call: F) -> Result<T, Error>
    where
        F: Fn() -> Answer,
        Answer: Future<Output = kube::Result<T>>,
    {
        let start = Instant::now();
        let most = self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(start).max(LAST));
        let [first, later] = self.patience;
        let (mut pause, mut was_ready, mut noticed) = (FIRST_PAUSE, false, false);
        // The last failure, for the case that the time is over before another answer.
        let mut last: Option<kube::Error> = None;
        loop {
            let answered = self.answered.load(Ordering::Relaxed);
            let most = most.min(if answered || self.is_limited { later } else { REQUEST });
            let whole = if answered { later } else { first };
            let left = most.saturating_sub(start.elapsed());
            let answer = timeout(REQUEST.min(left), call()).await;
            let (patience, error) = match answer {
                Ok(Ok(answer)) => {
                    self.answered.store(true, Ordering::Relaxed);
                    tracing::debug!(request = what, ms = milliseconds(start.into()), "the API server answered");
                    return Ok(answer);
                }
                Ok(Err(error)) => match patience(&error, whole) {
                    Some(patience) => (patience, Some(error)),
                    // While an API server starts, it does not know all permissions yet.
                    None if answered && is_forbidden(&error) && !was_ready => {
                        was_ready = self.is_ready().await;
                        (STARTING.min(whole), Some(error))
                    }
                    None => return Err(self.refused(what, error).await),
                },
                Err(_) => (whole, last.take()),
            };
            if start.elapsed() + pause >= patience.min(most) {
                return Err(match error {
                    Some(kube::Error::Api(status)) if status.code == 401 => {
                        Error::Unauthorized { what: what.to_owned() }
                    }
                    Some(error) if is_forbidden(&error) || proxy::failure(&error).is_some() => {
                        self.refused(what, error).await
                    }
                    error => Error::Unreachable {
                        what: what.to_owned(),
                        server: self.server.clone(),
                        waited: start.elapsed(),
                        why: error.as_ref().map_or_else(|| "it sent no answer".to_owned(), reason::of),
                    },
                });
            }
            if let (Some(notice), false) = (&self.notice, noticed || start.elapsed() < NOTICED) {
                let why = error.as_ref().map_or_else(|| "it sent no answer".to_owned(), reason::of);
                notice(&format!("until the API server {} answers: {why}", self.server));
                noticed = true;
            }
            last = error;
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Turns the API server's error into one of this module.
    async fn refused(&self, what: &str, error: kube::Error) -> Error {
        let what = what.to_owned();
        if let Some(failure) = proxy::failure(&error) {
            return Error::Proxied { what, source: failure.clone() };
        }
        if let Some(fault) = reason::fault(&error) {
            return Error::Server { what, server: self.server.clone(), message: fault.message, help: fault.help };
        }
        let kube::Error::Api(status) = error else {
            return Error::Answer { what, source: reason::of(&error).into() };
        };
        let (code, message) = (status.code, reason::said(&status));
        match code {
            401 => Error::Unauthorized { what },
            // An exceeded quota has the same status, and no permission helps there.
            403 if status.reason == "Forbidden" && message.contains(" cannot ") => Error::Forbidden { what, message },
            404 if status.reason != "NotFound" && !self.is_kubernetes().await => Error::Server {
                what,
                server: self.server.clone(),
                message: "this is not a Kubernetes API server: it answers every request with 404".into(),
                help: "check the server's address in the kubeconfig".into(),
            },
            409 => Error::Conflict { what, message },
            500.. => Error::Refused { what, message: format!("{message} ({})", self.server), code },
            _ => Error::Refused { what, message, code },
        }
    }

    /// Whether the server has an endpoint that every API server has. By default every user may ask that.
    async fn is_kubernetes(&self) -> bool {
        if self.answered.load(Ordering::Relaxed) {
            return true;
        }
        let Ok(request) = http::Request::get("/version").body(Vec::new()) else { return true };
        let answer = timeout(LAST, self.client.request_text(request)).await;
        !matches!(answer, Ok(Err(kube::Error::Api(status))) if status.code == 404)
    }
}

fn is_forbidden(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 403)
}

/// How long a retry makes sense after this error; `None` if the answer would be the same.
fn patience(error: &kube::Error, patience: Duration) -> Option<Duration> {
    match error {
        _ if proxy::failure(error).is_some_and(proxy::Failure::is_final) => None,
        _ if reason::fault(error).is_some() => None,
        kube::Error::Api(status) => match status.code {
            401 => Some(RENEWAL.min(patience)),
            // A quota or a busy API server. A busy server sends only the status.
            429 | 502 | 503 | 504 => Some(patience),
            // Its storage is temporarily unavailable. Any other failure would happen again.
            500 if reason::is_passing(&status.message) => Some(patience),
            _ => None,
        },
        kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => Some(patience),
        _ => None,
    }
}
