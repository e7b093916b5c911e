//! Why a registry could not be used, in words that say what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use oci_distribution::ParseError;
use oci_distribution::errors::{OciDistributionError, OciErrorCode};

use crate::{bundle, image};

/// Why an image could not be pushed or pulled. None of the texts holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Text that is no reference.
    #[error("{text:?} is no reference to an image")]
    Reference {
        /// The text.
        text: String,
        /// Why.
        source: ParseError,
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
    /// The registry does not know who asks.
    #[error("{registry} refuses access to {reference}: {advice}")]
    Unauthorized {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// Where credentials were looked for, and what to do.
        advice: String,
    },
    /// The registry knows who asks, and says no.
    #[error("{registry} does not allow this for {reference}: {message}; {advice}")]
    Forbidden {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// What the registry says.
        message: String,
        /// Whose credentials were used.
        advice: String,
    },
    /// There is no such image.
    #[error("{reference} is not there: the registry knows no such image, or does not show it to you")]
    NotFound {
        /// What was asked for.
        reference: String,
    },
    /// The registry cannot be reached, or hung up.
    #[error("cannot talk to {registry} about {reference}{hint}")]
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
    #[error("{registry} said nothing about {reference} for {seconds} s; try again, or wait longer with --timeout")]
    Timeout {
        /// The registry.
        registry: String,
        /// What was asked for.
        reference: String,
        /// How long it was waited for.
        seconds: u64,
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
    #[error("{reference} came damaged: {why}")]
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
    #[error("{reference} holds no bundle")]
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
#[derive(Debug)]
pub struct Cause(String);

impl Cause {
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut innermost = error;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        Self(innermost.to_string())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

/// What a failed request means for who made it.
#[derive(Debug)]
pub(super) enum Kind {
    Unauthorized,
    Forbidden(String),
    NotFound,
    /// Worth another try.
    Busy(String),
    /// Worth another try.
    Connection(Cause),
    Timeout,
    Damaged(String),
    Other(String),
}

/// What an error of the protocol's crate means.
pub(super) fn kind(error: OciDistributionError) -> Kind {
    use OciDistributionError as Oci;
    match error {
        Oci::UnauthorizedError { .. } | Oci::AuthenticationFailure(_) => Kind::Unauthorized,
        Oci::ImageManifestNotFoundError(_) => Kind::NotFound,
        Oci::DigestError(error) => Kind::Damaged(error.to_string()),
        Oci::ServerError { code, message, .. } => status(code, &message),
        Oci::RegistryError { envelope, .. } => {
            let messages: Vec<_> = envelope.errors.iter().map(|error| error.message.as_str()).collect();
            let message = printable(&messages.join("; "));
            match envelope.errors.first().map(|error| &error.code) {
                Some(OciErrorCode::Unauthorized) => Kind::Unauthorized,
                Some(OciErrorCode::Denied) => Kind::Forbidden(message),
                Some(OciErrorCode::Toomanyrequests) => Kind::Busy(message),
                Some(
                    OciErrorCode::BlobUnknown
                    | OciErrorCode::ManifestUnknown
                    | OciErrorCode::NameUnknown
                    | OciErrorCode::NotFound,
                ) => Kind::NotFound,
                _ => Kind::Other(message),
            }
        }
        Oci::RequestError(error) => match error.status() {
            Some(code) => status(code.as_u16(), ""),
            None if error.is_timeout() => Kind::Timeout,
            None if error.is_builder() || error.is_decode() => Kind::Other(Cause::of(&error).0),
            None => Kind::Connection(Cause::of(&error)),
        },
        Oci::IoError(error) => stream(&error),
        Oci::RegistryNoLocationError => Kind::Other("its answer lacks the Location that the protocol wants".into()),
        other => Kind::Other(printable(&other.to_string())),
    }
}

/// What an error of a blob's stream means: its digest is wrong, or the connection failed.
pub(super) fn stream(error: &io::Error) -> Kind {
    use oci_distribution::errors::DigestError;
    match error.get_ref().and_then(|inner| inner.downcast_ref::<DigestError>()) {
        Some(digest) => Kind::Damaged(digest.to_string()),
        None => Kind::Connection(Cause::of(error)),
    }
}

fn status(code: u16, body: &str) -> Kind {
    let body = printable(body);
    let message = if body.is_empty() { format!("HTTP status {code}") } else { format!("HTTP status {code}: {body}") };
    match code {
        401 => Kind::Unauthorized,
        403 => Kind::Forbidden(message),
        404 => Kind::NotFound,
        429 | 500..600 => Kind::Busy(message),
        _ => Kind::Other(message),
    }
}

/// The start of what a registry says, on one line and without control characters: it ends up on a terminal.
fn printable(text: &str) -> String {
    let text: String = text.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}
