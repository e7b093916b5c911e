//! Pushing: blobs and manifests by their digests, then the tags.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::ops::AddAssign;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, StatusCode};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::answer::{host, refusal};
use super::connection::{Activity, Connection, Failure, name_of};
use super::error::{Error, Kind};
use super::pull::TYPES;
use super::{Client, Reference};
use crate::image::{Artifact, BadDigest, Blob, Digest, Image, Repository};

/// Called repeatedly while blobs are sent, from several threads, with a blob's digest and the number of its bytes that
/// the registry has.
pub type Progress<'p> = &'p (dyn Fn(&Digest, u64) + Sync);

/// The number of blobs that are sent at once.
const WORKERS: usize = 4;

/// The number of bytes of a blob that are read at once.
const CHUNK: usize = 128 * 1024;

/// The result of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// The blobs and manifests that were sent.
    pub sent: BTreeSet<Digest>,
    /// The blobs and manifests that the registry already had.
    pub skipped: BTreeSet<Digest>,
}

impl Uploaded {
    fn add(&mut self, digests: impl IntoIterator<Item = (Digest, bool)>) {
        for (digest, sent) in digests {
            if sent { &mut self.sent } else { &mut self.skipped }.insert(digest);
        }
    }
}

impl AddAssign for Uploaded {
    /// A blob that was sent first and found later counts as sent.
    fn add_assign(&mut self, later: Self) {
        self.sent.extend(later.sent);
        self.skipped.extend(later.skipped.into_iter().filter(|digest| !self.sent.contains(digest)));
    }
}

impl Client {
    /// Sends the parts of images that a repository does not have: first all layers and configurations, then the
    /// manifests, and then the indexes of several platforms, by their digests. Nothing is tagged; see [`Self::tag`].
    ///
    /// # Errors
    /// A registry that cannot be reached, denies access or fails, and blobs that cannot be read.
    pub fn upload(
        &self,
        repository: &Repository,
        images: &[&dyn Artifact],
        progress: Progress<'_>,
    ) -> Result<Uploaded, Error> {
        let connection = self.connection(repository)?;
        connection.pushes()?;
        let mut seen = BTreeSet::new();
        let parts: Vec<&Blob> =
            images.iter().flat_map(|image| image.blobs()).filter(|blob| seen.insert(blob.digest())).collect();
        let children = images.iter().flat_map(|image| image.images()).map(Image::manifest);
        let manifests: Vec<&Blob> = children.filter(|blob| seen.insert(blob.digest())).collect();
        let indexes: Vec<&Blob> =
            images.iter().map(|image| image.top()).filter(|blob| seen.insert(blob.digest())).collect();
        let mut uploaded = Uploaded::default();
        uploaded.add(parallel(&parts, |blob| {
            let sent = connection.push_blob(blob, progress)?;
            progress(blob.digest(), blob.size());
            Ok((blob.digest().clone(), sent))
        })?);
        // A registry refuses an index whose manifests it does not have.
        for manifests in [manifests, indexes] {
            uploaded.add(parallel(&manifests, |manifest| {
                let reference = connection.repository.pinned(manifest.digest());
                let about = connection.about(manifest.digest());
                let sent = connection.find_manifest(&reference, &about)?.is_none();
                if sent {
                    connection.push_manifest(&reference, &about, manifest)?;
                }
                Ok((manifest.digest().clone(), sent))
            })?);
        }
        Ok(uploaded)
    }

    /// Tags images. The images must be uploaded: see [`Self::upload`]. Returns for each the image that had its tag
    /// before, which may be the same.
    ///
    /// # Errors
    /// Those of [`Self::upload`], and a registry that afterwards reports another image for a tag.
    pub fn tag(&self, repository: &Repository, images: &[(&dyn Artifact, &str)]) -> Result<Vec<Option<Digest>>, Error> {
        let connection = self.connection(repository)?;
        connection.pushes()?;
        parallel(images, |(image, tag)| connection.tag(image.top(), tag))
    }

    /// Whether a repository has an image.
    ///
    /// # Errors
    /// A registry that cannot be reached, denies access or fails.
    pub fn has(&self, repository: &Repository, digest: &Digest) -> Result<bool, Error> {
        let connection = self.connection(repository)?;
        let about = connection.about(digest);
        Ok(connection.find_manifest(&connection.repository.pinned(digest), &about)?.is_some())
    }
}

impl Connection {
    /// Sends a blob, unless it already exists. Returns whether it was sent.
    fn push_blob(&self, blob: &Blob, progress: Progress<'_>) -> Result<bool, Error> {
        let about = self.about(blob.digest());
        let digest = blob.digest().as_str();
        let is_there = self.request(&about, || async {
            let session = self.session().await?;
            let url = session.url(&format!("blobs/{digest}"))?;
            let (url, answer) = session.follow(Method::HEAD, url, |request| request).await?;
            match answer.status() {
                StatusCode::NOT_FOUND => Ok(false),
                status if status.is_success() => Ok(true),
                _ => Err(refusal(&url, answer, true).await),
            }
        })?;
        if is_there {
            return Ok(false);
        }
        blob.verify()?;
        let report = |bytes| progress(blob.digest(), bytes);
        let activity = Activity::new(&report);
        self.active_request(&about, Some(&activity), None, || async {
            let session = self.session().await?;
            let url = session.url("blobs/uploads/")?;
            let answer = session.ask(Method::POST, &url, |request| request.header(CONTENT_LENGTH, 0)).await?;
            if !answer.status().is_success() {
                return Err(self.not_stored(&about, refusal(&url, answer, true).await));
            }
            // One request with all bytes, which every registry supports. Not all support chunks.
            let mut place = session.location(&url, &answer)?;
            place.query_pairs_mut().append_pair("digest", digest);
            let sent = session.ask(Method::PUT, &place, |request| {
                let body = Body::wrap_stream(stream(blob.clone(), activity.restart()));
                let request = request.header(CONTENT_LENGTH, blob.size());
                request.header(CONTENT_TYPE, "application/octet-stream").body(body)
            });
            let answer = sent.await?;
            match answer.status().is_success() {
                true => Ok(()),
                false => Err(self.not_stored(&about, refusal(&place, answer, host(&place) == host(&url)).await)),
            }
        })?;
        Ok(true)
    }

    /// A missing repository is not the same as a missing image.
    fn not_stored(&self, about: &str, failure: Failure) -> Failure {
        match failure {
            Failure::Request(Kind::NotFound(message)) => Failure::Here(Error::NoRepository {
                registry: self.repository.registry().to_owned(),
                reference: about.to_owned(),
                message,
            }),
            other => other,
        }
    }

    fn tag(&self, manifest: &Blob, tag: &str) -> Result<Option<Digest>, Error> {
        let reference = self.repository.tagged(tag);
        let about = reference.to_string();
        let before = self.find_manifest(&reference, &about)?;
        if before.as_ref() == Some(manifest.digest()) {
            return Ok(before);
        }
        self.push_manifest(&reference, &about, manifest)?;
        match self.find_manifest(&reference, &about)? {
            Some(after) if after == *manifest.digest() => Ok(before),
            after => {
                let after = after.map_or("nothing".to_owned(), |digest| digest.to_string());
                let why = format!("it was pushed as {}, but the registry now has {after}", manifest.digest());
                Err(Error::Damaged { reference: about, why })
            }
        }
    }

    /// The digest of a manifest, if it exists.
    fn find_manifest(&self, reference: &Reference, about: &str) -> Result<Option<Digest>, Error> {
        let found = self.request(about, || async {
            let session = self.session().await?;
            let url = session.url(&format!("manifests/{}", name_of(reference)))?;
            let accept = TYPES.join(", ");
            let (url, answer) = session.follow(Method::HEAD, url, |request| request.header(ACCEPT, &accept)).await?;
            match answer.status() {
                StatusCode::NOT_FOUND => Ok(None),
                status if status.is_success() => {
                    let digest = answer.headers().get("docker-content-digest").and_then(|value| value.to_str().ok());
                    Ok(Some(digest.map(str::to_owned)))
                }
                _ => Err(refusal(&url, answer, true).await),
            }
        })?;
        match found {
            None => Ok(None),
            Some(Some(digest)) => {
                digest.parse().map(Some).map_err(|error: BadDigest| self.error(about, Kind::Damaged(error.to_string())))
            }
            // Not every registry returns the digest without the manifest.
            Some(None) => Ok(Some(self.manifest(reference, about, None)?.1)),
        }
    }

    fn push_manifest(&self, reference: &Reference, about: &str, manifest: &Blob) -> Result<(), Error> {
        let bytes = manifest.bytes()?;
        self.request(about, || async {
            let session = self.session().await?;
            let url = session.url(&format!("manifests/{}", name_of(reference)))?;
            let put = session.ask(Method::PUT, &url, |request| {
                request.header(CONTENT_TYPE, &manifest.descriptor().media_type).body(bytes.clone())
            });
            let answer = put.await?;
            match answer.status().is_success() {
                true => Ok(()),
                false => Err(self.not_stored(about, refusal(&url, answer, true).await)),
            }
        })
    }
}

/// A blob's bytes as a request body. They are read while they are sent, and counted.
fn stream(blob: Blob, moved: Arc<AtomicU64>) -> ReceiverStream<io::Result<Bytes>> {
    let (send, receive) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let failed = io::Error::other;
        let mut reader = match blob.open() {
            Ok(reader) => reader,
            Err(error) => return drop(send.blocking_send(Err(failed(error)))),
        };
        loop {
            let mut chunk = vec![0; CHUNK];
            let read = match reader.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => read,
                Err(error) => return drop(send.blocking_send(Err(error))),
            };
            chunk.truncate(read);
            // Nobody reads any more: the request has ended.
            if send.blocking_send(Ok(chunk.into())).is_err() {
                return;
            }
            moved.fetch_add(read as u64, Ordering::Relaxed);
        }
    });
    ReceiverStream::new(receive)
}

/// Works on several items at once. After a failure no new item is started.
fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Result<R, Error> + Sync) -> Result<Vec<R>, Error> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS.min(items.len()) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { return };
                    let result = work(item);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((i, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}
