//! Why a registry could not be used, in words that say what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use std::time::Duration;

use crate::limits::Exceeded;
use crate::{bundle, image, reference};

/// Why an image could not be pushed or pulled. None of the texts holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Text that is no reference.
    #[error("{text:?} is not a valid image reference")]
    Reference {
        /// The text.
        text: String,
        /// Why.
        source: reference::Error,
    },
    /// The system gives no threads.
    #[error("cannot start the registry client")]
    Runtime(#[source] io::Error),
    /// A file of credentials cannot be used.
    #[error("cannot get the credentials for {registry} from {}: {why}", path.display())]
    Credentials {
        /// The registry.
        registry: String,
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A certificate or a key cannot be used.
    #[error("cannot use the certificates in {}: {why}", path.display())]
    Certificate {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The registry wants to know who asks, or does not accept the credentials.
    #[error("{registry} denied access to {reference}: {}{advice}", said(.message.as_deref()))]
    Unauthorized {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// What the registry or its token server says.
        message: Option<String>,
        /// Which credentials were refused, or where they were looked for, and what to do.
        advice: String,
    },
    /// The registry knows who asks, and says no.
    #[error("{registry} does not allow this for {reference}: {message}{}", .advice.as_ref().map(|advice| format!("; {advice}")).unwrap_or_default())]
    Forbidden {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// What the registry says.
        message: String,
        /// Where credentials were looked for, where there are none.
        advice: Option<String>,
    },
    /// There is no such image.
    #[error("{reference} does not exist: the registry has no such image, or you have no access to it{}", .message.as_ref().map(|message| format!(": {message}")).unwrap_or_default())]
    NotFound {
        /// What was asked for.
        reference: String,
        /// What the registry says.
        message: Option<String>,
    },
    /// The registry does not take anything for a repository that it does not have.
    #[error("{registry} cannot store {reference}: {}", match .message {
        Some(message) => format!("{message}; create the repository first"),
        None => "it did not answer like a registry (HTTP status 404); check the address".to_owned(),
    })]
    NoRepository {
        /// The registry.
        registry: String,
        /// What was to be stored.
        reference: String,
        /// What the registry says.
        message: Option<String>,
    },
    /// The registry cannot be reached, or hung up.
    #[error("cannot reach {registry} for {reference}{hint}")]
    Connection {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// What may help.
        hint: &'static str,
        /// Why.
        source: Cause,
    },
    /// The registry does not answer.
    #[error("{registry} sent nothing about {reference} for {seconds} s; try again, or wait longer with --timeout")]
    Timeout {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The registry sends an image too slowly.
    #[error("timed out pulling {reference} from {registry}: {why}")]
    Late {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// The limit.
        why: Exceeded,
    },
    /// The registry answers with an error.
    #[error("{registry} cannot do this for {reference}: {message}")]
    Registry {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// What the registry says.
        message: String,
    },
    /// What came is not what its digest says.
    #[error("{reference} was damaged in transfer: {why}")]
    Damaged {
        /// What was asked for.
        reference: String,
        /// What does not fit.
        why: String,
    },
    /// An image of a kind that is not known here.
    #[error("{reference} cannot be used: {why}")]
    Unsupported {
        /// The image.
        reference: String,
        /// What is not known.
        why: String,
    },
    /// An image whose layers cannot be unpacked safely.
    #[error("{reference} cannot be unpacked: its layer {layer} {why}")]
    Layer {
        /// The image.
        reference: String,
        /// The layer's digest.
        layer: String,
        /// What is wrong with it.
        why: String,
    },
    /// An image that is too large.
    #[error("{reference} is too large: {what} would be more than {limit} bytes")]
    TooLarge {
        /// The image.
        reference: String,
        /// What is too large.
        what: &'static str,
        /// The most that is taken.
        limit: u64,
    },
    /// What was pulled is no bundle.
    #[error("{reference} cannot be used as a bundle")]
    Bundle {
        /// The image.
        reference: String,
        /// Why.
        source: bundle::Error,
    },
    /// A file on this machine could not be read or written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A blob that is to be pushed could not be read.
    #[error(transparent)]
    Image(#[from] image::Error),
}

/// The innermost cause of a failed request: what the layers around it say is of no use.
#[derive(Clone, Debug)]
pub struct Cause(String);

impl Cause {
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut innermost = error;
        loop {
            // An error of input and output does not name the one in it as its source, but that one's.
            let inside = innermost.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let inside = inside.map(|inside| inside as &(dyn std::error::Error + 'static));
            let Some(source) = inside.or_else(|| innermost.source()) else { break };
            innermost = source;
        }
        // What a certificate lacks has a name in rustls alone.
        let text = match innermost.downcast_ref::<rustls::Error>() {
            Some(rustls::Error::InvalidCertificate(wrong)) => {
                format!("the certificate is not valid: {}", wording(wrong))
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
            "it is marked as an authority; trust exactly this certificate with --ca, or create one for a server (`openssl req -addext basicConstraints=CA:FALSE …`)"
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

/// A message before what comes next.
fn said(message: Option<&str>) -> String {
    message.map(|message| format!("{message}; ")).unwrap_or_default()
}

/// What a failed request means for who made it.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Credentials are missing, or were sent and not accepted.
    Unauthorized {
        sent: bool,
        message: Option<String>,
    },
    Forbidden(String),
    /// What the registry says, where it says it as a registry does.
    NotFound(Option<String>),
    /// Worth another try, after this time where the server says so.
    Busy {
        message: String,
        after: Option<Duration>,
    },
    /// Worth another try: the address, and why it cannot be reached.
    Connection(String, Cause),
    Timeout,
    /// It took longer than all of an image may take.
    Late,
    Damaged(String),
    Other(String),
}
