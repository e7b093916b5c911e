//! The meaning of a server's unexpected answer.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use serde_json::Value;

use super::connection::Failure;
use super::error::{Cause, Kind};
use crate::limits::{ERROR_BODY, RETRY_AFTER as LONGEST_WAIT};

/// A URL without its parts that may be secret: only scheme, host and port.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Why a request got no answer.
pub(super) fn unanswered(url: &Url, error: &reqwest::Error) -> Failure {
    Failure::Request(if error.is_timeout() {
        Kind::Timeout
    } else if error.is_builder() {
        Kind::Other(Cause::of(error).to_string())
    } else {
        Kind::Connection(host(url), Cause::of(error))
    })
}

/// The body of an answer, up to a limit.
pub(super) async fn body(url: &Url, mut answer: Response, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| unanswered(url, &error))? {
        if (bytes.len() + part.len()) as u64 > limit {
            let message = format!("{} answered with more than {limit} bytes", host(url));
            return Err(Failure::Request(Kind::Other(message)));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The meaning of an error status. `is_registry` if it came from the registry itself, not from a redirect.
pub(super) async fn refusal(url: &Url, answer: Response, is_registry: bool) -> Failure {
    let status = answer.status();
    let after = answer.headers().get(RETRY_AFTER).and_then(|value| wait(value.to_str().ok()?));
    let is_json = is_type(&answer, "json");
    let is_page = is_type(&answer, "html");
    let text = body(url, answer, ERROR_BODY).await.unwrap_or_default();
    let said = said(&text, is_page);
    let known = is_json || serde_json::from_slice::<Value>(&text).is_ok_and(|value| value["errors"].is_array());
    let message = match (&said, known) {
        (Some(said), true) => said.clone(),
        (Some(said), false) => format!("HTTP status {}: {said}", status.as_u16()),
        (None, _) => format!("HTTP status {}", status.as_u16()),
    };
    let message = if is_registry { message } else { format!("{} answered: {message}", host(url)) };
    Failure::Request(match status {
        StatusCode::UNAUTHORIZED if is_registry => Kind::Unauthorized { sent: false, message: said },
        StatusCode::FORBIDDEN if is_registry => Kind::Forbidden(message),
        StatusCode::NOT_FOUND if is_registry => Kind::NotFound(said.filter(|_| known)),
        StatusCode::TOO_MANY_REQUESTS => Kind::Busy { message, after },
        status if status.is_server_error() => Kind::Busy { message, after },
        _ => Kind::Other(message),
    })
}

pub(super) fn is_type(answer: &Response, part: &str) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains(part))
}

/// `Retry-After`: seconds or a date, up to a limit.
fn wait(value: &str) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value.trim()).ok()?.duration_since(SystemTime::now()).unwrap_or_default(),
    };
    Some(wait.min(LONGEST_WAIT))
}

/// The message in the body of an error, decoded: from the distribution specification's errors, from a token server's,
/// or the text itself. Web pages are left out.
pub(super) fn said(body: &[u8], is_page: bool) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let said = match serde_json::from_slice::<Value>(body) {
        Ok(value) => {
            let errors = value["errors"].as_array().into_iter().flatten();
            let of = |error: &Value| {
                let message = error["message"].as_str().filter(|message| !message.is_empty());
                message.or(error["code"].as_str()).map(str::to_owned)
            };
            let messages: Vec<String> = errors.filter_map(of).collect();
            let single = ["details", "message", "error_description", "error"];
            let single = single.iter().find_map(|field| value[*field].as_str().map(str::to_owned));
            if messages.is_empty() { single.unwrap_or_default() } else { messages.join("; ") }
        }
        Err(_) => match text.split_once("<Message>").and_then(|(_, rest)| rest.split_once("</Message>")) {
            Some((message, _)) => message.to_owned(),
            None if is_page || text.trim_start().starts_with('<') => String::new(),
            None => text.into_owned(),
        },
    };
    // The text is printed on a terminal.
    let plain: String = said.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect();
    Some(plain.trim().to_owned()).filter(|plain| !plain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_decoded() {
        for (body, expected) in [
            (
                r#"{"errors":[{"code":"DENIED","message":"over the quota"},{"code":"X","message":""}]}"#,
                Some("over the quota; X"),
            ),
            (r#"{"details":"incorrect username or password"}"#, Some("incorrect username or password")),
            (r#"{"error":"invalid_grant","error_description":"it has ended"}"#, Some("it has ended")),
            (
                "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
                Some("Request has expired"),
            ),
            ("<html><body>log in</body></html>", None),
            ("out of\nspirits \u{1b}[31m", Some("out of spirits  [31m")),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(said(body.as_bytes(), false).as_deref(), expected, "{body}");
        }
        assert_eq!(said(b"text", true), None);
    }

    #[test]
    fn a_wait_is_bounded() {
        assert_eq!(wait("8"), Some(Duration::from_secs(8)));
        assert_eq!(wait("1000000"), Some(LONGEST_WAIT));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
    }
}
