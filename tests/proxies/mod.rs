//! A proxy that leads to one server, whatever is requested. It supports `CONNECT`, also over TLS with its own
//! certificate, and SOCKS 5.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, copy_bidirectional, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Its behaviour when a server is requested.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It opens a tunnel.
    Tunnel,
    /// It responds with this status.
    Status(&'static str),
    /// Its response is not HTTP.
    NoHttp,
    /// It disconnects.
    Nothing,
    /// It does not respond.
    Silence,
}

/// A running proxy; it ends with its runtime.
pub(crate) struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Shared {
    answer: Answer,
    /// The required user and password; without them it accepts everyone.
    login: Option<(&'static str, &'static str)>,
    server: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// The HTTP header for a user and password.
pub(crate) fn basic((user, password): (&str, &str)) -> String {
    BASE64_STANDARD.encode(format!("{user}:{password}"))
}

impl Proxy {
    pub(crate) async fn start(answer: Answer, login: Option<(&'static str, &'static str)>, server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let shared = Shared { answer, login, server, asked: Arc::clone(&asked) };
        let tls = TlsAcceptor::from(self_signed("127.0.0.1").0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A rejected client can disconnect.
                tokio::spawn(shared.clone().serve(client, tls.clone()));
            }
        });
        Self { port, asked }
    }

    /// Its URL, with an escaped user and password.
    pub(crate) fn url(&self, scheme: &str, login: &str) -> String {
        let at = if login.is_empty() { "" } else { "@" };
        format!("{scheme}://{login}{at}127.0.0.1:{}", self.port)
    }

    /// Compares the destinations of tunnels since the last call, each once, with the expected ones.
    pub(crate) fn was_asked_for(&self, servers: &[&str]) {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.dedup();
        assert_eq!(asked, servers, "asked of the proxy");
    }

    /// The number of accepted requests.
    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// The TLS configuration of a server with this name, with a self-signed certificate; and the certificate, as PEM.
pub(crate) fn self_signed(name: &str) -> (Arc<ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    (Arc::new(config), made.cert.pem())
}

impl Shared {
    async fn serve(self, client: TcpStream, tls: TlsAcceptor) -> io::Result<()> {
        let mut first = [0];
        client.peek(&mut first).await?;
        match first[0] {
            0x05 => self.socks(client).await,
            // A TLS handshake.
            0x16 => self.http(tls.accept(client).await?).await,
            _ => self.http(client).await,
        }
    }

    async fn http(self, mut client: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(client.read_u8().await?);
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        let mut words = request.split(' ');
        if words.next() != Some("CONNECT") {
            return client.write_all(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n").await;
        }
        let login = request.lines().filter_map(|line| line.split_once(": Basic "));
        let mut login =
            login.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization")).map(|(_, login)| login);
        if self.login.is_some_and(|only| login.next() != Some(&basic(only))) {
            return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
        }
        self.asked.lock().unwrap().push(words.next().unwrap_or_default().to_owned());
        match self.answer {
            Answer::Tunnel => {
                client.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").await?;
                self.tunnel(client).await
            }
            Answer::Status(status) => client.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await,
            Answer::NoHttp => client.write_all(b"220 mail.example ready\r\n\r\n").await,
            Answer::Nothing => Ok(()),
            Answer::Silence => copy(&mut client, &mut sink()).await.map(drop),
        }
    }

    /// By RFC 1928 and RFC 1929.
    async fn socks(self, mut client: TcpStream) -> io::Result<()> {
        let mut methods = [0; 2];
        client.read_exact(&mut methods).await?;
        let mut offered = vec![0; methods[1].into()];
        client.read_exact(&mut offered).await?;
        let method = if self.login.is_some() { 2 } else { 0 };
        if !offered.contains(&method) {
            return client.write_all(&[5, 0xff]).await;
        }
        client.write_all(&[5, method]).await?;
        if let Some((user, password)) = self.login {
            client.read_u8().await?;
            let is_right = text(&mut client).await? == user && text(&mut client).await? == password;
            client.write_all(&[1, (!is_right).into()]).await?;
            if !is_right {
                return Ok(());
            }
        }
        let mut request = [0; 4];
        client.read_exact(&mut request).await?;
        assert_eq!(request, [5, 1, 0, 3], "a connection to a name");
        let server = format!("{}:{}", text(&mut client).await?, client.read_u16().await?);
        self.asked.lock().unwrap().push(server);
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
        self.tunnel(client).await
    }

    async fn tunnel(&self, mut client: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let mut server = TcpStream::connect(self.server).await?;
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }
}

/// A length and so many bytes.
async fn text(client: &mut TcpStream) -> io::Result<String> {
    let mut bytes = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
