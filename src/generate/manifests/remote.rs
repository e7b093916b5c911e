//! Manifests from the web, kept in the build folder by their digest, so that each is asked for once.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::source::{MAX_BYTES, bounded};
use crate::changes::Change;
use crate::image::Digest;

/// How long a server may take to take the connection.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a server may take for all of it.
const ALL: Duration = Duration::from_secs(120);

/// The bytes at an address. They are kept in `target/manifests` of the repository where they have the digest.
pub(super) fn get(url: &str, sha256: &str, root: &Path) -> Result<Vec<u8>, String> {
    if !url.starts_with("https://") {
        return Err(format!("{url} is no https URL"));
    }
    let kept = root.join("target/manifests").join(sha256);
    if let Some(bytes) = File::open(&kept).and_then(bounded).ok().filter(|bytes| Digest::of(bytes).hex() == sha256) {
        return Ok(bytes);
    }
    let bytes = download(url).map_err(|why| format!("{url} cannot be fetched: {why}"))?;
    if Digest::of(&bytes).hex() == sha256 {
        let change = Change { file: kept, old: None, new: Some(bytes.clone()) };
        change.make().map_err(|error| chain(&error))?;
    }
    Ok(bytes)
}

fn download(url: &str) -> Result<Vec<u8>, String> {
    // On a thread of its own, as a runtime cannot be started within another one's.
    let asked = thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| error.to_string())?.block_on(ask(url)).map_err(|error| chain(&*error))
        });
        worker.join()
    });
    asked.unwrap_or_else(|_| Err("the request was given up".to_owned()))
}

async fn ask(url: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    // Whoever set one first has the same in mind.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().https_only(true).connect_timeout(CONNECT).timeout(ALL).build()?;
    let mut answer = client.get(url).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await? {
        bytes.extend_from_slice(&part);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("it has more than {MAX_BYTES} bytes").into());
        }
    }
    Ok(bytes)
}

/// An error with its causes.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(&format!(": {error}"));
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_not_asked_for_again() {
        let root = tempfile::tempdir().unwrap();
        let digest = Digest::of(b"a: 1\n");
        let kept = root.path().join("target/manifests");
        std::fs::create_dir_all(&kept).unwrap();
        std::fs::write(kept.join(digest.hex()), "a: 1\n").unwrap();
        // No server has this name: RFC 6761.
        let url = "https://manifests.invalid/bundle.yaml";
        assert_eq!(get(url, digest.hex(), root.path()).unwrap(), b"a: 1\n");
        // What was changed since is asked for again.
        std::fs::write(kept.join(digest.hex()), "a: 2\n").unwrap();
        let error = get(url, digest.hex(), root.path()).unwrap_err();
        assert!(error.starts_with("https://manifests.invalid/bundle.yaml cannot be fetched: "), "{error}");
    }

    #[test]
    fn plain_http_is_refused() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(get("http://a.invalid/b", "", root.path()).unwrap_err(), "http://a.invalid/b is no https URL");
    }
}
