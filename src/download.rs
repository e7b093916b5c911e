//! Downloads files from the web.

use std::error::Error;
use std::time::{Duration, Instant};

use url::Url;

use crate::diagnostic::chain;
use crate::{log, tls};

/// How long a server may take to accept the connection.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a whole download may take.
const ALL: Duration = Duration::from_secs(120);

/// The bytes at a URL, which must be `https`, as must every URL that it redirects to.
///
/// # Errors
/// A URL of another scheme, no answer, a status other than success, or more than `limit` bytes.
pub(crate) async fn get(url: &str, limit: u64) -> Result<Vec<u8>, String> {
    if !url.starts_with("https://") {
        return Err(format!("{url} is not an https URL"));
    }
    ask(url, limit).await.map_err(|error| format!("cannot download {url}: {}", chain(&*error)))
}

async fn ask(url: &str, limit: u64) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let tls = tls::client(tls::Trust::default(), None)?;
    let client = reqwest::Client::builder().https_only(true).connect_timeout(CONNECT).timeout(ALL);
    let client = client.tls_backend_preconfigured(tls).build()?;
    let (start, url) = (Instant::now(), Url::parse(url)?);
    let answer = client.get(url.clone()).send().await?;
    let (url, status, ms) = (log::shown(&url), answer.status().as_u16(), log::milliseconds(start));
    tracing::debug!(method = "GET", %url, status, ms, bytes = answer.content_length(), "request");
    let mut answer = answer.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await? {
        bytes.extend_from_slice(&part);
        if bytes.len() as u64 > limit {
            return Err(format!("it has more than {limit} bytes").into());
        }
    }
    Ok(bytes)
}
