//! Why a bundle could not be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::go_json::fields::Misfit;
use crate::yaml::{self, Route};

/// Why a bundle could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The folder is not a bundle.
    #[error("{} is not a bundle: it has no {missing}", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
        /// The part that is missing.
        missing: &'static str,
    },
    /// A file is a link that leads out of the bundle.
    #[error("{} is a link that leads out of the bundle", path.display())]
    Outside {
        /// The link.
        path: PathBuf,
    },
    /// A manifest or metadata file, or its name, is not text.
    #[error("{file} is not UTF-8 text")]
    NotText {
        /// The file's path in the bundle.
        file: String,
    },
    /// A manifest or metadata file is neither YAML nor JSON.
    #[error("{file}:{at}")]
    Syntax {
        /// The file's path in the bundle.
        file: String,
        /// Where and why.
        at: yaml::Error,
    },
    /// A manifest is not a Kubernetes object.
    #[error("{file} is not a valid manifest: {reason}")]
    NoManifest {
        /// The file's path in the bundle.
        file: String,
        /// The missing part.
        reason: &'static str,
    },
    /// No manifest is a ClusterServiceVersion.
    #[error("no file in manifests/ is a ClusterServiceVersion")]
    NoCsv,
    /// Two manifests are ClusterServiceVersions.
    #[error("both {first} and {second} are ClusterServiceVersions; a bundle must have exactly one")]
    TwoCsvs {
        /// The first file's path in the bundle.
        first: String,
        /// The second file's path in the bundle.
        second: String,
    },
    /// No metadata file names the package.
    #[error("no file in metadata/ has the annotation {annotation}")]
    NoPackage {
        /// The annotation that names the package.
        annotation: &'static str,
    },
    /// A file has a value that its field does not accept.
    #[error("{file}: {message}")]
    Value {
        /// The file's path in the bundle.
        file: String,
        /// The value.
        route: Route,
        /// The value's place, and its problem.
        message: String,
    },
    /// A CRD that the ClusterServiceVersion owns is not in the bundle.
    #[error("{file} owns {name} {version}, kind {kind}, but no manifest is that CustomResourceDefinition")]
    NoCrd {
        /// The ClusterServiceVersion's path in the bundle.
        file: String,
        /// The name of the CRD.
        name: String,
        /// The version of the API.
        version: String,
        /// Its kind.
        kind: String,
    },
}

impl Error {
    /// Names the file of a value.
    pub(super) fn value(file: &str) -> impl Fn(Misfit) -> Self {
        move |misfit| Self::Value { file: file.to_owned(), route: misfit.route, message: misfit.message }
    }
}

impl Error {
    /// The same with paths relative to a folder, for temporary folders.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        let seen = |path: PathBuf| match path.strip_prefix(folder) {
            Ok(inner) if inner.as_os_str().is_empty() => PathBuf::from("the image"),
            Ok(inner) => inner.to_owned(),
            Err(_) => path,
        };
        match self {
            Self::Io { path, source } => Self::Io { path: seen(path), source },
            Self::Missing { path, missing } => Self::Missing { path: seen(path), missing },
            Self::Outside { path } => Self::Outside { path: seen(path) },
            other => other,
        }
    }
}
