//! The proxy to the API server, as kubectl finds it: `proxy-url` of the kubeconfig's cluster, or else the environment,
//! by the rules of Go's `golang.org/x/net/http/httpproxy`, which client-go follows.

mod exceptions;
mod tunnel;

use std::fmt;

use http::Uri;
use percent_encoding::percent_decode_str;
use url::{Position, Url};

use self::exceptions::Exceptions;
pub use self::tunnel::Failure;
pub(super) use self::tunnel::{client, failure};

/// A proxy setting that is not valid.
#[derive(Debug, thiserror::Error)]
#[error("{setting} is not a valid proxy URL: {why}")]
pub struct Error {
    setting: Setting,
    why: String,
}

/// The source of a proxy setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `proxy-url` of the cluster in the kubeconfig.
    Kubeconfig,
    /// A variable of the environment.
    Variable(&'static str),
}

/// A proxy. Its user and password are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    scheme: Scheme,
    /// An IPv6 address is in brackets.
    host: String,
    port: u16,
    user: Option<(String, String)>,
    setting: Setting,
}

/// The protocol of a proxy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
    Socks5,
}

/// The proxies from the environment, and the servers that are reached without them.
pub struct Environment {
    http: Option<Proxy>,
    https: Option<Proxy>,
    exceptions: Exceptions,
}

impl Environment {
    /// From variables: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in upper case or else in lower case.
    ///
    /// # Errors
    /// A variable that is not a valid proxy URL. Go silently ignores it.
    pub fn new(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| Some((name, variable(name).filter(|text| !text.is_empty())?)))
        };
        let proxy = |names| first(names).map(|(name, text)| Proxy::new(Setting::Variable(name), &text)).transpose();
        Ok(Self {
            http: proxy(["HTTP_PROXY", "http_proxy"])?,
            https: proxy(["HTTPS_PROXY", "https_proxy"])?,
            exceptions: Exceptions::new(&first(["NO_PROXY", "no_proxy"]).unwrap_or_default().1),
        })
    }

    /// The proxy for a server; `None` if it is reached without one.
    #[must_use]
    pub fn proxy(&self, server: &Uri) -> Option<&Proxy> {
        let (proxy, port) = match server.scheme_str() {
            Some("https") => (self.https.as_ref()?, 443),
            Some("http") => (self.http.as_ref()?, 80),
            _ => return None,
        };
        let host = server.host()?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        (!self.exceptions.contain(host, server.port_u16().unwrap_or(port))).then_some(proxy)
    }
}

impl Proxy {
    /// From a URL: `http`, `https` or `socks5`, possibly with a user and password. The default scheme is `http`.
    ///
    /// # Errors
    /// A text that is not such a URL.
    pub fn new(setting: Setting, text: &str) -> Result<Self, Error> {
        // The text may contain a password.
        let failed = |why: &str| Error { setting, why: why.to_owned() };
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let special = || failed("it is not a URL (write special characters in a password as %XX)");
        // kube reads it this way, and does not report where it was.
        if text.parse::<Uri>().is_err() {
            return Err(special());
        }
        let url = Url::parse(&whole).map_err(|error| failed(&error.to_string()))?;
        // Otherwise a part of the user or password would be read as the host.
        if url[Position::AfterPort..].contains('@') {
            return Err(special());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| failed("it has no host"))?;
        let (scheme, port) = match url.scheme() {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            "socks5" => (Scheme::Socks5, 1080),
            other => {
                let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
                let why = format!("{other}://{host}{port} is neither http, https nor socks5");
                return Err(failed(&why));
            }
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let has_user = !url.username().is_empty() || url.password().is_some();
        let user = has_user.then(|| (decoded(url.username()), decoded(url.password().unwrap_or_default())));
        Ok(Self { scheme, host: host.to_owned(), port: url.port().unwrap_or(port), user, setting })
    }

    /// Where it is set.
    #[must_use]
    pub fn setting(&self) -> Setting {
        self.setting
    }

    /// The user and password.
    #[must_use]
    pub fn user(&self) -> Option<(&str, &str)> {
        self.user.as_ref().map(|(user, password)| (user.as_str(), password.as_str()))
    }
}

/// `http://proxy.example:3128`
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
            Scheme::Socks5 => "socks5",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self} of {})", self.setting)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kubeconfig => "proxy-url of the kubeconfig's cluster",
            Self::Variable(name) => name,
        })
    }
}

impl Error {
    /// How to fix it.
    #[must_use]
    pub fn help(&self) -> String {
        format!(
            "set {} to a URL such as http://proxy.example:3128 or http://USER:PASSWORD@proxy.example:3128",
            self.setting
        )
    }
}
