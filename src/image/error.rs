//! Why an image could not be built, written or read.

use std::io;
use std::path::PathBuf;

use super::Digest;

/// Why an image could not be built, written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A layer's entry cannot be in a layer.
    #[error("an image cannot contain {path:?}: {why}")]
    Entry {
        /// The entry's path in the image.
        path: String,
        /// Why.
        why: &'static str,
    },
    /// A file changed its size while it was read.
    #[error("{} changed while it was read; try again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A program that no image without an operating system can run.
    #[error(
        "{} cannot run alone in an image: {why}. Build a static program, for example with `cargo build --release --target x86_64-unknown-linux-musl`, and name it with --program",
        path.display()
    )]
    Program {
        /// The program.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A bundle whose annotations do not make labels.
    #[error("{}: {why}", super::ANNOTATIONS)]
    Annotations {
        /// What is wrong with them.
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
        /// Why.
        why: String,
    },
    /// Another build writes to the same layout.
    #[error("another build is writing to {}; wait until it is done", path.display())]
    Busy {
        /// The layout's folder.
        path: PathBuf,
    },
    /// A blob of a layout that is not what its name says.
    #[error("{} is damaged: its content does not match {digest}; build the layout again", path.display())]
    Damaged {
        /// The blob's file.
        path: PathBuf,
        /// What it should be.
        digest: Digest,
    },
}
