//! Registries for tests: Debian's docker-registry, and a small one that misbehaves on demand.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use olm_catalog::image::spec::{Descriptor, MediaType};
use olm_catalog::image::{Artifact, Blob, Digest, Image};
use serde_json::json;

/// A free port of this machine.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether a program is installed here.
pub(crate) fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// A running docker-registry. It ends with the test.
pub(crate) struct DockerRegistry {
    child: Child,
    folder: tempfile::TempDir,
    pub(crate) port: u16,
}

impl DockerRegistry {
    /// Starts one; with a line of an htpasswd file, it requires that user. `None` if the program is not installed.
    pub(crate) fn start(htpasswd: Option<&str>) -> Option<Self> {
        if !installed("docker-registry") {
            return None;
        }
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let root = folder.path().display();
        let mut config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {root}/data\n\
             http:\n  addr: 127.0.0.1:{port}\n"
        );
        if let Some(line) = htpasswd {
            fs::write(folder.path().join("htpasswd"), line).unwrap();
            config += &format!("auth:\n  htpasswd:\n    realm: test\n    path: {root}/htpasswd\n");
        }
        let path = folder.path().join("config.yml");
        fs::write(&path, config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let registry = Self { child, folder, port };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(180), "docker-registry does not start");
            thread::sleep(Duration::from_millis(50));
        }
        Some(registry)
    }

    /// A repository of it.
    pub(crate) fn repository(&self, name: &str) -> String {
        format!("127.0.0.1:{}/{name}", self.port)
    }

    /// The tags that it has on disk.
    pub(crate) fn tags(&self, name: &str) -> Vec<String> {
        let folder = format!("data/docker/registry/v2/repositories/{name}/_manifests/tags");
        let Ok(entries) = fs::read_dir(self.folder.path().join(folder)) else { return Vec::new() };
        let mut tags: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        tags.sort();
        tags
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The faults of a small registry.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Answers with this status and body.
    Status(u16, &'static str),
    /// Closes the connection.
    HangUp,
    /// Does not answer. The connection stays open.
    Hang,
    /// Reads a part of the request's body, and does nothing more.
    HangInBody,
    /// Responds correctly, but without a Location.
    NoLocation,
    /// Sends the body in five parts with this pause between them.
    Slow(Duration),
    /// Sends a different body.
    Body(Vec<u8>),
    /// Reports a different digest of the manifest.
    Digest(Digest),
}

/// The fault for a request: by method, path and the number of earlier identical requests.
type Faults = dyn Fn(&str, &str, usize) -> Option<Fault> + Send + Sync;

/// A registry in memory, which records its requests.
#[derive(Clone)]
pub(crate) struct SmallRegistry {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    blobs: BTreeMap<String, Vec<u8>>,
    /// Media type and bytes, by tag and by digest.
    manifests: BTreeMap<String, (String, Vec<u8>)>,
    asked: Vec<String>,
    /// How many requests a token is valid for. `None`: no token is required.
    token_uses: Option<usize>,
    /// The number of the valid token, and how often it can still be used.
    token: (usize, usize),
}

impl SmallRegistry {
    pub(crate) fn start(faults: impl Fn(&str, &str, usize) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let registry = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let (state, faults): (_, Arc<Faults>) = (Arc::clone(&registry.state), Arc::new(faults));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, faults) = (Arc::clone(&state), Arc::clone(&faults));
                // A client that disconnects is not a fault of the registry.
                thread::spawn(move || drop(answer(&stream.unwrap(), &state, &*faults)));
            }
        });
        registry
    }

    /// A registry that requires bearer tokens, each valid for some requests. Everybody gets them.
    pub(crate) fn with_tokens(uses: usize) -> Self {
        let registry = Self::start(|_, _, _| None);
        registry.state.lock().unwrap().token_uses = Some(uses);
        registry
    }

    pub(crate) fn repository(&self, name: &str) -> String {
        format!("127.0.0.1:{}/{name}", self.port)
    }

    /// The requests so far, `METHOD /path`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The tags it has.
    pub(crate) fn tags(&self) -> Vec<String> {
        self.state.lock().unwrap().manifests.keys().filter(|key| !key.contains(':')).cloned().collect()
    }

    pub(crate) fn put_blob(&self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.state.lock().unwrap().blobs.insert(digest.to_string(), bytes.to_vec());
        digest
    }

    pub(crate) fn put_manifest(&self, tag: &str, media_type: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        let mut state = self.state.lock().unwrap();
        for key in [tag, digest.as_str()] {
            state.manifests.insert(key.to_owned(), (media_type.to_owned(), bytes.to_vec()));
        }
        digest
    }

    pub(crate) fn put_image(&self, tag: &str, image: &dyn Artifact) {
        image.blobs().for_each(|blob| drop(self.put_blob(&blob.bytes().unwrap())));
        for manifest in image.images().iter().map(Image::manifest).chain([image.top()]) {
            self.put_manifest(tag, &manifest.descriptor().media_type, &manifest.bytes().unwrap());
        }
    }

    /// An image of these layers (media type and bytes) and labels.
    pub(crate) fn put_layers(&self, tag: &str, layers: &[(&str, Vec<u8>)], labels: &[(&str, &str)]) -> Digest {
        let labels: BTreeMap<_, _> = labels.iter().copied().collect();
        let config = json!({"architecture": "amd64", "os": "linux", "config": {"Labels": labels}}).to_string();
        let describe = |media_type: &str, bytes: &[u8]| -> Descriptor {
            self.put_blob(bytes);
            Blob::new(media_type, bytes.to_vec()).descriptor().clone()
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MediaType::MANIFEST,
            "config": describe(MediaType::CONFIG, config.as_bytes()),
            "layers": layers.iter().map(|(media_type, bytes)| describe(media_type, bytes)).collect::<Vec<_>>(),
        });
        self.put_manifest(tag, MediaType::MANIFEST, manifest.to_string().as_bytes())
    }
}

fn answer(stream: &TcpStream, state: &Mutex<State>, faults: &Faults) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => drop(headers.insert(name.to_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let asked = format!("{method} {path}");
    let before = {
        let mut state = state.lock().unwrap();
        let before = state.asked.iter().filter(|other| **other == asked).count();
        state.asked.push(asked);
        before
    };
    let fault = faults(&method, &path, before);
    let hang = || -> ! {
        loop {
            thread::sleep(Duration::from_secs(60));
        }
    };
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    match fault {
        Some(Fault::HangUp) => return Ok(()),
        Some(Fault::Hang) => hang(),
        Some(Fault::HangInBody) => {
            reader.read_exact(&mut vec![0; length / 2])?;
            hang()
        }
        _ => {}
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut response = match &fault {
        Some(Fault::Status(status, body)) => Response::new(*status, body.as_bytes().to_vec()),
        _ => state.lock().unwrap().respond(&method, &path, &target, &headers, body),
    };
    match &fault {
        Some(Fault::NoLocation) => drop(response.headers.remove("Location")),
        Some(Fault::Body(body)) => response.body.clone_from(body),
        Some(Fault::Digest(digest)) => {
            drop(response.headers.insert("Docker-Content-Digest".into(), digest.to_string()));
        }
        _ => {}
    }
    let pause = if let Some(Fault::Slow(pause)) = fault { pause } else { Duration::ZERO };
    response.send(stream, method == "HEAD", pause)
}

struct Response {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Response {
    fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: BTreeMap::new(), body }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.insert(name.to_owned(), value.to_string());
        self
    }

    fn send(self, mut stream: &TcpStream, head: bool, pause: Duration) -> std::io::Result<()> {
        let mut text =
            format!("HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        stream.write_all((text + "\r\n").as_bytes())?;
        if !head {
            for part in self.body.chunks(self.body.len().div_ceil(5).max(1)) {
                stream.write_all(part)?;
                stream.flush()?;
                thread::sleep(pause);
            }
        }
        Ok(())
    }
}

impl State {
    /// The distribution specification, as far as clients here need it.
    fn respond(
        &mut self,
        method: &str,
        path: &str,
        target: &str,
        headers: &BTreeMap<String, String>,
        body: Vec<u8>,
    ) -> Response {
        if let Some(uses) = self.token_uses {
            if path == "/token" {
                if self.token.1 == 0 {
                    self.token = (self.token.0 + 1, uses);
                }
                return Response::new(200, format!(r#"{{"token": "token-{}"}}"#, self.token.0).into_bytes());
            }
            let good = headers.get("authorization") == Some(&format!("Bearer token-{}", self.token.0));
            if !good || self.token.1 == 0 {
                let challenge = format!(r#"Bearer realm="http://{}/token",service="small""#, headers["host"]);
                return Response::new(401, Vec::new()).with("WWW-Authenticate", challenge);
            }
            self.token.1 -= 1;
        }
        let missing =
            || Response::new(404, br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}"#.to_vec());
        let name = path.rsplit('/').next().unwrap_or_default();
        match method {
            _ if path == "/v2/" => Response::new(200, Vec::new()),
            "POST" => Response::new(202, Vec::new()).with("Location", format!("{path}session")),
            "PUT" if path.contains("/blobs/uploads/") => {
                let digest = Digest::of(&body).to_string();
                if !target.ends_with(&format!("digest={}", digest.replace(':', "%3A"))) {
                    return Response::new(
                        400,
                        br#"{"errors":[{"code":"DIGEST_INVALID","message":"bad digest"}]}"#.to_vec(),
                    );
                }
                self.blobs.insert(digest.clone(), body);
                Response::new(201, Vec::new()).with("Location", format!("/v2/x/blobs/{digest}"))
            }
            "PUT" => {
                let digest = Digest::of(&body).to_string();
                for key in [name.to_owned(), digest.clone()] {
                    self.manifests.insert(key, (headers["content-type"].clone(), body.clone()));
                }
                Response::new(201, Vec::new()).with("Location", format!("/v2/x/manifests/{digest}"))
            }
            _ if path.contains("/manifests/") => match self.manifests.get(name) {
                Some((media_type, bytes)) => Response::new(200, bytes.clone())
                    .with("Content-Type", media_type)
                    .with("Docker-Content-Digest", Digest::of(bytes)),
                None => missing(),
            },
            _ => match self.blobs.get(name) {
                Some(bytes) => Response::new(200, bytes.clone()),
                None => missing(),
            },
        }
    }
}
