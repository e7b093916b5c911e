//! The keys of clients: those of ring, and those on the curve P-521, which ring cannot use.

use std::sync::Arc;

use p521::ecdsa::signature::Signer as _;
use p521::ecdsa::{DerSignature, Signature, SigningKey};
use p521::pkcs8::DecodePrivateKey as _;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{self, Signer};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// A key that can sign; `None` if its type is not supported.
pub(super) fn signing(key: &PrivateKeyDer<'_>) -> Option<Arc<dyn sign::SigningKey>> {
    if let Ok(key) = rustls::crypto::ring::sign::any_supported_type(key) {
        return Some(key);
    }
    let secret = match key {
        PrivateKeyDer::Sec1(der) => p521::SecretKey::from_sec1_der(der.secret_sec1_der()).ok()?,
        PrivateKeyDer::Pkcs8(der) => p521::SecretKey::from_pkcs8_der(der.secret_pkcs8_der()).ok()?,
        _ => return None,
    };
    Some(Arc::new(P521(Arc::new(SigningKey::from_bytes(&secret.to_bytes()).ok()?))))
}

#[derive(Clone)]
struct P521(Arc<SigningKey>);

impl std::fmt::Debug for P521 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("P521")
    }
}

impl sign::SigningKey for P521 {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SignatureScheme::ECDSA_NISTP521_SHA512).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for P521 {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: Signature = self.0.try_sign(message).map_err(|_| Error::General("signing failed".into()))?;
        let der: DerSignature = signature.to_der();
        Ok(der.as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}
