//! The context of a kubeconfig, with its cluster and its user.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;

use super::credentials::{Credentials, Identity};
use super::exec::Plugin;
use super::fields::Entry;
use super::files::{Merged, plain};
use super::{Connection, Error};
use crate::files::read_small;

/// The chosen cluster and user.
#[derive(Debug)]
pub struct Chosen {
    /// The API server.
    pub server: Uri,
    /// The name that its certificate must have, if it differs from the server's.
    pub tls_server_name: Option<String>,
    /// Whether its certificate is not checked.
    pub insecure: bool,
    /// The certificates of its authority, as PEM; the system's if there is none.
    pub authority: Option<Vec<u8>>,
    /// The proxy to reach it.
    pub proxy_url: Option<String>,
    /// The namespace of the context.
    pub namespace: Option<String>,
    /// The credentials.
    pub credentials: Credentials,
    /// A client certificate with its key.
    pub identity: Option<Identity>,
    /// The user to act as.
    pub impersonate: Option<String>,
    /// The groups to act as.
    pub impersonate_groups: Vec<String>,
    /// The user's name in the kubeconfig, for messages.
    pub user: String,
}

pub(super) fn choose(merged: &Merged, connection: &Connection) -> Result<Chosen, Error> {
    let files = merged.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(":");
    let Some(name) = connection.context.clone().or_else(|| merged.current.clone()) else {
        return Err(Error::new(
            format!("{files} has no current context"),
            format!("pass --context with one of: {}", names(&merged.contexts)),
        ));
    };
    let Some(context) = merged.contexts.iter().find(|entry| entry.name == name) else {
        return Err(Error::new(
            format!("{files} has no context \"{name}\""),
            match merged.contexts.is_empty() {
                true => "it has no contexts; name another file with --kubeconfig".to_owned(),
                false => format!("contexts: {}", names(&merged.contexts)),
            },
        ));
    };
    let node = context.node();
    let Some(cluster_name) = node.string("cluster")? else { return Err(node.error("names no cluster")) };
    let Some(cluster) = merged.clusters.iter().find(|entry| entry.name == cluster_name) else {
        return Err(node.error(&format!("names the cluster \"{cluster_name}\", which {files} does not have")));
    };
    let user_name = node.string("user")?.unwrap_or_default();
    let user = merged.users.iter().find(|entry| entry.name == user_name);
    if user.is_none() && !user_name.is_empty() {
        return Err(node.error(&format!("names the user \"{user_name}\", which {files} does not have")));
    }
    let mut chosen = of_cluster(cluster)?;
    chosen.namespace = node.string("namespace")?;
    if let Some(user) = user {
        of_user(user, cluster, connection.request_timeout, &mut chosen)?;
    }
    let tls = chosen.authority.is_some() || chosen.identity.is_some() || chosen.insecure;
    chosen.server = server(cluster, tls)?;
    if let Some(user) = &connection.user {
        chosen.impersonate = Some(user.clone());
        chosen.impersonate_groups = connection.groups.clone();
    }
    Ok(chosen)
}

fn names(entries: &[Entry]) -> String {
    let mut names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    names.truncate(20);
    names.join(", ")
}

/// The server's address. The default scheme is http, or https if any TLS setting exists, as in client-go's
/// `DefaultServerURL`.
fn server(cluster: &Entry, tls: bool) -> Result<Uri, Error> {
    let node = cluster.node();
    let Some(text) = node.string("server")? else {
        return Err(node.error("has no server"));
    };
    let field = node.field("server");
    let wrong = |why: &str| field.as_ref().unwrap_or(&node).error(why);
    let text = text.trim();
    let whole = match text.contains("://") {
        true => text.to_owned(),
        false => format!("{}://{text}", if tls { "https" } else { "http" }),
    };
    let url = url::Url::parse(&whole).map_err(|error| wrong(&format!("is not a valid address: {error}")))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(wrong(&format!("has the scheme {}; use https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("contains a user or password; write them into the user's entry"));
    }
    let uri: Uri = whole.parse().map_err(|_| wrong("is not a valid address"))?;
    match uri.host() {
        Some(host) if !host.is_empty() => Ok(uri),
        _ => Err(wrong("has no host")),
    }
}

fn of_cluster(cluster: &Entry) -> Result<Chosen, Error> {
    let node = cluster.node();
    let authority = match node.data("certificate-authority-data")? {
        Some(data) => Some(data),
        None => file(cluster, "certificate-authority")?,
    };
    if let Some(pem) = &authority
        && !super::pem::has_certificate(pem)
    {
        let field =
            ["certificate-authority-data", "certificate-authority"].into_iter().find_map(|name| node.field(name));
        return Err(field.as_ref().unwrap_or(&node).error("has no certificate in PEM form"));
    }
    Ok(Chosen {
        server: Uri::default(),
        tls_server_name: node.string("tls-server-name")?,
        insecure: node.flag("insecure-skip-tls-verify")?,
        authority,
        proxy_url: node.string("proxy-url")?,
        namespace: None,
        credentials: Credentials::none(),
        identity: None,
        impersonate: None,
        impersonate_groups: Vec::new(),
        user: String::new(),
    })
}

fn of_user(user: &Entry, cluster: &Entry, timeout: Option<Duration>, chosen: &mut Chosen) -> Result<(), Error> {
    let node = user.node();
    chosen.user.clone_from(&user.name);
    chosen.impersonate = node.string("as")?;
    chosen.impersonate_groups = node.strings("as-groups")?;
    let certificate = match node.data("client-certificate-data")? {
        Some(data) => Some(data),
        None => file(user, "client-certificate")?,
    };
    let key = match node.data("client-key-data")? {
        Some(data) => Some(data),
        None => file(user, "client-key")?,
    };
    chosen.identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        // Some files contain both.
        (Some(both), None) if super::pem::has_key(&both) => Some(Identity { certificate: both.clone(), key: both }),
        (Some(_), None) => return Err(node.error("has a client certificate but no client-key")),
        (None, Some(_)) => return Err(node.error("has a client key but no client-certificate")),
        (None, None) => None,
    };
    chosen.credentials = if let Some(path) = node.string("tokenFile")? {
        // As in client-go: if there is also a token, a file that cannot be read is ignored.
        match node.string("token")?.as_deref().and_then(Credentials::token) {
            Some(token) => Credentials::file_or(user.path(&path), &token),
            None => Credentials::file(user.path(&path), &user.name)?,
        }
    } else if let Some(token) = node.string("token")? {
        let field = node.field("token");
        Credentials::token(&token).ok_or_else(|| {
            field.as_ref().unwrap_or(&node).error("contains a character that is not allowed in a token")
        })?
    } else if let (name, Some(password)) = (node.string("username")?.unwrap_or_default(), node.string("password")?) {
        Credentials::basic(&name, &password)
    } else if let Some(exec) = node.field("exec") {
        Credentials::plugin(Plugin::read(&exec, user, cluster, chosen.authority.as_deref())?.within(timeout))
    } else if let Some(provider) = node.field("auth-provider") {
        let token = provider.field("config").map(|config| config.string("id-token")).transpose()?.flatten();
        match token.as_deref().and_then(Credentials::token) {
            Some(credentials) => credentials,
            None => {
                return Err(provider.error(
                    "is not supported: kubectl removed these providers; use an exec plugin (`exec`), or a token",
                ));
            }
        }
    } else {
        Credentials::none()
    };
    Ok(())
}

/// The contents of a file that a field names.
fn file(entry: &Entry, field: &str) -> Result<Option<Vec<u8>>, Error> {
    let node = entry.node();
    let Some(path) = node.string(field)? else { return Ok(None) };
    let path: PathBuf = entry.path(&path);
    let field = node.field(field);
    let failed = |why: String| {
        field.as_ref().unwrap_or(&node).error(&format!("names {}, which cannot be read: {why}", path.display()))
    };
    read_small(&path, super::files::MOST).map(Some).map_err(|error| failed(plain(&error)))
}
