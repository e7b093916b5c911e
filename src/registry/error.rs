//! Errors of registries, with remedies.

use std::fmt;
use std::io;
use std::path::PathBuf;

use std::time::Duration;

use crate::limits::Exceeded;
use crate::{bundle, image, reference};

/// Why an image could not be pushed or pulled. None of the texts contains a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Text that is not a valid reference.
    #[error("{text:?} is not a valid image reference")]
    Reference {
        /// The text.
        text: String,
        /// The cause.
        source: reference::Error,
    },
    /// The system cannot start threads.
    #[error("cannot start the registry client")]
    Runtime(#[source] io::Error),
    /// A file of credentials cannot be used.
    #[error("cannot get the credentials for {registry} from {}: {why}", path.display())]
    Credentials {
        /// The registry.
        registry: String,
        /// The file.
        path: PathBuf,
        /// The cause.
        why: String,
    },
    /// A certificate or a key cannot be used.
    #[error("cannot use the certificates in {}: {why}", path.display())]
    Certificate {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        why: String,
    },
    /// The registry requires credentials, or rejected them.
    #[error("{registry} denied access to {reference}: {}{advice}", said(.message.as_deref()))]
    Unauthorized {
        /// The registry.
        registry: String,
        /// The reference.
        reference: String,
        /// The message of the registry or its token server.
        message: Option<String>,
        /// Which credentials were rejected, or where they were searched, and the remedy.
        advice: String,
    },
    /// The registry denied access to this user.
    #[error("{registry} does not allow this for {reference}: {message}{}", .advice.as_ref().map(|advice| format!("; {advice}")).unwrap_or_default())]
    Forbidden {
        /// The registry.
        registry: String,
        /// The reference.
        reference: String,
        /// The registry's message.
        message: String,
        /// Where credentials were searched, if there are none.
        advice: Option<String>,
    },
    /// The image does not exist.
    #[error("{reference} does not exist: the registry has no such image, or you have no access to it{}", .message.as_ref().map(|message| format!(": {message}")).unwrap_or_default())]
    NotFound {
        /// The reference.
        reference: String,
        /// The registry's message.
        message: Option<String>,
    },
    /// The registry cannot store anything in a repository that does not exist.
    #[error("{registry} cannot store {reference}: {}", match .message {
        Some(message) => format!("{message}; create the repository first"),
        None => "it did not answer like a registry (HTTP status 404); check the address".to_owned(),
    })]
    NoRepository {
        /// The registry.
        registry: String,
        /// The reference that was to be stored.
        reference: String,
        /// The registry's message.
        message: Option<String>,
    },
    /// The registry cannot be reached, or closed the connection.
    #[error("cannot reach {registry} for {reference}{hint}")]
    Connection {
        /// The registry.
        registry: String,
        /// The reference.
        reference: String,
        /// A hint.
        hint: &'static str,
        /// The cause.
        source: Cause,
    },
    /// The registry does not answer.
    #[error("{registry} sent nothing about {reference} for {seconds} s; try again, or wait longer with --timeout")]
    Timeout {
        /// The registry.
        registry: String,
        /// The reference.
        reference: String,
        /// The time that was waited.
        seconds: u64,
    },
    /// The registry sends an image too slowly.
    #[error("timed out pulling {reference} from {registry}: {why}")]
    Late {
        /// The registry.
        registry: String,
        /// The reference.
        reference: String,
        /// The limit.
        why: Exceeded,
    },
    /// The registry answers with an error.
    #[error("{registry} cannot do this for {reference}: {message}")]
    Registry {
        /// The registry.
        registry: String,
        /// The reference.
        reference: String,
        /// The registry's message.
        message: String,
    },
    /// The downloaded bytes do not match their digest.
    #[error("{reference} was damaged in transfer: {why}")]
    Damaged {
        /// The reference.
        reference: String,
        /// The mismatch.
        why: String,
    },
    /// An image of an unknown kind.
    #[error("{reference} cannot be used: {why}")]
    Unsupported {
        /// The image.
        reference: String,
        /// The unknown part.
        why: String,
    },
    /// An image whose layers cannot be unpacked safely.
    #[error("{reference} cannot be unpacked: its layer {layer} {why}")]
    Layer {
        /// The image.
        reference: String,
        /// The layer's digest.
        layer: String,
        /// The problem.
        why: String,
    },
    /// An image that is too large.
    #[error("{reference} is too large: {what} would be more than {limit} bytes")]
    TooLarge {
        /// The image.
        reference: String,
        /// The part that is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The pulled image is not a bundle.
    #[error("{reference} cannot be used as a bundle")]
    Bundle {
        /// The image.
        reference: String,
        /// The cause.
        source: bundle::Error,
    },
    /// A file on this machine could not be read or written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A blob for the push could not be read.
    #[error(transparent)]
    Image(#[from] image::Error),
}

/// The innermost cause of a failed request: the layers around it add nothing useful.
#[derive(Clone, Debug)]
pub struct Cause(String);

impl Cause {
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut innermost = error;
        loop {
            // The source of an I/O error is not the error that it wraps, but that error's own source.
            let inside = innermost.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let inside = inside.map(|inside| inside as &(dyn std::error::Error + 'static));
            let Some(source) = inside.or_else(|| innermost.source()) else { break };
            innermost = source;
        }
        // The problem of a certificate, from rustls' names.
        let text = match innermost.downcast_ref::<rustls::Error>() {
            Some(rustls::Error::InvalidCertificate(wrong)) => {
                format!("the certificate is not accepted: {}", wording(wrong))
            }
            _ => innermost.to_string(),
        };
        Self(text)
    }
}

fn wording(wrong: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Wrong;
    match wrong {
        Wrong::UnknownIssuer => {
            "it is signed by an authority that is not trusted; trust it with --ca or SSL_CERT_FILE".into()
        }
        Wrong::Expired | Wrong::ExpiredContext { .. } => "it has expired".into(),
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => "it is not valid yet".into(),
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => "it is for another name".into(),
        Wrong::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "it is marked as an authority; trust exactly this certificate with --ca, or create one for a server \
             (`openssl req -addext basicConstraints=CA:FALSE …`)"
                .into()
        }
        other => other.to_string(),
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

/// A message as the beginning of another text.
fn said(message: Option<&str>) -> String {
    message.map(|message| format!("{message}; ")).unwrap_or_default()
}

/// The kind of a failed request.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Credentials are missing, or were rejected.
    Unauthorized {
        sent: bool,
        message: Option<String>,
    },
    Forbidden(String),
    /// The registry's message, if it is in the format of a registry.
    NotFound(Option<String>),
    /// Worth a retry, after this time if the server gave one.
    Busy {
        message: String,
        after: Option<Duration>,
    },
    /// Worth a retry: the address, and why it cannot be reached.
    Connection(String, Cause),
    Timeout,
    /// It took longer than the limit for the whole image.
    Late,
    Damaged(String),
    Other(String),
}
