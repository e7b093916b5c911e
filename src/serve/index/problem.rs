//! Problems that prevent a catalog from being served.

/// A reason why a catalog is not consistent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An `olm.package` blob without a name.
    #[error("a package has no name")]
    PackageName,
    /// Two packages with the same name.
    #[error("package {0:?} occurs twice in the catalog")]
    DuplicatePackage(String),
    /// A package that names no default channel.
    #[error("package {0:?} has no default channel")]
    NoDefaultChannel(String),
    /// A package whose default channel does not exist.
    #[error("package {package:?} has the default channel {channel:?}, which does not exist")]
    UnknownDefaultChannel {
        /// The package.
        package: String,
        /// The channel that it names.
        channel: String,
    },
    /// A blob of a package that does not exist.
    #[error("{what} {name:?} belongs to package {package:?}, which does not exist")]
    UnknownPackage {
        /// The kind of the blob.
        what: &'static str,
        /// Its name.
        name: String,
        /// The package that it names.
        package: String,
    },
    /// A channel without a name.
    #[error("package {0:?} has a channel without a name")]
    ChannelName(String),
    /// Two channels of a package with the same name.
    #[error("package {package:?} has the channel {channel:?} twice")]
    DuplicateChannel {
        /// The package.
        package: String,
        /// The channel.
        channel: String,
    },
    /// A package without channels.
    #[error("package {0:?} has no channel")]
    NoChannel(String),
    /// Two entries of a channel with the same name.
    #[error("package {package:?}, channel {channel:?}: entry {entry:?} occurs twice")]
    DuplicateEntry {
        /// The package.
        package: String,
        /// The channel.
        channel: String,
        /// The entry.
        entry: String,
    },
    /// A channel without a head, or with several.
    #[error("package {package:?}, channel {channel:?} {}", describe(heads))]
    Heads {
        /// The package.
        package: String,
        /// The channel.
        channel: String,
        /// The entries that no other entry replaces or skips, sorted.
        heads: Vec<String>,
    },
    /// An entry without a bundle.
    #[error("package {package:?}, channel {channel:?}: entry {entry:?} has no bundle")]
    NoBundle {
        /// The package.
        package: String,
        /// The channel.
        channel: String,
        /// The entry.
        entry: String,
    },
    /// Two bundles of a package with the same name.
    #[error("package {package:?} has the bundle {bundle:?} twice")]
    DuplicateBundle {
        /// The package.
        package: String,
        /// The bundle.
        bundle: String,
    },
    /// A bundle that is in no channel.
    #[error("package {package:?}: bundle {bundle:?} is in no channel")]
    StrayBundle {
        /// The package.
        package: String,
        /// The bundle.
        bundle: String,
    },
    /// A property whose value does not match its type.
    #[error("bundle {bundle:?}: properties[{index}]: {message}")]
    Property {
        /// The bundle.
        bundle: String,
        /// The property's number, from 0.
        index: usize,
        /// The problem.
        message: String,
    },
    /// A bundle without its package and version, or with several.
    #[error("bundle {bundle:?} must have exactly one property of type olm.package, not {found}")]
    PackageProperties {
        /// The bundle.
        bundle: String,
        /// The number of them.
        found: usize,
    },
    /// A bundle whose property names another package.
    #[error("bundle {bundle:?} belongs to package {package:?}, but its property olm.package names {found:?}")]
    PackageMismatch {
        /// The bundle.
        bundle: String,
        /// Its package.
        package: String,
        /// The package in the property.
        found: String,
    },
    /// A bundle with several properties of type olm.csv.metadata.
    #[error("bundle {bundle:?} has more than one property of type olm.csv.metadata")]
    CsvMetadata {
        /// The bundle.
        bundle: String,
    },
    /// Two `olm.deprecations` blobs of a package.
    #[error("package {0:?} has two blobs of deprecations")]
    DuplicateDeprecations(String),
    /// A deprecation of something that does not exist, or cannot be deprecated.
    #[error("package {package:?} deprecates {schema} {name:?}, which does not exist")]
    UnknownReference {
        /// The package.
        package: String,
        /// The schema of the reference.
        schema: String,
        /// The name of the reference.
        name: String,
    },
    /// Two deprecations of the same thing.
    #[error("package {package:?} deprecates {schema} {name:?} twice")]
    DuplicateReference {
        /// The package.
        package: String,
        /// The schema of the reference.
        schema: String,
        /// The name of the reference.
        name: String,
    },
}

fn describe(heads: &[String]) -> String {
    if heads.is_empty() { "has no head".into() } else { format!("has more than one head: {}", heads.join(", ")) }
}
