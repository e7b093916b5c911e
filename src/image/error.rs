//! Why an image could not be built, written or read.

use std::io;
use std::path::PathBuf;

use super::{Digest, Platform};

/// Why an image could not be built, written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// An entry that a layer cannot contain.
    #[error("an image cannot contain {path:?}: {why}")]
    Entry {
        /// The entry's path in the image.
        path: String,
        /// The cause.
        why: &'static str,
    },
    /// The size of a file changed while it was read.
    #[error("{} changed while it was read; try again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A program that cannot run in an image without an operating system.
    #[error(
        "{} cannot run alone in an image: {why}. Build a static program, for example with `RUSTFLAGS='-C \
         target-feature=+crt-static' cargo build --locked --release --target {}-unknown-linux-gnu`, or use that of a \
         release's archive, and name it with --program",
        path.display(),
        std::env::consts::ARCH
    )]
    Program {
        /// The program.
        path: PathBuf,
        /// The cause.
        why: String,
    },
    /// A program for another platform.
    #[error("{what} is a program for {found}, not for {wanted}")]
    OtherPlatform {
        /// The file, or the image.
        what: String,
        /// The platform in its header.
        found: Platform,
        /// The platform that it was given for.
        wanted: Platform,
    },
    /// A layer that is not the first one of a catalog's image.
    #[error("the layer {digest} cannot serve a catalog: {why}")]
    ProgramLayer {
        /// The layer.
        digest: Digest,
        /// The problem.
        why: String,
    },
    /// Images that do not make an index.
    #[error("cannot make an index of the images: {why}")]
    Platforms {
        /// The problem.
        why: String,
    },
    /// A bundle whose annotations cannot become labels.
    #[error("{}: {why}", super::ANNOTATIONS)]
    Annotations {
        /// The problem.
        why: String,
    },
    /// A configuration that this program did not write.
    #[error("this program did not write the image's configuration")]
    Config(#[source] serde_json::Error),
    /// A folder that is not an OCI layout, or not one that this program writes.
    #[error("{} is not an OCI layout of a catalog: {why}", path.display())]
    NoLayout {
        /// The folder.
        path: PathBuf,
        /// The cause.
        why: String,
    },
    /// Another build writes to the same layout.
    #[error("another build is writing to {}; wait until it is done", path.display())]
    Busy {
        /// The layout's folder.
        path: PathBuf,
    },
    /// A blob of a layout whose contents do not match its name.
    #[error("{} is damaged: its content does not match {digest}; build the layout again", path.display())]
    Damaged {
        /// The blob's file.
        path: PathBuf,
        /// The expected digest.
        digest: Digest,
    },
}
