//! The installer's errors.

use std::path::PathBuf;
use std::time::Duration;

use super::trouble::{self, Trouble};
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
    /// A proxy setting that is not valid.
    #[error(transparent)]
    Proxy(#[from] proxy::Error),
    /// The proxy to the API server does not work.
    #[error("cannot {what}")]
    Proxied {
        /// The attempted action, such as "read Subscription dbaas/pxc".
        what: String,
        /// The proxy's failure.
        source: proxy::Failure,
    },
    /// The API server does not answer, or not correctly. Waiting may help.
    #[error("cannot {what}: the API server did not answer for {}: {why} ({server})", trouble::seconds(*.waited))]
    Unreachable {
        /// The attempted action, such as "read Subscription dbaas/pxc".
        what: String,
        /// The server's address.
        server: String,
        /// The time for which it was tried.
        waited: Duration,
        /// The reason why there is no answer.
        why: String,
    },
    /// The server cannot be used as the API server because of its name, its certificate, or what it is. Waiting does
    /// not help.
    #[error("cannot {what}: {message} ({server})")]
    Server {
        /// The attempted action.
        what: String,
        /// The server's address.
        server: String,
        /// The problem.
        message: String,
        /// How to fix it.
        help: String,
    },
    /// The API server rejected the credentials.
    #[error("cannot {what}: the API server rejected the credentials")]
    Unauthorized {
        /// The attempted action.
        what: String,
    },
    /// A permission is missing.
    #[error("cannot {what}: {message}")]
    Forbidden {
        /// The attempted action.
        what: String,
        /// The API server's message, which names the permission.
        message: String,
    },
    /// Somebody else sets fields that the installer sets.
    #[error("cannot {what}: {message}")]
    Conflict {
        /// The attempted action.
        what: String,
        /// The API server's message, which names the fields and their owners.
        message: String,
    },
    /// The API server rejected it because of a quota, an admission webhook or a schema.
    #[error("cannot {what}: {message}")]
    Refused {
        /// The attempted action.
        what: String,
        /// The API server's message.
        message: String,
        /// The HTTP status.
        code: u16,
    },
    /// An answer that cannot be read.
    #[error("cannot {what}")]
    Answer {
        /// The attempted action.
        what: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The request conflicts with what is on the cluster. Nothing was written.
    #[error("{message}")]
    InTheWay {
        /// The conflict.
        message: String,
        /// How to fix it.
        help: String,
    },
    /// Something did not happen in time, or cannot happen any more.
    #[error("{} {condition}; last seen: {seen}{}", trouble::unmet(*.final_, *.waited), trouble::lines(.troubles))]
    NotReady {
        /// The condition, such as "CatalogSource olm/dbaas-catalog is READY".
        condition: String,
        /// How long it waited.
        waited: Duration,
        /// Whether waiting longer would be useless.
        final_: bool,
        /// The last state that was seen.
        seen: String,
        /// The problems that the cluster shows.
        troubles: Vec<Trouble>,
    },
    /// The plan for the requested operators would install more than that.
    #[error("InstallPlan {plan} would also install {}; nothing was approved", .more.join(", "))]
    Held {
        /// The plan, `<namespace>/<name>`.
        plan: String,
        /// The other bundles that it installs.
        more: Vec<String>,
    },
    /// OLM's manifests are not available.
    #[error("cannot read OLM's manifests: {0}")]
    Manifests(String),
    /// A file that cannot be read.
    #[error("cannot read {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

impl Error {
    /// Whether all requests worked, and the cluster is just not in the desired state.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        matches!(self, Self::NotReady { .. } | Self::Held { .. })
    }

    /// How to fix it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Kubeconfig(error) => error.help(),
            Self::Tls(error) => error.help(),
            Self::Server { help, .. } => help.clone(),
            Self::Proxy(error) => error.help(),
            Self::Proxied { source, .. } => source.help(),
            Self::Unauthorized { .. } => {
                "renew them (log in again), then run the same command: it resumes where it stopped".into()
            }
            Self::Unreachable { .. } => "once it answers again, run the same command: it resumes where it stopped. \
                 --request-timeout retries longer"
                .into(),
            Self::Forbidden { .. } => {
                "grant it: `install-catalog rbac` prints the roles that the installer needs".into()
            }
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
