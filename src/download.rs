//! Files from the web.

use std::error::Error;
use std::time::Duration;

use crate::diagnostic::chain;

/// How long a server may take to take the connection.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a server may take for all of it.
const ALL: Duration = Duration::from_secs(120);

/// The bytes at an address, which must be `https`; so must every address be that it leads on to.
///
/// # Errors
/// An address of another scheme, no answer, another status than success, more than `limit` bytes.
pub(crate) async fn get(url: &str, limit: u64) -> Result<Vec<u8>, String> {
    if !url.starts_with("https://") {
        return Err(format!("{url} is not an https URL"));
    }
    ask(url, limit).await.map_err(|error| format!("{url} cannot be fetched: {}", chain(&*error)))
}

async fn ask(url: &str, limit: u64) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    // Whoever set one first has the same in mind.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().https_only(true).connect_timeout(CONNECT).timeout(ALL);
    let client = if has_no_roots() { client.tls_certs_only(well_known_roots()?) } else { client };
    let client = client.build()?;
    let mut answer = client.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await? {
        bytes.extend_from_slice(&part);
        if bytes.len() as u64 > limit {
            return Err(format!("it has more than {limit} bytes").into());
        }
    }
    Ok(bytes)
}

/// Whether nobody said which certificates are trusted: neither the machine, as in an image that holds one program and
/// nothing else, nor the environment.
fn has_no_roots() -> bool {
    let is_unset = |name| std::env::var_os(name).is_none();
    is_unset("SSL_CERT_FILE") && is_unset("SSL_CERT_DIR") && rustls_native_certs::load_native_certs().certs.is_empty()
}

/// The roots that Mozilla trusts.
fn well_known_roots() -> reqwest::Result<Vec<reqwest::Certificate>> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|root| reqwest::Certificate::from_der(root)).collect()
}
