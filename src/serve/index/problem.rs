//! What keeps a catalog from being served.

/// A reason why a catalog does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An `olm.package` blob without a name.
    #[error("a package has no name")]
    PackageName,
    /// Two packages of a name.
    #[error("package {0:?} occurs twice in the catalog")]
    DuplicatePackage(String),
    /// A package that names no default channel.
    #[error("package {0:?} has no default channel")]
    NoDefaultChannel(String),
    /// A package whose default channel is not there.
    #[error("package {package:?} has the default channel {channel:?}, which does not exist")]
    UnknownDefaultChannel {
        /// The package.
        package: String,
        /// The channel that it names.
        channel: String,
    },
    /// A blob of a package that is not there.
    #[error("{what} {name:?} belongs to package {package:?}, which does not exist")]
    UnknownPackage {
        /// What the blob is.
        what: &'static str,
        /// Its name.
        name: String,
        /// The package that it names.
        package: String,
    },
    /// A channel without a name.
    #[error("package {0:?} has a channel without a name")]
    ChannelName(String),
    /// Two channels of a name in a package.
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
    /// Two entries of a name in a channel.
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
    /// Two bundles of a name in a package.
    #[error("package {package:?} has the bundle {bundle:?} twice")]
    DuplicateBundle {
        /// The package.
        package: String,
        /// The bundle.
        bundle: String,
    },
    /// A bundle that no channel has.
    #[error("package {package:?}: bundle {bundle:?} is in no channel")]
    StrayBundle {
        /// The package.
        package: String,
        /// The bundle.
        bundle: String,
    },
    /// A property that is not what its type takes.
    #[error("bundle {bundle:?}: properties[{index}]: {message}")]
    Property {
        /// The bundle.
        bundle: String,
        /// The property's number, from 0.
        index: usize,
        /// What is wrong.
        message: String,
    },
    /// A bundle without its package and version, or with several.
    #[error("bundle {bundle:?} must have exactly one property of type olm.package, not {found}")]
    PackageProperties {
        /// The bundle.
        bundle: String,
        /// How many it has.
        found: usize,
    },
    /// A bundle whose property names another package.
    #[error("bundle {bundle:?} belongs to package {package:?}, but its property olm.package names {found:?}")]
    PackageMismatch {
        /// The bundle.
        bundle: String,
        /// Its package.
        package: String,
        /// What the property says.
        found: String,
    },
    /// A bundle with several descriptions of its ClusterServiceVersion.
    #[error("bundle {bundle:?} has more than one property of type olm.csv.metadata")]
    CsvMetadata {
        /// The bundle.
        bundle: String,
    },
    /// Two `olm.deprecations` blobs of a package.
    #[error("package {0:?} has two blobs of deprecations")]
    DuplicateDeprecations(String),
    /// A deprecation of something that is not there, or cannot be deprecated.
    #[error("package {package:?} deprecates {schema} {name:?}, which does not exist")]
    UnknownReference {
        /// The package.
        package: String,
        /// The schema of the reference.
        schema: String,
        /// The name of the reference.
        name: String,
    },
    /// Two deprecations of one thing.
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
