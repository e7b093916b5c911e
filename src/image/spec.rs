//! The JSON of OCI images: descriptors, manifests, indexes and configurations.
//!
//! Only the fields that this project writes or reads. The order of fields affects the hashed bytes.
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md> and its neighbours.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Digest;

/// The media types of OCI images, and those of Docker's older format, which mean the same.
pub struct MediaType;

impl MediaType {
    /// An image's manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// A list of manifests, one for each platform.
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// An image's configuration.
    pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// A layer: a tar archive.
    pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
    /// A layer: a tar archive, compressed with gzip.
    pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    /// Docker's manifest.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// Docker's index.
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// Docker's layer: a tar archive.
    pub const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";
    /// Docker's layer: a tar archive, compressed with gzip.
    pub const DOCKER_LAYER_GZIP: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
}

/// Annotations that the OCI specification names.
pub mod annotation {
    /// The name of an image in a layout, which is its tag.
    pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
    /// The title of an image.
    pub const TITLE: &str = "org.opencontainers.image.title";
    /// The version of the contents of an image.
    pub const VERSION: &str = "org.opencontainers.image.version";
}

/// A blob's type, digest and size in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Its media type.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The platform that a manifest is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Further facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
}

impl Descriptor {
    /// An annotation's value.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str)
    }
}

/// The platform of an image, by Go's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// The architecture, such as `amd64`.
    pub architecture: String,
    /// The operating system, such as `linux`.
    pub os: String,
}

/// An image's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// Its own media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, the lowest first.
    pub layers: Vec<Descriptor>,
}

impl Manifest {
    /// A manifest of a configuration and layers.
    #[must_use]
    pub fn new(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self { schema_version: 2, media_type: Some(MediaType::MANIFEST.into()), config, layers }
    }
}

/// A list of manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Always 2.
    pub schema_version: u32,
    /// Its own media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The manifests.
    pub manifests: Vec<Descriptor>,
}

impl Index {
    /// An index of manifests.
    #[must_use]
    pub fn new(manifests: Vec<Descriptor>) -> Self {
        Self { schema_version: 2, media_type: Some(MediaType::INDEX.into()), manifests }
    }
}

/// An image's configuration. It is read back only if this project wrote it, so that nothing in it can get lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageConfig {
    /// The creation time, always [`EPOCH`]: the time of a build is not a property of the result.
    pub created: String,
    /// The architecture, by Go's name.
    pub architecture: String,
    /// The operating system, by Go's name.
    pub os: String,
    /// How to run it.
    pub config: Run,
    /// The layers.
    pub rootfs: RootFs,
}

/// 1970, the creation time of reproducible images.
pub const EPOCH: &str = "1970-01-01T00:00:00Z";

impl ImageConfig {
    /// A configuration for Linux on an architecture.
    #[must_use]
    pub fn linux(architecture: &str, config: Run) -> Self {
        let (architecture, os) = (architecture.to_owned(), "linux".to_owned());
        Self { created: EPOCH.to_owned(), architecture, os, config, rootfs: RootFs::of([]) }
    }
}

/// How to run an image, and its labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Run {
    /// The numeric user and group. Empty: root.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// The ports it listens on, such as `50051/tcp`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exposed_ports: BTreeMap<String, Empty>,
    /// The environment, `NAME=value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// The program and its first arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// The default arguments, which can be replaced when it is run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cmd: Vec<String>,
    /// The folder it starts in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// The labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// `{}`, the value in Go's sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// The layers of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootFs {
    /// Always `layers`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The digests of the layers before compression, the lowest first.
    pub diff_ids: Vec<Digest>,
}

impl RootFs {
    /// A list of layers.
    pub fn of(diff_ids: impl IntoIterator<Item = Digest>) -> Self {
        Self { kind: "layers".to_owned(), diff_ids: diff_ids.into_iter().collect() }
    }
}

/// The ports of [`Run::exposed_ports`].
pub fn ports(ports: impl IntoIterator<Item = u16>) -> BTreeMap<String, Empty> {
    let ports: BTreeSet<u16> = ports.into_iter().collect();
    ports.into_iter().map(|port| (format!("{port}/tcp"), Empty {})).collect()
}
