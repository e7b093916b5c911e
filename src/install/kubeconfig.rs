//! The cluster to use, and the user: the kubeconfig that kubectl would use, read as client-go reads it.
//!
//! 1. `files`: the files, and their text.
//! 2. `fields`: their fields, with the place of each mistake and never its text, which may be a secret.
//! 3. `choose`: the context, its cluster and its user.
//!
//! The pod's own cluster is used only if no kubeconfig is named and none exists.

mod choose;
pub mod credentials;
pub mod exec;
mod fields;
mod files;
mod pem;
mod pod;

use std::path::PathBuf;

pub use self::choose::Chosen;

/// Which cluster and user to use. The default is what kubectl uses, and in a pod the pod's own cluster. Proxies are
/// chosen as kubectl does it.
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
    /// How long one request is tried, including retries.
    pub request_timeout: Option<std::time::Duration>,
}

/// A kubeconfig that cannot be used. The message contains only names from its text.
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

    /// How to fix it.
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
