//! TLS for clients of registries and web servers.

pub(crate) mod verify;

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// A client's certificates, its own first, and its key.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The trusted servers.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    /// Certificates of authorities or servers, in addition to those that the system trusts.
    pub(crate) more: Vec<CertificateDer<'static>>,
    /// Accept any certificate.
    pub(crate) anything: bool,
}

/// The settings of TLS. A server's certificate that is itself a trusted one is accepted, as in curl and Go, whether it
/// is marked as an authority or not.
///
/// # Errors
/// A key that does not match its certificate, or has an unknown type.
pub(crate) fn client(trust: Trust, identity: Option<Identity>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let verifier: Arc<dyn ServerCertVerifier> = if trust.anything {
        Arc::new(verify::Anything::new(&provider))
    } else {
        let mut trusted = system();
        trusted.extend(trust.more);
        let mut roots = RootCertStore::empty();
        // A certificate that cannot be an authority can still be the server's own.
        roots.add_parsable_certificates(trusted.iter().cloned());
        let inner = match roots.is_empty() {
            true => None,
            false => WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok(),
        };
        Arc::new(verify::Verifier::new(inner, trusted, &provider))
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    match identity {
        None => Ok(builder.with_no_client_auth()),
        Some((certificates, key)) => builder.with_client_auth_cert(certificates, key),
    }
}

/// The roots that the system or the environment (`SSL_CERT_FILE`, `SSL_CERT_DIR`) trusts. If there are none, as in an
/// image with only one program, the roots that Mozilla trusts.
fn system() -> Vec<CertificateDer<'static>> {
    let found = rustls_native_certs::load_native_certs().certs;
    let is_unset = |name| std::env::var_os(name).is_none();
    match found.is_empty() && is_unset("SSL_CERT_FILE") && is_unset("SSL_CERT_DIR") {
        true => webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec(),
        false => found,
    }
}
