//! Pulling: a reference to the bundle or the catalog that it names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use oci_distribution::RegistryOperation::Pull;
use serde_json::Value;
use tokio_stream::StreamExt as _;

use super::connection::{Activity, Connection, Failure};
use super::error::{self, Error};
use super::unpack::{Compression, Unpack};
use super::{Client, Reference};
use crate::bundle::{Bundle, MANIFESTS, METADATA};
use crate::files::{self, Scratch};
use crate::image::spec::{Descriptor, Index, Manifest, MediaType};
use crate::image::{CONFIGS_LABEL, Digest, PACKAGE_LABEL, Repository};

/// The most that a configuration takes.
const MAX_CONFIG: u64 = 8 << 20;

/// The label of catalogs before the file-based ones.
const SQLITE_LABEL: &str = "operators.operatorframework.io.index.database.v1";

/// What an image is, by its labels.
#[derive(Debug)]
pub enum Pulled {
    /// A registry+v1 bundle.
    Bundle(PulledBundle),
    /// A file-based catalog.
    Catalog(PulledCatalog),
}

/// A bundle, and the image it came in.
#[derive(Debug)]
pub struct PulledBundle {
    /// The manifests and metadata.
    pub bundle: Bundle,
    /// The image's labels.
    pub labels: BTreeMap<String, String>,
    /// The digest that the reference stood for: a manifest's or an index's.
    pub digest: Digest,
}

/// A catalog, and the image it came in. Its files are removed with it.
#[derive(Debug)]
pub struct PulledCatalog {
    folder: Scratch,
    configs: PathBuf,
    /// The image's labels.
    pub labels: BTreeMap<String, String>,
    /// The digest that the reference stood for: a manifest's or an index's.
    pub digest: Digest,
}

impl PulledCatalog {
    /// The folder of the catalog's files.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(&self.configs)
    }
}

/// The part of an image that says what it is.
struct Head {
    layers: Vec<Descriptor>,
    labels: BTreeMap<String, String>,
    digest: Digest,
}

impl Client {
    /// Pulls what a reference names. Of an image for several platforms, the one for linux/amd64 is taken, or the
    /// first: what is pulled here is the same on all.
    ///
    /// # Errors
    /// A registry that cannot be reached, refuses or fails; an image that is neither a bundle nor a file-based
    /// catalog, is larger than the [`Options`](super::Options) allow, or whose layers cannot be unpacked.
    pub fn pull(&self, reference: &Reference) -> Result<Pulled, Error> {
        let connection = self.connection(&Repository::from(reference))?;
        let about = reference.to_string();
        let head = connection.head(reference, &about)?;
        if let Some(configs) = head.labels.get(CONFIGS_LABEL) {
            let configs = folder(configs).ok_or_else(|| Error::Unsupported {
                reference: about.clone(),
                why: format!("its label {CONFIGS_LABEL} names no folder: {configs:?}"),
            })?;
            let folder = self.unpack(&connection, &about, &head.layers, &[&configs])?;
            if !folder.path().join(&configs).is_dir() {
                let why = format!("its label {CONFIGS_LABEL} names the folder {configs:?}, which it does not have");
                return Err(Error::Unsupported { reference: about, why });
            }
            let configs = configs.into();
            return Ok(Pulled::Catalog(PulledCatalog { folder, configs, labels: head.labels, digest: head.digest }));
        }
        if head.labels.contains_key(PACKAGE_LABEL) {
            let folder = self.unpack(&connection, &about, &head.layers, &[MANIFESTS, METADATA])?;
            let bundle = Bundle::read(folder.path()).map_err(|source| Error::Bundle { reference: about, source })?;
            return Ok(Pulled::Bundle(PulledBundle { bundle, labels: head.labels, digest: head.digest }));
        }
        let why = if head.labels.contains_key(SQLITE_LABEL) {
            "it is an SQLite catalog, which OLM no longer takes; `opm migrate` makes a file-based one of it".to_owned()
        } else {
            format!("it is neither a bundle (label {PACKAGE_LABEL}) nor a file-based catalog (label {CONFIGS_LABEL})")
        };
        Err(Error::Unsupported { reference: about, why })
    }

    /// The labels of an image, without its layers. Of an image for several platforms, those of the one that
    /// [`Self::pull`] takes.
    ///
    /// # Errors
    /// Those of [`Self::pull`] that come before its layers.
    pub fn labels(&self, reference: &Reference) -> Result<BTreeMap<String, String>, Error> {
        let connection = self.connection(&Repository::from(reference))?;
        Ok(connection.head(reference, &reference.to_string())?.labels)
    }

    /// Pulls a bundle.
    ///
    /// # Errors
    /// Those of [`Self::pull`], and an image that is a catalog.
    pub fn pull_bundle(&self, reference: &Reference) -> Result<PulledBundle, Error> {
        match self.pull(reference)? {
            Pulled::Bundle(bundle) => Ok(bundle),
            Pulled::Catalog(_) => Err(wrong_kind(reference, "it is a catalog, and a bundle was asked for")),
        }
    }

    /// Pulls a file-based catalog.
    ///
    /// # Errors
    /// Those of [`Self::pull`], and an image that is a bundle.
    pub fn pull_catalog(&self, reference: &Reference) -> Result<PulledCatalog, Error> {
        match self.pull(reference)? {
            Pulled::Catalog(catalog) => Ok(catalog),
            Pulled::Bundle(_) => Err(wrong_kind(reference, "it is a bundle, and a catalog was asked for")),
        }
    }

    /// Unpacks some folders of an image, layer by layer.
    fn unpack(
        &self,
        connection: &Connection,
        about: &str,
        layers: &[Descriptor],
        folders: &[&str],
    ) -> Result<Scratch, Error> {
        let mut kinds = Vec::new();
        for layer in layers {
            kinds.push(Compression::of(&layer.media_type).ok_or_else(|| Error::Unsupported {
                reference: about.to_owned(),
                why: format!(
                    "its layer {} is of the type {}, gzip or plain tar are known",
                    layer.digest, layer.media_type
                ),
            })?);
        }
        let limit = self.options.max_download;
        let total = layers.iter().try_fold(0, |sum: u64, layer| sum.checked_add(layer.size));
        if total.is_none_or(|total| total > limit) {
            return Err(Error::TooLarge { reference: about.to_owned(), what: "the download", limit });
        }
        let target = files::temporary_folder().map_err(|error| temporary(error, &std::env::temp_dir()))?;
        let mut unpack = Unpack::new(about, target.path(), folders, self.options.max_unpacked);
        for (layer, compression) in layers.iter().zip(kinds) {
            let file = connection.download(layer)?;
            unpack.layer(&layer.digest, file, compression)?;
        }
        Ok(target)
    }
}

impl Connection {
    /// The manifest and the labels of an image.
    fn head(&self, reference: &Reference, about: &str) -> Result<Head, Error> {
        self.enter(Pull)?;
        let (manifest, digest) = self.manifest(reference, about)?;
        let manifest = if manifest.get("manifests").is_some() {
            let index: Index = self.parsed(about, manifest)?;
            let entry = pick(&index).ok_or_else(|| self.error(about, error::Kind::NotFound))?;
            self.manifest(&self.repository.pinned(&entry.digest), &self.about(&entry.digest))?.0
        } else {
            manifest
        };
        if manifest.get("layers").is_none() {
            let why = "its manifest is of a kind that is not known: it lists no layers".to_owned();
            return Err(Error::Unsupported { reference: about.to_owned(), why });
        }
        let Manifest { config, layers, .. } = self.parsed(about, manifest)?;
        if config.size > MAX_CONFIG {
            return Err(Error::TooLarge { reference: about.to_owned(), what: "its configuration", limit: MAX_CONFIG });
        }
        let mut text = Vec::new();
        self.download(&config)?.read_to_end(&mut text).map_err(|error| temporary(error, &std::env::temp_dir()))?;
        let config: Value = serde_json::from_slice(&text).map_err(|error| self.unreadable(about, &error))?;
        let labels = match config.pointer("/config/Labels") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(labels) => self.parsed(about, labels.clone())?,
        };
        Ok(Head { layers, labels, digest })
    }

    fn manifest(&self, reference: &Reference, about: &str) -> Result<(Value, Digest), Error> {
        let types = [MediaType::MANIFEST, MediaType::INDEX, MediaType::DOCKER_MANIFEST, MediaType::DOCKER_LIST];
        let auth = &self.credentials.auth;
        // The crate holds the bytes against the reference's digest and against what the registry says.
        let (bytes, _) =
            self.request(about, Pull, || async { Ok(self.client.pull_manifest_raw(reference, auth, &types).await?) })?;
        let manifest = serde_json::from_slice(&bytes).map_err(|error| self.unreadable(about, &error))?;
        Ok((manifest, Digest::of(&bytes)))
    }

    fn parsed<T: serde::de::DeserializeOwned>(&self, about: &str, value: Value) -> Result<T, Error> {
        serde_json::from_value(value).map_err(|error| self.unreadable(about, &error))
    }

    fn unreadable(&self, about: &str, error: &serde_json::Error) -> Error {
        let why = format!("its manifest or configuration cannot be read: {error}");
        Error::Unsupported { reference: about.to_owned(), why }
    }

    /// A blob in a temporary file, at its start. It has its digest and its size.
    fn download(&self, blob: &Descriptor) -> Result<File, Error> {
        let about = self.about(&blob.digest);
        let reference = self.repository.pinned(&blob.digest);
        let activity = Activity::new(&|_| {});
        let here = |error| Failure::Here(temporary(error, &std::env::temp_dir()));
        self.active_request(&about, Pull, Some(&activity), || async {
            let moved = activity.restart();
            let mut file = tempfile::tempfile().map_err(here)?;
            let mut stream = self.client.pull_blob_stream(&reference, blob.digest.as_str()).await?;
            let mut size = 0;
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|error| Failure::Request(error::stream(&error)))?;
                size += chunk.len() as u64;
                if size > blob.size {
                    break;
                }
                file.write_all(&chunk).map_err(here)?;
                moved.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            }
            if size != blob.size {
                let why = format!("its size is not the {} bytes that its manifest says", blob.size);
                return Err(Failure::Request(error::Kind::Damaged(why)));
            }
            file.rewind().map_err(here)?;
            Ok(file)
        })
    }
}

/// The image to take of several.
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

/// The folder that a label names, as a path within the image. None for the root, and for what leads out.
fn folder(label: &str) -> Option<String> {
    let names: Vec<&str> = label.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    (!names.is_empty() && !names.contains(&"..")).then(|| names.join("/"))
}

fn wrong_kind(reference: &Reference, why: &str) -> Error {
    Error::Unsupported { reference: reference.to_string(), why: why.to_owned() }
}

fn temporary(source: io::Error, path: &Path) -> Error {
    Error::Write { path: path.to_owned(), source }
}
