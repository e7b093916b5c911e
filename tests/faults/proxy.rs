//! A faulty proxy between the installer and the API server.
//!
//! TLS is passed on unchanged. Plain HTTP is parsed: each request is sent on over TLS, on a separate connection, so
//! that a fault can concern only this request or its response.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use libtest_mimic::Failed;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The faults.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Every connection is cut after this time.
    Cut(Duration),
    /// No request is answered.
    Silent,
    /// No watch is answered.
    SilentWatches,
    /// Data is sent in pieces of so many bytes, each after such a pause.
    Slow(usize, Duration),
    /// Every n-th request is executed, but its response is lost.
    Lost(usize),
    /// Every n-th response is cut to half, or to its first kilobyte.
    Half(usize),
    /// Requests whose first line has this text wait until they are released.
    Hold(&'static str),
}

/// A proxy, which runs until the test ends.
pub(crate) struct Proxy {
    port: u16,
    held: Receiver<Held>,
}

/// A waiting request. Dropping this releases it.
pub(crate) struct Held {
    _go: Sender<()>,
}

struct Shared {
    fault: Fault,
    server: SocketAddr,
    tls: Arc<ClientConfig>,
    requests: AtomicUsize,
    held: Mutex<Sender<Held>>,
}

impl Proxy {
    /// Starts one in front of a server whose certificate this authority signed.
    pub(crate) fn start(fault: Fault, server: SocketAddr, authority: &[u8]) -> Result<Self, Failed> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority)?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let tls = Arc::new(tls.with_root_certificates(roots).with_no_client_auth());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let (sender, held) = mpsc::channel();
        let shared = Shared { fault, server, tls, requests: AtomicUsize::new(0), held: Mutex::new(sender) };
        let shared = Arc::new(shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // Broken connections are the purpose of this proxy.
                thread::spawn(move || drop(shared.serve(client)));
            }
        });
        Ok(Self { port, held })
    }

    /// The address at which it parses requests.
    pub(crate) fn plain(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The address at which it does not.
    pub(crate) fn through(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The next waiting request.
    pub(crate) fn held(&self, limit: Duration) -> Result<Held, RecvTimeoutError> {
        self.held.recv_timeout(limit)
    }
}

impl Shared {
    fn serve(&self, client: TcpStream) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        if let Fault::Cut(after) = self.fault {
            let client = client.try_clone()?;
            thread::spawn(move || {
                thread::sleep(after);
                client.shutdown(Shutdown::Both)
            });
        }
        let mut first = [0];
        client.peek(&mut first)?;
        match (&self.fault, first[0]) {
            // Until the client gives up.
            (Fault::Silent, _) => std::io::copy(&mut &client, &mut std::io::sink()).map(drop),
            // A TLS handshake.
            (_, 0x16) => self.through(&client),
            _ => self.plain(&client),
        }
    }

    fn through(&self, client: &TcpStream) -> std::io::Result<()> {
        let server = TcpStream::connect(self.server)?;
        server.set_nodelay(true)?;
        thread::scope(|scope| {
            scope.spawn(|| {
                let _ = self.pass(&mut &*client, &mut &server);
                let _ = server.shutdown(Shutdown::Both);
            });
            let passed = self.pass(&mut &server, &mut &*client);
            let _ = client.shutdown(Shutdown::Both);
            passed
        })
    }

    fn plain(&self, client: &TcpStream) -> std::io::Result<()> {
        let (line, request) = request(&mut &*client)?;
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        match self.fault {
            Fault::Hold(part) if line.contains(part) => {
                let (go, wait) = mpsc::channel::<()>();
                let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).send(Held { _go: go });
                if held.is_ok() {
                    let _ = wait.recv();
                }
            }
            Fault::SilentWatches if line.contains("watch=true") => {
                return std::io::copy(&mut &*client, &mut std::io::sink()).map(drop);
            }
            _ => {}
        }
        let name = ServerName::IpAddress(self.server.ip().into());
        let connection = ClientConnection::new(Arc::clone(&self.tls), name).map_err(std::io::Error::other)?;
        let mut server = StreamOwned::new(connection, TcpStream::connect(self.server)?);
        server.write_all(&request)?;
        server.flush()?;
        let is_watch = line.contains("watch=true");
        match self.fault {
            Fault::Lost(every) if number.is_multiple_of(every) && !is_watch => {
                // It has been executed when its response begins.
                server.read_exact(&mut [0])?;
            }
            Fault::Half(every) if number.is_multiple_of(every) && !is_watch => {
                let mut answer = Vec::new();
                // The server closes the connection, not always cleanly.
                let _ = server.read_to_end(&mut answer);
                (&*client).write_all(&answer[..(answer.len() / 2).min(1024)])?;
            }
            _ => self.pass(&mut server, &mut &*client)?,
        }
        client.shutdown(Shutdown::Both)
    }

    /// Until one side closes.
    fn pass(&self, from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = from.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            let Fault::Slow(size, pause) = self.fault else {
                to.write_all(&buffer[..count])?;
                continue;
            };
            for piece in buffer[..count].chunks(size) {
                thread::sleep(pause);
                to.write_all(piece)?;
            }
        }
    }
}

/// The first line of a request, and the whole request, with the connection closed after the response.
fn request(client: &mut impl Read) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        bytes.push(byte[0]);
        if bytes.ends_with(b"\r\n\r\n") {
            break bytes.len();
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end - 4]).into_owned();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let (mut length, mut request) = (0, format!("{first}\r\nconnection: close\r\n"));
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or_default();
        }
        if !name.eq_ignore_ascii_case("connection") {
            request += &format!("{line}\r\n");
        }
    }
    let mut request = (request + "\r\n").into_bytes();
    let mut body = vec![0; length];
    client.read_exact(&mut body)?;
    request.extend(body);
    Ok((first, request))
}
