//! Credentials, from where docker and podman keep them.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};
use oci_distribution::secrets::RegistryAuth;
use serde_json::Value;

use super::Error;
use crate::image::Repository;

/// What to identify with at a registry, and where that was looked for.
pub(super) struct Credentials {
    pub(super) auth: RegistryAuth,
    found: Option<PathBuf>,
    looked: Vec<PathBuf>,
}

impl Credentials {
    /// Looks for credentials. A helper program that does not answer is not waited for longer than `timeout`.
    pub(super) fn find(repository: &Repository, files: &[PathBuf], timeout: Duration) -> Result<Self, Error> {
        let (send, receive) = mpsc::channel();
        let (searched, wanted) = (files.to_vec(), repository.clone());
        thread::spawn(move || send.send(search(&searched, &wanted)));
        receive.recv_timeout(timeout).unwrap_or_else(|_| {
            let why = format!("its helper program did not answer within {} seconds", timeout.as_secs());
            let path = files.first().cloned().unwrap_or_default();
            Err(Error::Credentials { registry: repository.registry().to_owned(), path, why })
        })
    }

    /// What to do when the registry refuses them.
    pub(super) fn advice(&self, registry: &str) -> Advice<'_> {
        Advice { credentials: self, registry: registry.to_owned() }
    }
}

/// The end of a sentence: whose credentials were used, or where none were found, and how to get others.
pub(super) struct Advice<'c> {
    credentials: &'c Credentials,
    registry: String,
}

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credentials { found, looked, .. } = self.credentials;
        match found {
            Some(path) => write!(f, "the credentials for it in {} are not good enough", path.display())?,
            None if looked.is_empty() => write!(f, "no credentials for it were looked for")?,
            None => {
                let looked: Vec<_> = looked.iter().map(|path| path.display().to_string()).collect();
                write!(f, "no credentials for it are in {}", looked.join(" or "))?;
            }
        }
        write!(f, "; `docker login {}` or `podman login {0}` writes new ones", self.registry)
    }
}

/// The files where docker and podman keep credentials, by the environment: `$REGISTRY_AUTH_FILE` alone, where it is
/// set; otherwise `$DOCKER_CONFIG/config.json` (`~/.docker` where that is not set), and podman's `auth.json`.
/// See docker-login(1) and containers-auth.json(5).
#[must_use]
pub fn credential_files() -> Vec<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(file) = folder("REGISTRY_AUTH_FILE") {
        return vec![file];
    }
    let home = folder("HOME").or_else(|| folder("USERPROFILE"));
    let docker = folder("DOCKER_CONFIG").or_else(|| Some(home.as_ref()?.join(".docker")));
    let run = folder("XDG_RUNTIME_DIR");
    let config = folder("XDG_CONFIG_HOME").or_else(|| Some(home?.join(".config")));
    let docker = docker.map(|folder| folder.join("config.json"));
    let podman = [run, config].into_iter().flatten().map(|folder| folder.join("containers/auth.json"));
    docker.into_iter().chain(podman).collect()
}

fn search(files: &[PathBuf], repository: &Repository) -> Result<Credentials, Error> {
    let registry = repository.registry();
    for path in files {
        let failed = |why: String| Error::Credentials { registry: registry.to_owned(), path: path.clone(), why };
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error.to_string())),
        };
        // Its text is left out of the error: it may hold a part of a secret.
        let config: Value = serde_json::from_slice(&bytes).map_err(|_| failed("it is not JSON".into()))?;
        for key in keys(repository, &config) {
            let auth = match get_credential_from_reader(bytes.as_slice(), &key) {
                Ok(DockerCredential::UsernamePassword(user, password)) => RegistryAuth::Basic(user, password),
                Ok(DockerCredential::IdentityToken(_)) => {
                    let why = "it has an identity token, which is not supported; log in with a name and a password";
                    return Err(failed(why.into()));
                }
                Err(CredentialRetrievalError::NoCredentialConfigured) => continue,
                // What every helper says that has none: docker-credential-helpers, credentials/error.go.
                Err(CredentialRetrievalError::HelperFailure { stdout, .. }) if stdout.contains("not found") => continue,
                Err(error) => return Err(failed(reason(&error, &config, &key))),
            };
            return Ok(Credentials { auth, found: Some(path.clone()), looked: files.to_vec() });
        }
    }
    Ok(Credentials { auth: RegistryAuth::Anonymous, found: None, looked: files.to_vec() })
}

/// Why a file gives no credentials. What a helper program says is left out: it may hold anything.
fn reason(error: &CredentialRetrievalError, config: &Value, key: &str) -> String {
    use CredentialRetrievalError as E;
    let helper = || {
        let name = config["credHelpers"].get(key).unwrap_or(&config["credsStore"]);
        format!("its helper program docker-credential-{}", name.as_str().unwrap_or_default())
    };
    match error {
        E::HelperCommunicationError => format!("{} cannot be run", helper()),
        E::HelperFailure { .. } => format!("{} failed", helper()),
        E::MalformedHelperResponse => format!("{} answers with something else than credentials", helper()),
        E::CredentialDecodingError => format!("the `auth` of {key} is not NAME:PASSWORD in base64"),
        E::CredentialMismatchError => format!("the `auth` of {key} differs from its `username` and `password`"),
        E::NoCredentialConfigured | E::ConfigNotFound | E::ConfigReadError => "it is not a credentials file".into(),
    }
}

/// The names that a file may have credentials under, the closest first: podman keeps them for parts of a registry
/// too, docker keeps those of Docker Hub under an address of its own.
fn keys(repository: &Repository, config: &Value) -> Vec<String> {
    let (registry, mut part) = (repository.registry(), repository.to_string());
    let mut keys = Vec::new();
    while part != registry {
        if config["auths"].get(&part).is_some() {
            keys.push(part.clone());
        }
        match part.rfind('/') {
            Some(end) => part.truncate(end),
            None => break,
        }
    }
    match registry {
        "docker.io" => keys.extend(["https://index.docker.io/v1/", "index.docker.io"].map(str::to_owned)),
        other => keys.push(other.to_owned()),
    }
    keys
}
