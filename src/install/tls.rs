//! TLS to the API server. It accepts what kubectl accepts, as far as rustls can.
//!
//! rustls is stricter than Go in three ways that matter in practice. Each is handled here:
//! - A client's own certificate is not checked before it is sent: the server decides about one of X.509 version 1.
//! - A server's certificate that is itself among the configured authorities is accepted, with its name and its time
//!   checked, even if it is marked as an authority (`CA:TRUE`) or signed by another one.
//! - A client's key on the curve P-521 can sign.

mod key;

use std::sync::Arc;

use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};

use super::kubeconfig::Chosen;
use super::kubeconfig::credentials::Identity;
use crate::tls::verify;

/// A certificate or a key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    message: String,
    help: String,
}

impl Error {
    /// How to fix it.
    #[must_use]
    pub fn help(&self) -> String {
        self.help.clone()
    }
}

/// The settings of TLS for a cluster.
///
/// # Errors
/// Certificates or keys that cannot be read or used.
pub fn config(chosen: &Chosen, identity: Option<&Identity>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let failed = |why: &dyn std::fmt::Display| Error {
        message: format!("cannot set up TLS: {why}"),
        help: "check the certificates of the kubeconfig".into(),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?;
    let verifier: Arc<dyn rustls::client::danger::ServerCertVerifier> = if chosen.insecure {
        Arc::new(verify::Anything::new(&provider))
    } else {
        let trusted = authorities(chosen)?;
        let mut roots = RootCertStore::empty();
        // A certificate that cannot be an authority can still be the server's own.
        roots.add_parsable_certificates(trusted.iter().cloned());
        let inner = match roots.is_empty() {
            true => None,
            false => Some(
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                    .build()
                    .map_err(|error| failed(&error))?,
            ),
        };
        // Among the system's roots, only those of the kubeconfig are known to be meant for this server.
        let own = if chosen.authority.is_some() { trusted } else { Vec::new() };
        Arc::new(verify::Verifier::new(inner, own, &provider))
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    Ok(match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder.with_client_cert_resolver(Arc::new(Own(certified(chosen, identity)?))),
    })
}

/// The authorities that may sign the server's certificate.
fn authorities(chosen: &Chosen) -> Result<Vec<CertificateDer<'static>>, Error> {
    match &chosen.authority {
        Some(pem) => {
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            certificates.map_err(|_| Error {
                message: "the certificate-authority of the kubeconfig is not valid PEM".into(),
                help: "copy it from the cluster again".into(),
            })
        }
        None => Ok(rustls_native_certs::load_native_certs().certs),
    }
}

/// The user's certificate with its key.
fn certified(chosen: &Chosen, identity: &Identity) -> Result<CertifiedKey, Error> {
    let wrong = |what: &str| Error {
        message: format!("the client {what} of the user \"{}\" cannot be used", chosen.user),
        help: "it must be PEM; a key must be RSA, ECDSA (P-256, P-384, P-521) or Ed25519, and not encrypted. Log in \
             again, or get a new one"
            .into(),
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&identity.certificate).collect();
    let chain = chain.map_err(|_| wrong("certificate"))?;
    if chain.is_empty() {
        return Err(wrong("certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(&identity.key).map_err(|_| wrong("key"))?;
    let key = key::signing(&key).ok_or_else(|| wrong("key"))?;
    Ok(CertifiedKey::new(chain, key))
}

/// Gives the user's certificate to every server that asks for one.
#[derive(Debug)]
struct Own(CertifiedKey);

impl ResolvesClientCert for Own {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::new(self.0.clone()))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
