//! What stops the installer.

use std::path::PathBuf;
use std::time::Duration;

use super::explain::{self, Trouble};
use super::{kubeconfig, proxy, tls};

/// Why the installer stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kubeconfig cannot be used, or there is none.
    #[error(transparent)]
    Kubeconfig(#[from] kubeconfig::Error),
    /// A certificate or a key of the kubeconfig cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// A setting that names no proxy.
    #[error(transparent)]
    Proxy(#[from] proxy::Error),
    /// The proxy on the way to the API server does not do what it is for.
    #[error("cannot {what}")]
    Proxied {
        /// What was to be done, such as "read Subscription dbaas/pxc".
        what: String,
        /// What the proxy does.
        source: proxy::Failure,
    },
    /// The API server does not answer, or not well. Waiting may help.
    #[error("cannot {what}: the API server did not answer for {}: {why} ({server})", explain::seconds(*.waited))]
    Unreachable {
        /// What was to be done, such as "read Subscription dbaas/pxc".
        what: String,
        /// The server's address.
        server: String,
        /// How long it was tried.
        waited: Duration,
        /// What came instead of an answer.
        why: String,
    },
    /// The server cannot be used as the API server: its name, its certificate, what it is. Waiting does not help.
    #[error("cannot {what}: {message} ({server})")]
    Server {
        /// What was to be done.
        what: String,
        /// The server's address.
        server: String,
        /// What is wrong with it.
        message: String,
        /// What to do about it.
        help: String,
    },
    /// The API server does not know who asks.
    #[error("cannot {what}: the API server rejected the credentials")]
    Unauthorized {
        /// What was to be done.
        what: String,
    },
    /// A permission is missing.
    #[error("cannot {what}: {message}")]
    Forbidden {
        /// What was to be done.
        what: String,
        /// What the API server says; it names the permission.
        message: String,
    },
    /// Fields that the installer sets are set by somebody else.
    #[error("cannot {what}: {message}")]
    Conflict {
        /// What was to be done.
        what: String,
        /// What the API server says; it names the fields and their owners.
        message: String,
    },
    /// The API server refuses it: a quota, an admission webhook, a schema.
    #[error("cannot {what}: {message}")]
    Refused {
        /// What was to be done.
        what: String,
        /// What the API server says.
        message: String,
        /// The HTTP status.
        code: u16,
    },
    /// An answer that cannot be read.
    #[error("cannot {what}")]
    Answer {
        /// What was to be done.
        what: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What is on the cluster and what was asked for do not go together. Nothing was written.
    #[error("{message}")]
    InTheWay {
        /// What is in the way.
        message: String,
        /// What to do about it.
        help: String,
    },
    /// Something did not come about in time, or cannot come about any more.
    #[error("{} {condition}; last seen: {seen}{}", explain::unmet(*.final_, *.waited), explain::told(.troubles))]
    NotReady {
        /// What was waited for, such as "CatalogSource olm/dbaas-catalog is READY".
        condition: String,
        /// How long it was waited for.
        waited: Duration,
        /// Whether waiting longer is of no use.
        final_: bool,
        /// How it looked at last.
        seen: String,
        /// What the cluster knows about it.
        troubles: Vec<Trouble>,
    },
    /// The plan that would install what was asked for does more than that.
    #[error("InstallPlan {plan} would also install {}; nothing was approved", .more.join(", "))]
    Held {
        /// The plan, `<namespace>/<name>`.
        plan: String,
        /// The other bundles that it installs.
        more: Vec<String>,
    },
    /// OLM's manifests cannot be had.
    #[error("cannot read OLM's manifests: {0}")]
    Manifests(String),
    /// A file that cannot be read.
    #[error("cannot read {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the cluster could be asked and told everything, and is just not as it should be.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        matches!(self, Self::NotReady { .. } | Self::Held { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Kubeconfig(error) => error.help(),
            Self::Tls(error) => error.help(),
            Self::Server { help, .. } => help.clone(),
            Self::Proxy(error) => error.help(),
            Self::Proxied { source, .. } => source.help(),
            Self::Unauthorized { .. } => "renew them (log in again), then run the same command: it resumes where it stopped".into(),
            Self::Unreachable { .. } => "once it answers again, run the same command: it resumes where it stopped. --request-timeout retries longer".into(),
            Self::Forbidden { .. } => "grant it: `install-catalog rbac` prints the roles that the installer needs".into(),
            Self::Conflict { .. } => {
                "undo the other change, or pass --force-conflicts to take over these fields".to_owned()
            }
            Self::Held { .. } => {
                "`install-catalog upgrades` shows all its changes; `install-catalog approve --all` approves it"
                    .to_owned()
            }
            Self::InTheWay { help, .. } => help.clone(),
            Self::NotReady { troubles, .. } if troubles.is_empty() => {
                "run `install-catalog doctor` to check the whole installation".into()
            }
            _ => return None,
        })
    }
}
