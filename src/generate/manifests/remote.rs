//! Manifests from the web, cached in the build folder by their digest, so that each is downloaded once.

use std::path::Path;

use super::source::bounded;
use crate::changes::Change;
use crate::diagnostic::chain;
use crate::digest::Digest;
use crate::files;

/// The bytes at a URL. They are cached in `target/manifests` of the repository if they have the expected digest.
pub(super) fn get(url: &str, sha256: &str, root: &Path) -> Result<Vec<u8>, String> {
    check(url)?;
    let kept = root.join("target/manifests").join(sha256);
    if let Some(bytes) = files::open(&kept).and_then(bounded).ok().filter(|bytes| Digest::of(bytes).hex() == sha256) {
        return Ok(bytes);
    }
    let bytes = fetch(url)?;
    if Digest::of(&bytes).hex() == sha256 {
        keep(&bytes, root)?;
    }
    Ok(bytes)
}

/// Caches the bytes of a URL.
pub(in crate::generate) fn keep(bytes: &[u8], root: &Path) -> Result<(), String> {
    let kept = root.join("target/manifests").join(Digest::of(bytes).hex());
    Change::new_file(root, kept, bytes.to_vec()).make().map_err(|error| chain(&error))
}

fn check(url: &str) -> Result<(), String> {
    if url.starts_with("https://") { Ok(()) } else { Err(format!("{url} is not an https URL")) }
}

/// The bytes at a URL, without a check.
pub(in crate::generate) fn fetch(url: &str) -> Result<Vec<u8>, String> {
    check(url)?;
    download(url)
}

#[cfg(not(feature = "registry"))]
fn download(url: &str) -> Result<Vec<u8>, String> {
    Err(format!("cannot download {url}: this program was built without the feature `registry`"))
}

#[cfg(feature = "registry")]
fn download(url: &str) -> Result<Vec<u8>, String> {
    use std::thread;

    use crate::download;
    use crate::limits::MANIFEST_BYTES;

    // On a separate thread, because a runtime cannot be started within another one.
    let asked = thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| error.to_string())?.block_on(download::get(url, MANIFEST_BYTES.get()))
        });
        worker.join()
    });
    asked.unwrap_or_else(|_| Err(format!("cannot download {url}: the request was canceled")))
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
        // A changed file is downloaded again.
        std::fs::write(kept.join(digest.hex()), "a: 2\n").unwrap();
        let error = get(url, digest.hex(), root.path()).unwrap_err();
        assert!(error.starts_with("cannot download https://manifests.invalid/bundle.yaml: "), "{error}");
    }

    #[test]
    fn plain_http_is_refused() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(get("http://a.invalid/b", "", root.path()).unwrap_err(), "http://a.invalid/b is not an https URL");
    }
}
