//! What `catalog build` and `catalog generate` report to programs, with `-o json`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::json::Collected;

/// `catalog build -o json`. The images are left out if they were not built: with `--check`, and after an error.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Build {
    /// The files of the catalog folder, by path.
    pub files: Vec<File>,
    /// What was found. If one is an error, nothing was written.
    pub findings: Collected,
    /// The folder of the OCI layout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// The repository that the catalog's references to its bundles name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The catalog's image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<Catalog>,
    /// The images of the bundles, by package and tag.
    pub bundles: Vec<BundleImage>,
}

/// `catalog generate -o json`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Generate {
    /// The folders of bundles, by package and version.
    pub bundles: Vec<File>,
    /// What was found. If one is an error, nothing was written.
    pub findings: Collected,
}

/// A file, or the folder of a bundle.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Its path.
    pub path: String,
    /// What was done with it.
    pub state: State,
}

/// What was done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was new or differed, and was written.
    Written,
    /// It was up to date.
    Unchanged,
    /// It differs from what would be written. Only with `--check`.
    Different,
    /// No template or release makes it. It stays as it is.
    Kept,
    /// It was removed.
    Removed,
}

impl State {
    /// As in the outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Unchanged => "unchanged",
            Self::Different => "different",
            Self::Kept => "kept",
            Self::Removed => "removed",
        }
    }
}

/// The image of a catalog.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Catalog {
    /// Its digest: of its only image, or of the index of its images.
    pub digest: String,
    /// The bytes that a registry stores for it. Layers that platforms share count once.
    pub size: u64,
    /// Its images, by platform.
    pub platforms: Vec<Platform>,
}

/// The image of a catalog for one platform.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Platform {
    /// The platform, such as `linux/amd64`.
    pub platform: String,
    /// The image's digest.
    pub digest: String,
    /// The bytes that a node downloads.
    pub size: u64,
}

/// The image of a bundle.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundleImage {
    /// The package.
    pub package: String,
    /// The version.
    pub version: String,
    /// The tag that `catalog push` gives it.
    pub tag: String,
    /// The reference in the catalog.
    pub reference: String,
    /// The image's digest.
    pub digest: String,
}
