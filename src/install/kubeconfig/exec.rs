//! Credential plugins, as client-go runs them.
//!
//! <https://kubernetes.io/docs/reference/config-api/client-authentication.v1/>
//!
//! Its arguments, its environment and its standard output are secrets, so no message contains them. Its standard error
//! goes directly to the user.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use serde_json::{Value, json};

use super::Error;
use super::credentials::{Identity, bearer};
use super::fields::{Entry, Node};
use super::files::plain;
use crate::process::{self, Failure};

/// How long a plugin may take: the user may have to log in with a browser.
const PATIENCE: Duration = Duration::from_secs(300);
/// The most bytes that it may print.
const MOST: u64 = 1 << 20;

/// A plugin of a kubeconfig.
pub struct Plugin {
    user: String,
    command: PathBuf,
    arguments: Vec<String>,
    env: Vec<(String, String)>,
    api_version: String,
    install_hint: Option<String>,
    interactive: Interactive,
    cluster: Option<Value>,
    patience: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Interactive {
    Never,
    IfAvailable,
    Always,
}

/// A plugin's output.
pub(super) struct Credential {
    pub(super) header: Option<HeaderValue>,
    pub(super) identity: Option<Identity>,
}

impl Plugin {
    pub(super) fn read(
        node: &Node<'_>,
        user: &Entry,
        cluster: &Entry,
        authority: Option<&[u8]>,
    ) -> Result<Self, Error> {
        node.object()?;
        let Some(command) = node.string("command")? else { return Err(node.error("has no command")) };
        let api_version = node.string("apiVersion")?.unwrap_or_default();
        if !["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"].contains(&api_version.as_str())
        {
            return Err(node.error("has an apiVersion other than client.authentication.k8s.io/v1 and v1beta1"));
        }
        let interactive = match node.string("interactiveMode")?.as_deref() {
            Some("Never") => Interactive::Never,
            Some("Always") => Interactive::Always,
            Some("IfAvailable") => Interactive::IfAvailable,
            // As in client-go: v1 requires it.
            None if api_version.ends_with("/v1") => {
                return Err(node.error("has no interactiveMode, which client.authentication.k8s.io/v1 requires"));
            }
            None => Interactive::IfAvailable,
            Some(_) => return Err(node.error("has an interactiveMode other than Never, IfAvailable and Always")),
        };
        let mut env = Vec::new();
        for variable in node.list("env")? {
            env.push((variable.string("name")?.unwrap_or_default(), variable.string("value")?.unwrap_or_default()));
        }
        if env.iter().any(|(name, _)| name.is_empty() || name.contains(['=', '\0'])) {
            return Err(node.error("has a variable in env without a valid name"));
        }
        // A path is relative to the kubeconfig. A bare name is looked up in $PATH.
        let command = if command.contains('/') { user.path(&command) } else { PathBuf::from(command) };
        let cluster = node.flag("provideClusterInfo")?.then(|| about(cluster, authority)).transpose()?;
        Ok(Self {
            user: user.name.clone(),
            command,
            arguments: node.strings("args")?,
            env,
            api_version,
            install_hint: node.string("installHint")?,
            interactive,
            cluster,
            patience: PATIENCE,
        })
    }

    fn name(&self) -> String {
        self.command
            .file_name()
            .map_or_else(|| self.command.display().to_string(), |name| name.to_string_lossy().into())
    }

    fn error(&self, why: &str, help: impl Into<String>) -> Error {
        Error::new(format!("the credential plugin {} of the user \"{}\" {why}", self.name(), self.user), help)
    }

    /// Runs it.
    ///
    /// # Errors
    /// A plugin that does not exist, fails, takes too long, or does not print credentials.
    pub(super) fn run(&self) -> Result<Credential, Error> {
        let again = "run it by hand to see what is wrong, or log in again";
        let has_terminal = io::stdin().is_terminal();
        if self.interactive == Interactive::Always && !has_terminal {
            return Err(self.error("must ask the user, but standard input is not a terminal", "run this on a terminal"));
        }
        let interactive = has_terminal && self.interactive != Interactive::Never;
        let mut info = json!({
            "apiVersion": self.api_version, "kind": "ExecCredential", "spec": {"interactive": interactive},
        });
        if let Some(cluster) = &self.cluster {
            info["spec"]["cluster"] = cluster.clone();
        }
        let mut command = Command::new(&self.command);
        command
            .args(&self.arguments)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env("KUBERNETES_EXEC_INFO", info.to_string())
            .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
            .stderr(Stdio::inherit());
        let ended = process::run(&mut command, None, MOST, self.patience);
        let (status, output) = ended.map_err(|failure| self.failed(&failure, again))?;
        if !status.success() {
            let how =
                status.code().map_or_else(|| "was killed".to_owned(), |code| format!("failed with exit status {code}"));
            return Err(self.error(&how, again));
        }
        self.credential(&output)
            .ok_or_else(|| self.error("did not print an ExecCredential with a token or a client certificate", again))
    }

    fn failed(&self, failure: &Failure, again: &str) -> Error {
        match failure {
            Failure::Start(error) if error.kind() == io::ErrorKind::NotFound => {
                let hint = self.install_hint.clone().unwrap_or_else(|| {
                    let place = if self.command.components().count() > 1 { "" } else { " somewhere in $PATH" };
                    format!("install {}{place}", self.command.display())
                });
                self.error("was not found", hint)
            }
            Failure::Start(error) => self.error(&format!("cannot be run: {}", plain(error)), again),
            Failure::Wait(error) => self.error(&format!("failed while waiting for it: {}", plain(error)), again),
            Failure::Large => self.error("printed more than 1 MiB", again),
            Failure::Late => {
                let why = format!("did not end within {} s and was stopped", self.patience.as_secs());
                self.error(&why, again)
            }
        }
    }

    fn credential(&self, output: &[u8]) -> Option<Credential> {
        let value: Value = serde_json::from_slice(output).ok()?;
        if value["kind"] != "ExecCredential" || value["apiVersion"] != self.api_version.as_str() {
            return None;
        }
        let text = |name: &str| value["status"][name].as_str().filter(|text| !text.is_empty());
        let header = match text("token") {
            Some(token) => Some(bearer(token)?),
            None => None,
        };
        let identity = text("clientCertificateData").zip(text("clientKeyData")).map(|(certificate, key)| Identity {
            certificate: certificate.as_bytes().to_vec(),
            key: key.as_bytes().to_vec(),
        });
        (header.is_some() || identity.is_some()).then_some(Credential { header, identity })
    }

    /// The same with another time limit.
    pub(super) fn within(mut self, patience: Option<Duration>) -> Self {
        self.patience = patience.unwrap_or(self.patience);
        self
    }
}

/// The cluster information for a plugin.
fn about(cluster: &Entry, authority: Option<&[u8]>) -> Result<Value, Error> {
    let node = cluster.node();
    let mut told = json!({"server": node.string("server")?.unwrap_or_default()});
    for field in ["tls-server-name", "proxy-url"] {
        if let Some(text) = node.string(field)? {
            told[field] = text.into();
        }
    }
    if let Some(authority) = authority {
        told["certificate-authority-data"] = BASE64_STANDARD.encode(authority).into();
    }
    if node.flag("insecure-skip-tls-verify")? {
        told["insecure-skip-tls-verify"] = true.into();
    }
    let extensions = node.list("extensions")?;
    let config = extensions.iter().find(|it| it.value()["name"] == "client.authentication.k8s.io/exec");
    if let Some(config) = config {
        told["config"] = config.value()["extension"].clone();
    }
    Ok(told)
}
