//! Credentials, from docker's and podman's files.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use serde_json::Value;

use super::Error;
use crate::files;
use crate::image::Repository;
use crate::limits::CREDENTIALS_FILE;
use crate::process::{self, Failure};

/// The credentials for a registry. It is never printed.
#[derive(Clone)]
pub(super) enum Auth {
    None,
    /// A name and a password, or a token as the password.
    Password(String, String),
    /// A refresh token for a token server (OAuth 2), as Azure's registries use it.
    Identity(String),
}

/// The credentials for a registry, and the places that were searched.
pub(super) struct Credentials {
    pub(super) auth: Auth,
    found: Option<PathBuf>,
    looked: Vec<PathBuf>,
}

impl Credentials {
    /// Looks for credentials. A helper program that does not answer within `timeout` is stopped.
    pub(super) fn find(repository: &Repository, files: &[PathBuf], timeout: Duration) -> Result<Self, Error> {
        let registry = repository.registry();
        for path in files {
            let failed = |why: String| Error::Credentials { registry: registry.to_owned(), path: path.clone(), why };
            let Some(bytes) = read(path).map_err(failed)? else { continue };
            // Its text is left out of the error: it may contain a part of a secret.
            let config: Value = serde_json::from_slice(&bytes).map_err(|_| failed("it is not JSON".into()))?;
            for key in keys(repository, &config) {
                let found = match helper(&config, &key) {
                    Some(name) => helped(name, &key, timeout).map_err(failed)?,
                    None => None,
                };
                let found = match found {
                    Some(found) => Some(found),
                    None => {
                        entry(&config["auths"][&key]).map_err(|why| failed(format!("the `auth` of {key} {why}")))?
                    }
                };
                if let Some(auth) = found {
                    return Ok(Self { auth, found: Some(path.clone()), looked: files.to_vec() });
                }
            }
        }
        Ok(Self { auth: Auth::None, found: None, looked: files.to_vec() })
    }

    /// Whether there are none.
    pub(super) fn is_none(&self) -> bool {
        matches!(self.auth, Auth::None)
    }

    /// The end of a sentence about a refusal: which credentials were rejected, or where none were found, and the
    /// remedy.
    pub(super) fn advice(&self, registry: &str, sent: bool) -> String {
        let start = match &self.found {
            Some(path) if sent => format!("it rejected the credentials in {}", path.display()),
            Some(path) => format!("it did not request the credentials in {}", path.display()),
            None if self.looked.is_empty() => "this program did not look for credentials for it".to_owned(),
            None => {
                let looked: Vec<_> = self.looked.iter().map(|path| path.display().to_string()).collect();
                format!("no credentials for it were found in {}", looked.join(" or "))
            }
        };
        format!("{start}; `docker login {registry}` or `podman login {registry}` writes new ones")
    }
}

/// The files where docker and podman store credentials, by the environment: only `$REGISTRY_AUTH_FILE`, if it is set;
/// otherwise `$DOCKER_CONFIG/config.json` (`~/.docker` if that is not set), and podman's `auth.json`. See
/// docker-login(1) and containers-auth.json(5).
#[must_use]
pub fn credential_files() -> Vec<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(file) = folder("REGISTRY_AUTH_FILE") {
        return vec![file];
    }
    let home = folder("HOME").or_else(|| folder("USERPROFILE"));
    let docker = folder("DOCKER_CONFIG").or_else(|| Some(home.as_ref()?.join(".docker")));
    // Without such a folder, as for root and in CI, podman uses its own.
    let run = folder("XDG_RUNTIME_DIR").or_else(run_of_user);
    let config = folder("XDG_CONFIG_HOME").or_else(|| Some(home?.join(".config")));
    let docker = docker.map(|folder| folder.join("config.json"));
    let podman = [run, config].into_iter().flatten().map(|folder| match folder.starts_with("/run/containers") {
        true => folder.join("auth.json"),
        false => folder.join("containers/auth.json"),
    });
    docker.into_iter().chain(podman).collect()
}

/// `/run/containers/<uid>/auth.json` is podman's file if the session has no folder; see containers-auth.json(5).
#[cfg(target_os = "linux")]
fn run_of_user() -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    // The owner of a process's folder is its user.
    let user = fs::metadata("/proc/self").ok()?.uid();
    Some(PathBuf::from(format!("/run/containers/{user}")))
}

#[cfg(not(target_os = "linux"))]
fn run_of_user() -> Option<PathBuf> {
    None
}

/// A file of credentials. `None` if it does not exist, or is empty, as logins may leave it.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match fs::metadata(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        // Podman's folder of another user.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.starts_with("/run/containers") => {
            return Ok(None);
        }
        Err(error) => return Err(error.to_string()),
    }
    let bytes = files::read_small(path, CREDENTIALS_FILE).map_err(|error| error.to_string())?;
    Ok(Some(bytes).filter(|bytes| !bytes.iter().all(u8::is_ascii_whitespace)))
}

/// The helper program in a file, for one registry or for all.
fn helper<'c>(config: &'c Value, key: &str) -> Option<&'c str> {
    let name = |value: &'c Value| value.as_str().filter(|name| !name.is_empty());
    name(&config["credHelpers"][key]).or_else(|| name(&config["credsStore"]))
}

/// The credentials from a helper program. Its output is never in a message: it may contain anything.
///
/// <https://github.com/docker/docker-credential-helpers#development>
fn helped(name: &str, key: &str, timeout: Duration) -> Result<Option<Auth>, String> {
    let program = format!("docker-credential-{name}");
    let of = |why: &str| format!("its helper program {program} {why}");
    if name.contains(['/', '\\']) {
        return Err(of("is not valid: the name of a helper must not be a path"));
    }
    let (status, output) =
        process::run(Command::new(&program).arg("get").stderr(Stdio::null()), Some(key), CREDENTIALS_FILE, timeout)
            .map_err(|failure| match failure {
                Failure::Start(_) | Failure::Wait(_) => of("cannot run"),
                Failure::Late => of(&format!("did not answer within {} seconds", timeout.as_secs())),
                Failure::Large => of("did not print valid credentials"),
            })?;
    if !status.success() {
        // The message of every helper without credentials: credentials/error.go there.
        let none = String::from_utf8_lossy(&output).contains("not found");
        return if none { Ok(None) } else { Err(of("failed")) };
    }
    let answer: Value = serde_json::from_slice(&output).unwrap_or_default();
    match (answer["Username"].as_str(), answer["Secret"].as_str()) {
        (Some("<token>"), Some(token)) => Ok(Some(Auth::Identity(token.to_owned()))),
        (Some(user), Some(secret)) => Ok(Some(Auth::Password(user.to_owned(), secret.to_owned()))),
        _ => Err(of("did not print valid credentials")),
    }
}

/// An entry of `auths`. `None` if it is empty, as with a helper program.
fn entry(entry: &Value) -> Result<Option<Auth>, String> {
    let text = |field: &str| entry[field].as_str().filter(|text| !text.is_empty());
    if let Some(token) = text("identitytoken").or_else(|| text("identityToken")) {
        return Ok(Some(Auth::Identity(token.to_owned())));
    }
    if let Some(auth) = text("auth") {
        // Go's decoder ignores line breaks.
        let plain: String = auth.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let decoder = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
        let decoded = decoder.decode(plain).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let decoded = decoded.as_deref().map(|text| text.trim_end_matches('\0'));
        return match decoded.and_then(|text| text.split_once(':')) {
            // Docker writes a name of zeros next to an identity token.
            Some((user, password)) if !password.is_empty() => {
                Ok(Some(Auth::Password(user.to_owned(), password.to_owned())))
            }
            _ => Err("is not NAME:PASSWORD in base64".to_owned()),
        };
    }
    Ok(text("username")
        .zip(text("password"))
        .map(|(user, password)| Auth::Password(user.to_owned(), password.to_owned())))
}

/// The keys that a file may store credentials under, the most specific first: podman also stores them for parts of a
/// registry, and docker stores those of Docker Hub under a special URL.
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
        "docker.io" => keys.extend(["https://index.docker.io/v1/", "index.docker.io", "docker.io"].map(str::to_owned)),
        other => keys.push(other.to_owned()),
    }
    // Docker accepts URLs too: `https://registry.example/v2/`.
    let host = |key: &str| {
        let key = key.trim_start_matches("https://").trim_start_matches("http://");
        key.split('/').next().unwrap_or_default().to_owned()
    };
    let is_address = |key: &&String| key.contains("://") && host(key) == registry;
    keys.extend(config["auths"].as_object().into_iter().flatten().map(|(key, _)| key).filter(is_address).cloned());
    keys
}
