//! OLM's release manifests: from the web or a folder, checked against pinned digests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::download;
use crate::files;
use crate::image::Digest;
use crate::install::error::Error;
use crate::yaml;

/// The release that is installed by default.
pub const VERSION: &str = "0.28.0";
/// Its files with their SHA-256, in the order in which they are applied.
pub const FILES: [(&str, &str); 2] = [
    ("crds.yaml", "bac6ac8812e4113675a0c5b47c2ea53250c5736179e0072fb65dcf9355a88341"),
    ("olm.yaml", "08be45b5a68461e7320020d6d33db09fd17e44858db2b7422ea1b9777c2a3919"),
];
/// The catalog of community operators in the release. It is large and not needed, and if it cannot be pulled, no
/// Subscription of the cluster is resolved any more.
const COMMUNITY: (&str, &str) = ("CatalogSource", "operatorhubio-catalog");
/// The size limit of a file.
const MAX_BYTES: u64 = 16 << 20;

/// The source of OLM's manifests.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// A folder with the files. The default is the release's page.
    pub folder: Option<PathBuf>,
    /// Digests that replace the pinned ones, by file: for another release, or a changed file.
    pub sha256: BTreeMap<String, String>,
    /// Whether the catalog of community operators is installed too.
    pub community: bool,
}

/// OLM's objects, in the order in which they are applied.
#[derive(Clone, Debug)]
pub struct Manifests {
    /// The CustomResourceDefinitions.
    pub definitions: Vec<Value>,
    /// Everything else.
    pub objects: Vec<Value>,
    /// The version that they install.
    pub version: String,
}

impl Source {
    /// Reads the manifests.
    ///
    /// # Errors
    /// A file that is not available, has another digest, or is not one of OLM's.
    pub async fn read(&self) -> Result<Manifests, Error> {
        let mut all = Vec::new();
        for (file, pinned) in FILES {
            let (from, bytes) = match &self.folder {
                Some(folder) => local(&folder.join(file))?,
                None => {
                    let url = url(file);
                    let bytes = download::get(&url, MAX_BYTES).await.map_err(Error::Manifests)?;
                    (url, bytes)
                }
            };
            let wanted = self.sha256.get(file).map_or(pinned, String::as_str);
            let found = Digest::of(&bytes);
            if found.hex() != wanted {
                return Err(Error::Manifests(format!(
                    "{from} has sha256 {}, expected {wanted}; if the file is right, pass --olm-sha256 {file}={}",
                    found.hex(),
                    found.hex()
                )));
            }
            let text = String::from_utf8(bytes).map_err(|_| Error::Manifests(format!("{from} is not UTF-8")))?;
            let documents = yaml::read(&text).map_err(|error| Error::Manifests(format!("{from}: {error}")))?;
            all.extend(documents.into_iter().map(|document| document.value).filter(|value| !value.is_null()));
        }
        Manifests::new(all, self.community)
    }
}

impl Manifests {
    fn new(all: Vec<Value>, community: bool) -> Result<Self, Error> {
        let (definitions, mut objects): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|object| object["kind"] == "CustomResourceDefinition");
        let version = objects
            .iter()
            .find(|object| object["kind"] == "ClusterServiceVersion" && object["metadata"]["name"] == "packageserver")
            .and_then(|server| server["spec"]["version"].as_str())
            .ok_or_else(|| Error::Manifests("they contain no ClusterServiceVersion packageserver".into()))?
            .trim_start_matches('v')
            .to_owned();
        objects.retain(|object| {
            community || (&object["kind"], &object["metadata"]["name"]) != (&COMMUNITY.0.into(), &COMMUNITY.1.into())
        });
        Ok(Self { definitions, objects, version })
    }

    /// The namespace that OLM runs in.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        let operator = self.objects.iter().find(|object| object["kind"] == "Deployment")?;
        operator["metadata"]["namespace"].as_str()
    }
}

fn url(file: &str) -> String {
    format!("https://github.com/operator-framework/operator-lifecycle-manager/releases/download/v{VERSION}/{file}")
}

fn local(path: &Path) -> Result<(String, Vec<u8>), Error> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    Ok((path.display().to_string(), files::read_small(path, MAX_BYTES).map_err(failed)?))
}
