//! Changes of the files that maintainers write by hand: a next release in an `operator.yaml`, and versions that are added to
//! channels, promoted, deprecated and withdrawn in a template.
//!
//! All of it is done by [`crate::yaml::edit`]: comments and the order of the files stay.

mod basic;
mod channels;
mod deprecate;
mod names;
mod ranges;
pub mod release;
mod semver;
pub mod starter;
mod withdraw;

pub use channels::{Channels, Outcome};
pub use deprecate::Part;

use ::semver::Version;

use crate::yaml;
use crate::yaml::edit::Refused;

/// Why a file is not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not YAML.
    #[error("it is not valid YAML: {0}")]
    Yaml(#[from] yaml::Error),
    /// It is not a template.
    #[error("it is not a template: its schema is {0:?}, not olm.semver or olm.template.basic")]
    Schema(String),
    /// It has no such channel.
    #[error("it has no channel {channel}; its channels are {}", .known.join(", "))]
    Channel {
        /// The channel.
        channel: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// A channel does not have a version.
    #[error("channel {channel} does not have {name}; it has {}", list(.known))]
    Version {
        /// The channel.
        channel: String,
        /// The bundle.
        name: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// No channel has a version.
    #[error("no channel has {name}; they have {}", list(.known))]
    NoVersion {
        /// The bundle.
        name: String,
        /// Those that they have.
        known: Vec<String>,
    },
    /// A version is older than the head of a channel.
    #[error("{version} is not newer than {head}, the head of channel {channel}; edit the channel by hand")]
    NotNewer {
        /// The version.
        version: Version,
        /// The head.
        head: String,
        /// The channel.
        channel: String,
    },
    /// A channel has several heads.
    #[error("channel {channel} has several heads, {}; edit it by hand", .heads.join(", "))]
    Heads {
        /// The channel.
        channel: String,
        /// The heads.
        heads: Vec<String>,
    },
    /// It cannot be done.
    #[error("{0}")]
    Cannot(String),
    /// The text cannot be changed.
    #[error(transparent)]
    Refused(#[from] Refused),
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
