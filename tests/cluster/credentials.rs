//! Identities in a cluster: one certificate authority, its certificates, tokens and kubeconfig files. All of it is
//! created for each cluster, in its folder.

use std::fs;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use olm_catalog::yaml;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use serde_json::json;

/// The certificate authority of a cluster, and the folder of its files.
pub(super) struct Authority {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
    service_accounts: KeyFiles,
    tokens: String,
}

/// A certificate and its private key, in PEM files.
pub(super) struct Pair {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// A private key and its public half, in PEM files.
pub(super) struct KeyFiles {
    pub(super) private: PathBuf,
    pub(super) public: PathBuf,
}

impl Authority {
    /// A new authority, in an existing folder.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, "olm-catalog-test");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        write(folder, "ca.crt", &issuer.pem())?;
        let key = KeyPair::generate()?;
        let service_accounts = KeyFiles {
            private: write(folder, "service-accounts.key", &key.serialize_pem())?,
            public: write(folder, "service-accounts.pub", &key.public_key_pem())?,
        };
        Ok(Self { folder: folder.to_owned(), issuer, service_accounts, tokens: String::new() })
    }

    /// The authority's own certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// A server's certificate for these host names and addresses.
    pub(super) fn server(&self, name: &str, hosts: &[String]) -> Result<Pair> {
        let mut parameters = CertificateParams::new(hosts)?;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(name, parameters)
    }

    /// A client's certificate: a user of a group.
    pub(super) fn client(&self, name: &str, user: &str, group: &str) -> Result<Pair> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, user);
        parameters.distinguished_name.push(DnType::OrganizationName, group);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(name, parameters)
    }

    /// The key that signs the tokens of service accounts.
    pub(super) fn service_accounts(&self) -> &KeyFiles {
        &self.service_accounts
    }

    /// The kubeconfig file of a user who has a new token. [`Self::tokens`] must be written after the last of them.
    pub(super) fn kubeconfig(&mut self, user: &str, groups: &[&str], server: &str) -> Result<PathBuf> {
        let mut random = [0; 16];
        File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut random)).context("no random numbers")?;
        let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        self.tokens.push_str(&format!("{token},{user},{user},\"{}\"\n", groups.join(",")));
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": {
                "server": server,
                "certificate-authority-data": BASE64_STANDARD.encode(self.issuer.pem()),
            }}],
            "users": [{"name": "test", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "current-context": "test",
        });
        self.write(&format!("{}.kubeconfig", user.replace(':', "-")), &yaml::to_yaml(&config)?)
    }

    /// The file of all tokens, as the API server reads it.
    pub(super) fn tokens(&self) -> Result<PathBuf> {
        self.write("tokens.csv", &self.tokens)
    }

    fn sign(&self, name: &str, parameters: CertificateParams) -> Result<Pair> {
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(Pair {
            certificate: self.write(&format!("{name}.crt"), &certificate.pem())?,
            key: self.write(&format!("{name}.key"), &key.serialize_pem())?,
        })
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        write(&self.folder, name, text)
    }
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
