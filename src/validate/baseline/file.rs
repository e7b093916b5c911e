//! The file of a baseline.

use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files;
use crate::limits::FILE_BYTES;
use crate::yaml;

/// The version of the format.
const VERSION: u32 = 1;

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be read.
    #[error("cannot read the baseline {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not a baseline.
    #[error("{} is not a baseline: {why}; `catalog validate --write-baseline` writes one", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A later version of this program wrote it.
    #[error("the baseline {} has version {version}, and this program reads version {VERSION}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

/// The known findings. `catalog validate --write-baseline` writes the file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The version of the format: 1.
    version: u32,
    /// The findings, sorted.
    findings: Vec<Entry>,
}

/// One known finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file, relative to the baseline's folder. For a file outside that folder, the path given to the command; for
    /// an image, its name and the file in it.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// The part of the file, by the names of its parents, and its value. Omitted if it is the whole file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The message of the finding. It distinguishes findings only if there is no `about`.
    pub message: String,
}

impl Entry {
    /// What distinguishes it from other findings.
    pub(super) fn key(&self) -> (&str, &str, &str) {
        let about = if self.about.is_empty() { &self.message } else { &self.about };
        (&self.file, &self.rule, about)
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let text = files::read_text(path, &FILE_BYTES).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let bad = |why: String| Error::Bad { path: path.to_owned(), why };
    let value = yaml::read_one(&text).map_err(|error| bad(error.to_string()))?;
    match value["version"].as_u64().and_then(|version| u32::try_from(version).ok()) {
        Some(version) if version > VERSION => Err(Error::Version { path: path.to_owned(), version }),
        _ => serde_json::from_value::<File>(value).map(|file| file.findings).map_err(|error| bad(error.to_string())),
    }
}

pub(super) fn write(path: &Path, entries: &[Entry]) -> Result<String, Error> {
    let file = File { version: VERSION, findings: entries.to_vec() };
    yaml::to_yaml(&file).map_err(|error| Error::Bad { path: path.to_owned(), why: error.to_string() })
}
