//! Pulls the bundle or the catalog that a reference names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::header::ACCEPT;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::answer::{body, host, is_type, refusal, unanswered};
use super::connection::{Activity, Connection, Failure, name_of};
use super::error::{self, Error};
use super::unpack::Unpack;
use super::{Client, Reference};
use crate::bundle::{Bundle, MANIFESTS, METADATA};
use crate::files::{self, Scratch};
use crate::image::spec::{Descriptor, Index, Manifest, MediaType};
use crate::image::{CONFIGS_LABEL, Digest, Hashing, PACKAGE_LABEL, Repository};
use crate::limits::{
    CACHE_BYTES, IMAGE_CONFIG, IMAGE_LAYERS, IMAGE_MANIFEST, IMAGE_ROUNDS, IMAGE_SECONDS, NESTED_INDEXES,
};

/// The media types of manifests and indexes.
pub(super) const TYPES: [&str; 4] =
    [MediaType::MANIFEST, MediaType::INDEX, MediaType::DOCKER_MANIFEST, MediaType::DOCKER_LIST];

/// The label of SQLite catalogs, which came before file-based catalogs.
const SQLITE_LABEL: &str = "operators.operatorframework.io.index.database.v1";

/// The kind of an image, by its labels.
#[derive(Debug)]
pub enum Pulled {
    /// A registry+v1 bundle.
    Bundle(PulledBundle),
    /// A file-based catalog.
    Catalog(PulledCatalog),
}

/// A bundle, with facts of its image.
#[derive(Debug)]
pub struct PulledBundle {
    /// The manifests and metadata.
    pub bundle: Bundle,
    /// The image's labels.
    pub labels: BTreeMap<String, String>,
    /// The digest that the reference resolved to: of a manifest or an index.
    pub digest: Digest,
}

/// A catalog, with facts of its image. Its files are removed when it is dropped.
#[derive(Debug)]
pub struct PulledCatalog {
    folder: Scratch,
    configs: PathBuf,
    /// The image's labels.
    pub labels: BTreeMap<String, String>,
    /// The digest that the reference resolved to: of a manifest or an index.
    pub digest: Digest,
}

impl PulledCatalog {
    /// The folder of the catalog's files.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(&self.configs)
    }
}

/// The facts of an image that identify its contents.
struct Head {
    layers: Vec<Descriptor>,
    labels: BTreeMap<String, String>,
    digest: Digest,
}

impl Client {
    /// Pulls what a reference names. Of an image for several platforms, the one for linux/amd64 is used, or the first:
    /// the relevant contents are the same on all.
    ///
    /// # Errors
    /// A registry that cannot be reached, denies access or fails; an image that is neither a bundle nor a file-based
    /// catalog, is larger than the [`Options`](super::Options) allow, or whose layers cannot be unpacked.
    pub fn pull(&self, reference: &Reference) -> Result<Pulled, Error> {
        let connection = self.connection(&Repository::from(reference))?;
        let about = reference.to_string();
        let until = until();
        let head = connection.head(reference, &about, until)?;
        if let Some(configs) = head.labels.get(CONFIGS_LABEL) {
            let configs = folder(configs).ok_or_else(|| Error::Unsupported {
                reference: about.clone(),
                why: format!("its label {CONFIGS_LABEL} names no folder: {configs:?}"),
            })?;
            let folder = self.unpack(&connection, &about, &head.layers, &[&configs], until)?;
            if !folder.path().join(&configs).is_dir() {
                let why =
                    format!("its label {CONFIGS_LABEL} names the folder {configs:?}, which the image does not have");
                return Err(Error::Unsupported { reference: about, why });
            }
            let configs = configs.into();
            return Ok(Pulled::Catalog(PulledCatalog { folder, configs, labels: head.labels, digest: head.digest }));
        }
        if head.labels.contains_key(PACKAGE_LABEL) {
            let folder = self.unpack(&connection, &about, &head.layers, &[MANIFESTS, METADATA], until)?;
            let bundle = Bundle::read(folder.path());
            let bundle =
                bundle.map_err(|error| Error::Bundle { reference: about, source: error.within(folder.path()) })?;
            return Ok(Pulled::Bundle(PulledBundle { bundle, labels: head.labels, digest: head.digest }));
        }
        let why = if head.labels.contains_key(SQLITE_LABEL) {
            "it is an SQLite catalog, which OLM no longer supports; `opm migrate` converts it to a file-based catalog"
                .to_owned()
        } else {
            format!("it is neither a bundle (label {PACKAGE_LABEL}) nor a file-based catalog (label {CONFIGS_LABEL})")
        };
        Err(Error::Unsupported { reference: about, why })
    }

    /// The labels of an image, without its layers. Of an image for several platforms, those of the one that
    /// [`Self::pull`] uses.
    ///
    /// # Errors
    /// Those of [`Self::pull`] that come before its layers.
    pub fn labels(&self, reference: &Reference) -> Result<BTreeMap<String, String>, Error> {
        let connection = self.connection(&Repository::from(reference))?;
        Ok(connection.head(reference, &reference.to_string(), until())?.labels)
    }

    /// Pulls a bundle.
    ///
    /// # Errors
    /// Those of [`Self::pull`], and an image that is a catalog.
    pub fn pull_bundle(&self, reference: &Reference) -> Result<PulledBundle, Error> {
        match self.pull(reference)? {
            Pulled::Bundle(bundle) => Ok(bundle),
            Pulled::Catalog(_) => Err(wrong_kind(reference, "it is a catalog, but a bundle is needed here")),
        }
    }

    /// Pulls a file-based catalog.
    ///
    /// # Errors
    /// Those of [`Self::pull`], and an image that is a bundle.
    pub fn pull_catalog(&self, reference: &Reference) -> Result<PulledCatalog, Error> {
        match self.pull(reference)? {
            Pulled::Catalog(catalog) => Ok(catalog),
            Pulled::Bundle(_) => Err(wrong_kind(reference, "it is a bundle, but a catalog is needed here")),
        }
    }

    /// Unpacks some folders of an image, layer by layer. If links lead out of them, unpacks again, including their
    /// targets.
    fn unpack(
        &self,
        connection: &Connection,
        about: &str,
        layers: &[Descriptor],
        folders: &[&str],
        until: Option<Instant>,
    ) -> Result<Scratch, Error> {
        if layers.len() > IMAGE_LAYERS {
            let why = format!("it has {} layers; at most {IMAGE_LAYERS} are supported", layers.len());
            return Err(Error::Unsupported { reference: about.to_owned(), why });
        }
        let limit = self.options.max_download;
        let total = layers.iter().try_fold(0, |sum: u64, layer| sum.checked_add(layer.size));
        if total.is_none_or(|total| total > limit) {
            return Err(Error::TooLarge { reference: about.to_owned(), what: "the download", limit });
        }
        let unread = |error| temporary(error, &std::env::temp_dir());
        let mut target = files::temporary_folder().map_err(unread)?;
        let layer = |layer| Ok((layer, connection.download(layer, until)?));
        let mut layers: Vec<(&Descriptor, File)> = layers.iter().map(layer).collect::<Result<_, Error>>()?;
        let mut beyond = BTreeSet::new();
        for _ in 0..IMAGE_ROUNDS {
            let mut unpack = Unpack::new(about, target.path(), folders, &beyond, self.options.max_unpacked);
            for (layer, file) in &mut layers {
                file.rewind().map_err(unread)?;
                unpack.layer(&layer.digest, file)?;
            }
            let missing = unpack.finish()?;
            if missing.is_empty() {
                return Ok(target);
            }
            beyond.extend(missing);
            target = files::temporary_folder().map_err(unread)?;
        }
        let why = format!("it has links that lead to links in more than {IMAGE_ROUNDS} folders, one after another");
        Err(Error::Unsupported { reference: about.to_owned(), why })
    }
}

impl Connection {
    /// The manifest and the labels of an image.
    fn head(&self, reference: &Reference, about: &str, until: Option<Instant>) -> Result<Head, Error> {
        let (mut manifest, digest) = self.cached_manifest(reference, about, until)?;
        for depth in 0.. {
            if manifest.get("manifests").is_none() {
                break;
            }
            let index: Index = self.parsed(about, manifest)?;
            let entry = pick(&index).filter(|_| depth < NESTED_INDEXES).ok_or_else(|| Error::Unsupported {
                reference: about.to_owned(),
                why: "its index lists no image for linux".to_owned(),
            })?;
            let pinned = self.repository.pinned(&entry.digest);
            manifest = self.cached_manifest(&pinned, &self.about(&entry.digest), until)?.0;
        }
        if manifest.get("layers").is_none() {
            let why = "its manifest has an unknown format: it lists no layers".to_owned();
            return Err(Error::Unsupported { reference: about.to_owned(), why });
        }
        let Manifest { config, layers, .. } = self.parsed(about, manifest)?;
        if config.size > IMAGE_CONFIG {
            return Err(Error::TooLarge {
                reference: about.to_owned(),
                what: "its configuration",
                limit: IMAGE_CONFIG,
            });
        }
        let mut text = Vec::new();
        self.download(&config, until)?
            .read_to_end(&mut text)
            .map_err(|error| temporary(error, &std::env::temp_dir()))?;
        let config: Value = serde_json::from_slice(&text).map_err(|error| self.unreadable(about, &error))?;
        let labels = match config.pointer("/config/Labels") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(labels) => self.parsed(about, labels.clone())?,
        };
        Ok(Head { layers, labels, digest })
    }

    /// The same as [`Self::manifest`], from the cache if it is there. The registry is asked only for the digest of a tag.
    pub(super) fn cached_manifest(
        &self,
        reference: &Reference,
        about: &str,
        until: Option<Instant>,
    ) -> Result<(Value, Digest), Error> {
        let Some(cache) = &self.cache else { return self.manifest(reference, about, until) };
        let digest = match &reference.digest {
            Some(digest) => digest.parse().ok(),
            None => self.tagged(reference, about, until)?,
        };
        let Some(digest) = digest else { return self.manifest(reference, about, until) };
        if let Some(bytes) = cache.bytes(&digest, IMAGE_MANIFEST)
            && let Ok(manifest) = serde_json::from_slice(&bytes)
        {
            return Ok((manifest, digest));
        }
        let bytes = self.manifest_bytes(&self.repository.pinned(&digest), about, until)?;
        cache.put(&digest, &mut bytes.as_slice());
        let manifest = serde_json::from_slice(&bytes).map_err(|error| self.unreadable(about, &error))?;
        Ok((manifest, digest))
    }

    /// The digest of a tag. `None` if the registry does not tell it without the manifest, or refuses: then the answer
    /// to the request for the manifest says why.
    fn tagged(&self, reference: &Reference, about: &str, until: Option<Instant>) -> Result<Option<Digest>, Error> {
        self.active_request(about, None, until, || async {
            let session = self.session().await?;
            let url = session.url(&format!("manifests/{}", name_of(reference)))?;
            let accept = TYPES.join(", ");
            let asked = session.follow(Method::HEAD, url, |request| request.header(ACCEPT, &accept)).await;
            let (url, answer) = match asked {
                Err(Failure::Request(error::Kind::Unauthorized { .. })) => return Ok(None),
                asked => asked?,
            };
            if answer.status().is_server_error() || answer.status() == StatusCode::TOO_MANY_REQUESTS {
                return Err(refusal(&url, answer, true).await);
            }
            let digest = answer.headers().get("docker-content-digest").and_then(|value| value.to_str().ok());
            Ok(digest.filter(|_| answer.status().is_success()).and_then(|digest| digest.parse().ok()))
        })
    }

    /// A manifest or an index with its digest, which must be the reference's if that has one.
    pub(super) fn manifest(
        &self,
        reference: &Reference,
        about: &str,
        until: Option<Instant>,
    ) -> Result<(Value, Digest), Error> {
        let bytes = self.manifest_bytes(reference, about, until)?;
        let manifest = serde_json::from_slice(&bytes).map_err(|error| self.unreadable(about, &error))?;
        Ok((manifest, Digest::of(&bytes)))
    }

    fn manifest_bytes(&self, reference: &Reference, about: &str, until: Option<Instant>) -> Result<Vec<u8>, Error> {
        self.active_request(about, None, until, || async {
            let session = self.session().await?;
            let url = session.url(&format!("manifests/{}", name_of(reference)))?;
            let accept = TYPES.join(", ");
            let (url, answer) = session.follow(Method::GET, url, |request| request.header(ACCEPT, &accept)).await?;
            if !answer.status().is_success() {
                return Err(refusal(&url, answer, true).await);
            }
            if is_type(&answer, "html") {
                let message = format!("{} answered with a web page instead of a manifest", host(&url));
                return Err(Failure::Request(error::Kind::Other(message)));
            }
            let said = answer.headers().get("docker-content-digest").and_then(|value| value.to_str().ok());
            let said = said.filter(|said| said.starts_with("sha256:")).map(str::to_owned);
            let bytes = body(&url, answer, IMAGE_MANIFEST).await?;
            let digest = Digest::of(&bytes);
            for wanted in reference.digest.iter().chain(&said) {
                if wanted != digest.as_str() {
                    let why = format!("its digest is {digest}, not {wanted}");
                    return Err(Failure::Request(error::Kind::Damaged(why)));
                }
            }
            Ok(bytes)
        })
    }

    pub(super) fn parsed<T: serde::de::DeserializeOwned>(&self, about: &str, value: Value) -> Result<T, Error> {
        serde_json::from_value(value).map_err(|error| self.unreadable(about, &error))
    }

    fn unreadable(&self, about: &str, error: &serde_json::Error) -> Error {
        let why = format!("its manifest or configuration cannot be read: {error}");
        Error::Unsupported { reference: about.to_owned(), why }
    }

    /// A blob in a file, from the cache if it is there, positioned at the start. Its digest and size are checked.
    pub(super) fn download(&self, blob: &Descriptor, until: Option<Instant>) -> Result<File, Error> {
        let Some(cache) = &self.cache else { return self.pull_blob(blob, until) };
        let is_whole = |file: &File| file.metadata().is_ok_and(|data| data.len() == blob.size);
        if let Some(file) = cache.get(&blob.digest).filter(is_whole) {
            return Ok(file);
        }
        let mut file = self.pull_blob(blob, until)?;
        if blob.size <= CACHE_BYTES.get() {
            cache.put(&blob.digest, &mut file);
            file.rewind().map_err(|error| temporary(error, &std::env::temp_dir()))?;
        }
        Ok(file)
    }

    /// A blob in a temporary file.
    fn pull_blob(&self, blob: &Descriptor, until: Option<Instant>) -> Result<File, Error> {
        let about = self.about(&blob.digest);
        let activity = Activity::new(&|_| {});
        let here = |error| Failure::Here(temporary(error, &std::env::temp_dir()));
        let damaged = |why: String| Failure::Request(error::Kind::Damaged(why));
        self.active_request(&about, Some(&activity), until, || async {
            let moved = activity.restart();
            let mut file = Hashing::new(tempfile::tempfile().map_err(here)?);
            let session = self.session().await?;
            let url = session.url(&format!("blobs/{}", blob.digest))?;
            let own = host(&url);
            let (url, mut answer) = session.follow(Method::GET, url, |request| request).await?;
            if !answer.status().is_success() {
                return Err(refusal(&url, answer, host(&url) == own).await);
            }
            let mut size = 0;
            while let Some(chunk) = answer.chunk().await.map_err(|error| unanswered(&url, &error))? {
                size += chunk.len() as u64;
                if size > blob.size {
                    break;
                }
                file.write_all(&chunk).map_err(here)?;
                moved.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                self.received.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            }
            if size != blob.size {
                return Err(damaged(format!("its size differs from the {} bytes in its manifest", blob.size)));
            }
            let (mut file, digest, _) = file.finish();
            if digest != blob.digest {
                return Err(damaged(format!("its digest is {digest}")));
            }
            file.rewind().map_err(here)?;
            Ok(file)
        })
    }
}

/// The deadline of an image whose pull starts now.
pub(super) fn until() -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs(IMAGE_SECONDS.get()))
}

/// The image to use of several.
fn pick(index: &Index) -> Option<&Descriptor> {
    let on = |entry: &&Descriptor, os: &str, architecture: Option<&str>| {
        let platform = entry.platform.as_ref();
        platform.is_some_and(|it| it.os == os && architecture.is_none_or(|wanted| it.architecture == wanted))
    };
    let entries = &index.manifests;
    entries
        .iter()
        .find(|entry| on(entry, "linux", Some("amd64")))
        .or_else(|| entries.iter().find(|entry| on(entry, "linux", None)))
        .or_else(|| entries.iter().find(|entry| entry.platform.is_none()))
}

/// The folder that a label names, as a path within the image. `None` for the root, and for paths that lead out of the
/// image.
fn folder(label: &str) -> Option<String> {
    let names: Vec<&str> = label.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    (!names.is_empty() && !names.contains(&"..")).then(|| names.join("/"))
}

fn wrong_kind(reference: &Reference, why: &str) -> Error {
    Error::Unsupported { reference: reference.to_string(), why: why.to_owned() }
}

pub(super) fn temporary(source: io::Error, path: &Path) -> Error {
    Error::Write { path: path.to_owned(), source }
}
