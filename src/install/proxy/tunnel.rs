//! Connections to the API server: direct, through an HTTP proxy with `CONNECT`, or through a SOCKS proxy.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::client::{Body, ConfigExt};
use kube::{Client, Config};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tower::{BoxError, Service, ServiceBuilder};

use super::{Proxy, Scheme, Setting};
use crate::diagnostic::chain;
use crate::install::kubeconfig::credentials::{Authorized, Credentials};

/// The time limit until the API server, or a proxy, accepts a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// The same including the handshake after it.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// The most bytes in an answer. A page of large CRDs has a tenth of it.
const BODY: usize = 256 << 20;
/// The most bytes that a proxy may send before it opens a tunnel.
const MOST: usize = 16 << 10;

/// The failure of a proxy.
#[derive(Clone, Debug)]
pub struct Failure {
    proxy: String,
    setting: Setting,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Unreachable(Arc<str>),
    Login {
        status: Arc<str>,
        /// Whether a user and a password were sent.
        given: bool,
    },
    NoTunnel {
        server: Arc<str>,
        why: Arc<str>,
        is_final: bool,
    },
}

/// A client for this cluster, which uses the proxy if there is one. It is kube's own except for the connections, the
/// credentials and the limit on what is read. It does not retry or log. `read` counts the bytes of all answers.
///
/// # Errors
/// Settings that do not make a valid request.
pub(in crate::install) fn client(
    config: &Config,
    tls: rustls::ClientConfig,
    credentials: Credentials,
    proxy: Option<Proxy>,
    read: Arc<AtomicU64>,
) -> kube::Result<Client> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    let tls = Arc::new(tls);
    let connector = Connector { hop: HttpsConnector::from((http, Arc::clone(&tls))), proxy: proxy.map(Arc::new) };
    let mut builder = HttpsConnectorBuilder::new().with_tls_config((*tls).clone()).https_or_http();
    if let Some(name) = &config.tls_server_name {
        let name = name
            .clone()
            .try_into()
            .map_err(|error: rustls::pki_types::InvalidDnsNameError| kube::Error::Service(error.into()))?;
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    let mut connector = TimeoutConnector::new(builder.enable_http1().wrap_connector(connector));
    connector.set_connect_timeout(Some(HANDSHAKE));
    connector.set_read_timeout(config.read_timeout);
    connector.set_write_timeout(config.write_timeout);
    let http: HttpClient<_, Body> = HttpClient::builder(TokioExecutor::new()).build(connector);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(config.extra_headers_layer()?)
        .layer_fn(|inner| Authorized::new(inner, credentials.clone()))
        .map_response(move |answer: http::Response<_>| {
            let read = Arc::clone(&read);
            answer.map(|body| {
                Limited::new(body, BODY).map_frame(move |frame| {
                    let length = frame.data_ref().map_or(0, bytes::Buf::remaining);
                    read.fetch_add(length as u64, Ordering::Relaxed);
                    frame
                })
            })
        })
        .map_err(BoxError::from)
        .service(http);
    Ok(Client::new(service, config.default_namespace.clone()))
}

/// The failure of a proxy that made a request fail.
pub(in crate::install) fn failure(error: &kube::Error) -> Option<&Failure> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        // The source of an I/O error is not the error that it wraps, but that error's own source.
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inside = inside.and_then(|inside| inside.downcast_ref());
        if let Some(failure) = error.downcast_ref().or(inside) {
            return Some(failure);
        }
        next = error.source();
    }
    None
}

/// Connects to the first hop, and from there to the server.
#[derive(Clone)]
struct Connector {
    hop: HttpsConnector<HttpConnector>,
    proxy: Option<Arc<Proxy>>,
}

type Connection = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.hop.poll_ready(context)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let mut hop = self.hop.clone();
        let proxy = self.proxy.clone();
        Box::pin(async move {
            let is_tls = server.scheme_str() == Some("https");
            let (host, port) = (server.host().unwrap_or_default(), server.port_u16());
            let port = port.unwrap_or(if is_tls { 443 } else { 80 });
            let Some(proxy) = proxy else {
                // The caller adds TLS.
                return timeout(CONNECT, hop.call(plain(host, port)?)).await.map_err(|_| silent())?;
            };
            Ok(timeout(CONNECT, proxied(hop, &proxy, host, port))
                .await
                .unwrap_or_else(|_| Err(proxy.fails(Kind::Unreachable("it does not answer".into()))))?)
        })
    }
}

fn plain(host: &str, port: u16) -> Result<Uri, http::Error> {
    Uri::builder().scheme("http").authority(format!("{host}:{port}")).path_and_query("/").build()
}

fn silent() -> BoxError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

/// A connection to a server through a proxy.
async fn proxied(
    mut hop: HttpsConnector<HttpConnector>,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Result<Connection, Failure> {
    let unreachable = |error: BoxError| proxy.fails(Kind::Unreachable(chain(&*error).into()));
    let server: Arc<str> = format!("{host}:{port}").into();
    let refuses =
        |why: &str, is_final| proxy.fails(Kind::NoTunnel { server: Arc::clone(&server), why: why.into(), is_final });
    let no_tunnel = |why: &str| refuses(why, false);
    let scheme = if proxy.scheme == Scheme::Https { "https" } else { "http" };
    let first = Uri::builder().scheme(scheme).authority(format!("{}:{}", proxy.host, proxy.port)).path_and_query("/");
    let first = first.build().map_err(|error| unreachable(error.into()))?;
    if proxy.scheme == Scheme::Socks5 {
        let mut socks = SocksV5::new(first, hop);
        if let Some((user, password)) = &proxy.user {
            socks = socks.with_auth(user.clone(), password.clone());
        }
        let target = plain(host, port).map_err(|error| no_tunnel(&error.to_string()))?;
        return socks.call(target).await.map_err(|error| no_tunnel(&error.to_string()));
    }
    let mut stream = TokioIo::new(hop.call(first).await.map_err(unreachable)?);
    let answer = connect(&mut stream, &server, proxy).await.map_err(|error| no_tunnel(&error.to_string()))?;
    match answer.split(' ').next() {
        Some(code) if code.len() == 3 && code.starts_with('2') => Ok(stream.into_inner()),
        Some("407") => Err(proxy.fails(Kind::Login { status: answer.into(), given: proxy.user.is_some() })),
        // A forbidden connection stays forbidden; one that fails may work later.
        code => {
            Err(refuses(&answer, code.is_some_and(|code| code.starts_with('4') && !["408", "429"].contains(&code))))
        }
    }
}

/// Asks a proxy for a tunnel, and returns the status that it answers, such as `200 OK`. The bytes after its answer come
/// from the server.
async fn connect<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, server: &str, proxy: &Proxy) -> io::Result<String> {
    let mut request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n");
    if let Some((user, password)) = &proxy.user {
        let login = BASE64_STANDARD.encode(format!("{user}:{password}"));
        request += &format!("Proxy-Authorization: Basic {login}\r\n");
    }
    stream.write_all((request + "\r\n").as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= MOST {
            return Err(io::Error::other("its answer is too long"));
        }
        match stream.read_u8().await {
            Ok(byte) => answer.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(io::Error::other("it closed the connection"));
            }
            Err(error) => return Err(error),
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.lines().next().and_then(|line| line.strip_prefix("HTTP/1.")?.split_once(' '));
    let (_, status) = status.ok_or_else(|| io::Error::other("it does not speak HTTP"))?;
    Ok(status.chars().filter(|character| !character.is_control()).take(200).collect::<String>().trim().to_owned())
}

impl Proxy {
    fn fails(&self, kind: Kind) -> Failure {
        Failure { proxy: self.to_string(), setting: self.setting, kind }
    }
}

impl Failure {
    /// Whether a retry would fail in the same way.
    pub(in crate::install) fn is_final(&self) -> bool {
        matches!(self.kind, Kind::Login { .. } | Kind::NoTunnel { is_final: true, .. })
    }

    /// How to fix it.
    #[must_use]
    pub fn help(&self) -> String {
        let Self { proxy, setting, kind } = self;
        let without = match setting {
            Setting::Kubeconfig => "",
            Setting::Variable(_) => "; servers in NO_PROXY are reached without a proxy",
        };
        match kind {
            Kind::Login { .. } => {
                let url = proxy.replacen("://", "://USER:PASSWORD@", 1);
                format!("write a valid user and password into {setting}: {url}")
            }
            Kind::Unreachable(_) => format!("check {setting}{without}"),
            Kind::NoTunnel { server, .. } => {
                format!("check that the proxy can reach {server} and allows it, or check {setting}{without}")
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = &self.proxy;
        match &self.kind {
            Kind::Unreachable(why) => write!(f, "the proxy {proxy} cannot be reached: {why}"),
            Kind::Login { status, given: true } => {
                write!(f, "the proxy {proxy} rejected this user and password: {status}")
            }
            Kind::Login { status, given: false } => {
                write!(f, "the proxy {proxy} requires a user and password: {status}")
            }
            Kind::NoTunnel { server, why, .. } => write!(f, "the proxy {proxy} refuses to connect to {server}: {why}"),
        }
    }
}

impl StdError for Failure {}
