//! Which cluster is meant, and who asks: the kubeconfig that kubectl would use, read as client-go reads it.
//!
//! 1. `files`: which files there are, and their text.
//! 2. `fields`: what they say, with the place of each mistake and never its text, which may be a secret.
//! 3. `choose`: the context, its cluster and its user.
//!
//! The pod's own cluster is used only where no kubeconfig is named and none exists.

mod choose;
pub mod credentials;
pub mod exec;
mod fields;
mod files;
mod pod;

use std::path::PathBuf;

pub use self::choose::Chosen;

/// Where the cluster is, and who asks. Without either, it is what kubectl uses, and in a pod the pod's own cluster.
/// Through which proxy it is asked is what kubectl does, too.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// A kubeconfig file.
    pub kubeconfig: Option<PathBuf>,
    /// A context of it.
    pub context: Option<String>,
    /// The user to act as, as kubectl's `--as`.
    pub user: Option<String>,
    /// The groups to act as, as kubectl's `--as-group`.
    pub groups: Vec<String>,
    /// How long one request is tried, with all that is tried again.
    pub request_timeout: Option<std::time::Duration>,
}

/// A kubeconfig that cannot be used. No part of its text is in the message but names.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    message: String,
    help: String,
}

impl Error {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        self.help.clone()
    }
}

/// Reads the configuration.
///
/// # Errors
/// A file that cannot be read or used; a context that does not exist; no configuration at all.
pub async fn read(connection: &Connection) -> Result<Chosen, Error> {
    let paths = files::paths(connection.kubeconfig.as_deref(), |name| std::env::var_os(name));
    if let files::Named::Nowhere { home } = &paths {
        return pod::read(home.as_deref()).await;
    }
    let merged = files::read(paths).await?;
    choose::choose(&merged, connection)
}
