//! Explains a failed request in words, once, and without Rust's own terms.

use std::error::Error as StdError;
use std::io;

use kube::core::Status;
use rustls::CertificateError;

/// A permanent failure: the same request would fail again.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

/// How many characters of a message are shown.
const SHOWN: usize = 1000;

/// Every cause of an error, the outer ones first.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> Vec<&'e (dyn StdError + 'static)> {
    let mut causes = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        causes.push(error);
        // The source of an I/O error is not the error that it wraps, but that error's own source.
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inside.map(|inside| inside as &(dyn StdError + 'static)).or_else(|| error.source());
        if causes.len() > 32 {
            break;
        }
    }
    causes
}

/// A permanent problem with the connection to a server; `None` if it may pass.
pub(super) fn fault(error: &kube::Error) -> Option<Fault> {
    let fault = |message: String, help: &str| Some(Fault { message, help: help.to_owned() });
    for cause in causes(error) {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return certificate(tls);
        }
        if let Some(plugin) = cause.downcast_ref::<crate::install::kubeconfig::Error>() {
            return fault(plugin.to_string(), &plugin.help());
        }
        if let Some(body) = cause.downcast_ref::<http_body_util::LengthLimitError>() {
            let _ = body;
            return fault(
                "the answer is larger than 256 MiB".into(),
                "check that the server's address in the kubeconfig is the address of an API server",
            );
        }
        let text = cause.to_string();
        if is_unknown_name(&text) {
            return fault(
                "no such host: the server's name does not resolve".into(),
                "check the server's address in the kubeconfig, and the network",
            );
        }
        if text.contains("invalid port") || text.contains("invalid URL") {
            return fault("the server's address is not valid".into(), "check the server's address in the kubeconfig");
        }
    }
    None
}

/// Whether a name permanently fails to resolve. For temporary failures, glibc and musl have other words.
fn is_unknown_name(text: &str) -> bool {
    let passing = ["Temporary failure", "Try again"];
    text.contains("failed to lookup address information") && !passing.iter().any(|passing| text.contains(passing))
}

fn certificate(error: &rustls::Error) -> Option<Fault> {
    let fault = |message: &str, help: &str| Some(Fault { message: message.to_owned(), help: help.to_owned() });
    match error {
        rustls::Error::InvalidCertificate(wrong) => match wrong {
            // A self-signed certificate that is marked as an authority counts as one from an unknown issuer.
            wrong if *wrong == CertificateError::UnknownIssuer || is_own_authority(wrong) => fault(
                "the server's certificate is signed by an authority that is not in the kubeconfig",
                "copy certificate-authority-data from the cluster again: the cluster may have been recreated, or a \
                 proxy in between may replace certificates",
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                fault("the server's certificate has expired", "renew it, and check the clock of this machine")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                fault("the server's certificate is not valid yet", "check the clock of this machine and the server's")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => fault(
                "the server's certificate is for another name",
                "use a name of the certificate as the server's address, or set tls-server-name in the kubeconfig",
            ),
            other => Some(Fault {
                message: format!("the server's certificate is not accepted: {}", words(&format!("{other:?}"))),
                help: "issue a new certificate for the server, with X.509 version 3 and a subject alternative name"
                    .to_owned(),
            }),
        },
        rustls::Error::AlertReceived(alert) => Some(Fault {
            message: format!("the server refused the TLS connection: {}", words(&format!("{alert:?}"))),
            help: "it may require another client certificate: log in again, or check the user in the kubeconfig"
                .to_owned(),
        }),
        rustls::Error::InvalidMessage(_) => {
            fault("the server does not speak TLS", "use http:// for it, or check the port in the kubeconfig")
        }
        rustls::Error::PeerIncompatible(_) => {
            fault("the server and this program have no TLS version in common", "enable TLS 1.2 or 1.3 on the server")
        }
        _ => None,
    }
}

/// Whether a server uses the certificate of an authority as its own.
fn is_own_authority(wrong: &CertificateError) -> bool {
    matches!(wrong, CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity"))
}

/// `Other(OtherError(UnsupportedCertVersion))` as `unsupported cert version`.
fn words(name: &str) -> String {
    let name = name.trim_end_matches(')').rsplit('(').next().unwrap_or_default();
    let mut words = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

/// Whether the API server's failure comes from its storage, which is temporary.
pub(super) fn is_passing(message: &str) -> bool {
    // A failing webhook has its own cause in its message, and is not the API server's problem.
    let passing =
        ["etcdserver", "leader changed", "context deadline exceeded", "connection refused", "request timed out"];
    !message.contains("webhook") && passing.iter().any(|passing| message.contains(passing))
}

/// The message of a status, without what kube adds if it cannot read the status.
pub(super) fn said(status: &Status) -> String {
    let message = status.message.trim();
    let text = if message.is_empty() { format!("HTTP status {}", status.code) } else { message.to_owned() };
    short(&text)
}

/// The cause of an error, in one line.
pub(super) fn of(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return match status.code {
            429 => "it is busy (HTTP status 429)".to_owned(),
            502..=504 => format!("HTTP status {}: {}", status.code, said(status)),
            _ => said(status),
        };
    }
    let causes = causes(error);
    let text = causes.last().map(ToString::to_string).unwrap_or_default();
    let text = match text.split_once(" (os error") {
        Some((text, _)) => text.to_lowercase(),
        None => text,
    };
    short(&match text.as_str() {
        "connection closed before message completed" | "unexpected end of file" => {
            "it closed the connection".to_owned()
        }
        _ => text,
    })
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
