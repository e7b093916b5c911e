//! Every reader of foreign input, one function each: it must return for any bytes.
//!
//! The fuzz targets call these, and so does the seeded run in `tests/readers.rs`.
#![allow(clippy::unwrap_used, dead_code, reason = "a test may panic; each target calls one function")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::{self, read_text};
use olm_catalog::channel::Template;
use olm_catalog::diagnostic::{Finding, Sources, json, sarif, text};
use olm_catalog::generate::{Import, ImportFile, generate};
use olm_catalog::image::{Digest, Layout};
use olm_catalog::install::evidence::Evidence;
use olm_catalog::install::kubeconfig::{self, Connection};
use olm_catalog::operator::Operator;
use olm_catalog::registry::{self, Client};
use olm_catalog::serve::Index;
use olm_catalog::validate::bundle::{Options, validate_folder as check_bundle};
use olm_catalog::validate::{RuleFacts, validate};
use olm_catalog::{crd, install, limits, reference, version, yaml};
use tempfile::TempDir;

/// A reader.
pub(crate) type Reader = fn(&[u8]);

/// All of them, by the names of their fuzz targets.
pub(crate) const READERS: &[(&str, Reader)] = &[
    ("bundle", bundle),
    ("catalog", catalog),
    ("certificates", certificates),
    ("credentials", credentials),
    ("definitions", definitions),
    ("dump", dump),
    ("ignore", ignore),
    ("kubeconfig", kubeconfig),
    ("layer", layer),
    ("layout", layout),
    ("manifest", manifest),
    ("manifests", manifests),
    ("names", names),
    ("operator", operator),
    ("plugin", plugin),
    ("registry_answer", registry_answer),
    ("template", template),
    ("yaml", yaml),
];

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn lossy(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Writes a file, with the folders that it is in.
fn put(root: &Path, file: &str, bytes: &[u8]) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Prints findings in all formats; hidden characters of the input must not be in the output.
fn show(findings: &[Finding], sources: &Sources) {
    let shown = text::render(findings, sources).plain();
    let hidden = shown.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(hidden, None, "{shown:?}");
    for text in [
        json::render(findings, sources),
        sarif::render(findings, sources, |id| RuleFacts::find(id).map(RuleFacts::text)),
    ] {
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
}

/// YAML and JSON: parsed values can be written and parsed again, and every key can be found.
pub(crate) fn yaml(data: &[u8]) {
    let text = lossy(data);
    for (document, route) in yaml::duplicate_keys(&text) {
        let _ = yaml::locate(&text, document, &route);
    }
    let Ok(documents) = yaml::read(&text) else { return };
    for document in documents {
        let written = yaml::to_yaml(&document.value).unwrap();
        let compact = yaml::to_compact_json(&document.value);
        // As Go writes it, 1.0 is 1.
        for again in [yaml::read_one(&written).unwrap(), serde_json::from_str(&compact).unwrap()] {
            assert_eq!(yaml::to_compact_json(&again), compact, "{written}");
        }
    }
}

/// A catalog's file: it can be served if it has no errors.
pub(crate) fn catalog(data: &[u8]) {
    let (text, file) = (lossy(data), Path::new("catalog.yaml"));
    let scan = read_text(&text, file);
    let findings = validate(&scan, file);
    show(&findings, &Sources::disk().with(file, text));
    let index = Index::build(&scan.catalog);
    let wrong = findings.iter().any(|finding| finding.severity == olm_catalog::diagnostic::Severity::Error);
    assert!(wrong || index.is_ok(), "{:?}", index.err());
    let _ = scan.catalog.to_yaml();
}

/// A `.indexignore`, for a folder of files.
pub(crate) fn ignore(data: &[u8]) {
    let folder = folder();
    put(folder.path(), ".indexignore", data);
    for file in ["a.yaml", "b/c.yaml", "b/d/e.json"] {
        put(folder.path(), file, b"{schema: a}");
    }
    let _ = catalog::scan(folder.path());
}

/// A bundle: its ClusterServiceVersion, a further manifest and its annotations, divided by a line of `=====`.
pub(crate) fn bundle(data: &[u8]) {
    let folder = folder();
    let mut parts = data.split(|byte| *byte == b'=').filter(|part| !part.is_empty());
    for file in ["manifests/csv.yaml", "manifests/more.yaml", "metadata/annotations.yaml"] {
        put(folder.path(), file, parts.next().unwrap_or_default());
    }
    let Ok(bundle) = Bundle::read(folder.path()) else { return };
    show(&check_bundle(folder.path(), &Options::all()).unwrap(), &Sources::disk());
    let Ok(contents) = bundle.contents() else { return };
    if let Ok(mut blob) = contents.render("example.com/a:1") {
        let _ = catalog::Catalog { bundles: vec![blob.clone()], ..catalog::Catalog::default() }
            .migrate(catalog::MigrateLevel::default());
        blob.properties.clear();
    }
}

/// A channel template.
pub(crate) fn template(data: &[u8]) {
    let (text, file) = (lossy(data), Path::new("channels/template.yaml"));
    let findings = match Template::parse(&text, file) {
        Ok(template) => template.render(&|_| Err("it is not there".into())).err().unwrap_or_default(),
        Err(findings) => findings,
    };
    show(&findings, &Sources::disk().with(file, text));
}

/// An `operator.yaml`.
pub(crate) fn operator(data: &[u8]) {
    let folder = folder();
    put(folder.path(), "bundles/demo/operator.yaml", data);
    let Ok(operator) = Operator::read(&folder.path().join("bundles/demo/operator.yaml")) else { return };
    if let Ok(generated) = generate(&operator) {
        show(&generated.findings, &Sources::disk());
    }
}

/// Released manifests that become a definition, and the bundles generated from it.
pub(crate) fn manifests(data: &[u8]) {
    let file = ImportFile { name: "m.yaml".into(), read_from: "m.yaml".into(), text: lossy(data) };
    let version = version::parse("1.0.0").unwrap();
    let import = Import { package: "demo", version: &version, files: vec![file], channels: vec![], created_at: None };
    let Ok(definition) = import.definition() else { return };
    let folder = folder();
    put(folder.path(), "bundles/demo/m.yaml", data);
    put(folder.path(), "bundles/demo/operator.yaml", definition.as_bytes());
    let Ok(operator) = Operator::read(&folder.path().join("bundles/demo/operator.yaml")) else { return };
    if let Ok(generated) = generate(&operator) {
        show(&generated.findings, &Sources::disk());
    }
}

/// Custom resource definitions, compared with themselves unchanged and reversed.
pub(crate) fn definitions(data: &[u8]) {
    let folder = folder();
    put(folder.path(), "crds.yaml", data);
    let Ok(crds) = crd::read(&folder.path().join("crds.yaml")) else { return };
    assert_eq!(crd::diff(&crds, &crds), []);
    let changes = crd::diff(&crds, &[]);
    assert!(changes.iter().all(|change| !change.effect.text.is_empty()));
    let halves = crds.split_at(crds.len() / 2);
    let _ = crd::diff(halves.0, halves.1);
}

/// The objects of a cluster, as `doctor --from` reads them.
pub(crate) fn dump(data: &[u8]) {
    let Ok(documents) = yaml::read(&lossy(data)) else { return };
    let values = documents.into_iter().map(|document| document.value).collect();
    let Ok(evidence) = Evidence::from_objects(values) else { return };
    let _ = install::explain::troubles(&evidence);
}

/// A kubeconfig. No plugin is run.
pub(crate) fn kubeconfig(data: &[u8]) {
    let folder = folder();
    put(folder.path(), "config", data);
    let connection = Connection { kubeconfig: Some(folder.path().join("config")), ..Connection::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Err(error) = runtime.block_on(kubeconfig::read(&connection)) {
        assert!(!error.to_string().contains("hunter2") && !error.help().contains("hunter2"), "{error}");
    }
}

/// The output of a kubeconfig's plugin.
pub(crate) fn plugin(data: &[u8]) {
    let folder = folder();
    put(folder.path(), "answer", data);
    let config = serde_json::json!({
        "current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "a", "user": {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "cat",
            "args": [folder.path().join("answer")]}}}],
    });
    put(folder.path(), "config", config.to_string().as_bytes());
    let connection = Connection { kubeconfig: Some(folder.path().join("config")), ..Connection::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let chosen = runtime.block_on(kubeconfig::read(&connection)).unwrap();
    let _ = chosen.credentials.identity();
}

/// Names and numbers: references, repositories, digests, versions, ranges, limits.
pub(crate) fn names(data: &[u8]) {
    let text = lossy(data);
    if let Ok(reference) = text.parse::<reference::Reference>() {
        assert_eq!(reference.to_string().parse(), Ok(reference));
    }
    let _ = registry::reference(&text);
    let _ = text.parse::<olm_catalog::image::Repository>();
    let _ = text.parse::<Digest>();
    let _ = version::parse(&text);
    if let Ok(range) = text.parse::<version::Range>() {
        let _ = range.contains(&version::parse("1.2.3").unwrap());
    }
    let _ = text.parse::<limits::Setting>();
    let _ = install::proxy::Environment::new(|_| Some(text.clone()));
}

/// The `index.json` of an OCI layout, whose blobs are the same bytes.
pub(crate) fn layout(data: &[u8]) {
    let folder = folder();
    put(folder.path(), "oci-layout", br#"{"imageLayoutVersion": "1.0.0"}"#);
    put(folder.path(), "index.json", data);
    put(folder.path(), &format!("blobs/sha256/{}", Digest::of(data).hex()), data);
    let Ok(layout) = Layout::open(folder.path()) else { return };
    for descriptor in layout.manifests() {
        let _ = layout.image(descriptor);
    }
}

/// A file of credentials, for a registry that requires some.
pub(crate) fn credentials(data: &[u8]) {
    let folder = folder();
    put(folder.path(), "config.json", data);
    let wants = |_: &str| Response::new("401 Unauthorized", b"").with("Www-Authenticate", "Basic realm=\"a\"");
    pull(wants, |options| options.credentials = vec![folder.path().join("config.json")]);
}

/// The certificates of a registry and of its client, and the client's key, in the folders of docker and podman.
pub(crate) fn certificates(data: &[u8]) {
    let folder = folder();
    let (addr, _) = server();
    for file in ["ca.crt", "client.cert", "client.key"] {
        put(folder.path(), &format!("{addr}/{file}"), data);
    }
    let refuses = |_: &str| Response::new("404 Not Found", b"");
    let authority = folder.path().join(format!("{addr}/ca.crt"));
    pull(refuses, |options| {
        options.certificates = vec![folder.path().to_owned()];
        options.authorities = vec![authority];
    });
}

/// The headers and the body of a registry's error response.
pub(crate) fn registry_answer(data: &[u8]) {
    let line: String = lossy(data).lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let body = data.to_vec();
    let refuses = move |_: &str| {
        Response::new("401 Unauthorized", &body)
            .with("Www-Authenticate", &line)
            .with("Content-Type", "application/json")
    };
    pull(refuses, |_| {});
}

/// An image's manifest or index.
pub(crate) fn manifest(data: &[u8]) {
    let body = data.to_vec();
    let answers = move |_: &str| {
        Response::new("200 OK", &body).with("Content-Type", "application/vnd.oci.image.manifest.v1+json")
    };
    pull(answers, |_| {});
}

/// A layer of a bundle's image.
pub(crate) fn layer(data: &[u8]) {
    let config = br#"{"architecture": "amd64", "os": "linux", "config": {"Labels": {
        "operators.operatorframework.io.bundle.manifests.v1": "manifests/",
        "operators.operatorframework.io.bundle.metadata.v1": "metadata/"}}, "rootfs": {"type": "layers", "diff_ids": []}}"#;
    let descriptor = |media_type: &str, bytes: &[u8]| serde_json::json!({"mediaType": media_type, "digest": Digest::of(bytes).as_str(), "size": bytes.len()});
    let manifest = serde_json::json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.oci.image.config.v1+json", config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", data)],
    });
    let (manifest, body, digest) = (manifest.to_string(), data.to_vec(), Digest::of(data).as_str().to_owned());
    let answers = move |path: &str| match path {
        path if path.contains("/manifests/") => Response::new("200 OK", manifest.as_bytes())
            .with("Content-Type", "application/vnd.oci.image.manifest.v1+json"),
        path if path.ends_with(&digest) => Response::new("200 OK", &body),
        _ => Response::new("200 OK", config),
    };
    pull(answers, |_| {});
}

/// The response of the registry.
struct Response {
    head: String,
    body: Vec<u8>,
}

impl Response {
    fn new(status: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        Self { head, body: body.to_vec() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }
}

type Answers = Box<dyn Fn(&str) -> Response + Send>;

/// Pulls an image from a local registry with this response.
fn pull(answers: impl Fn(&str) -> Response + Send + 'static, set: impl FnOnce(&mut registry::Options)) {
    let (addr, served) = server();
    *served.lock().unwrap() = Box::new(answers);
    let mut options = registry::Options {
        credentials: Vec::new(),
        certificates: Vec::new(),
        plain_http: true,
        timeout: Duration::from_secs(2),
        backoff: Duration::from_millis(1),
        max_download: 1 << 20,
        max_unpacked: 1 << 24,
        ..registry::Options::default()
    };
    set(&mut options);
    let reference = format!("{addr}/a/b:1").parse().unwrap();
    if let Ok(pulled) = Client::new(options).unwrap().pull_bundle(&reference) {
        let _ = pulled.bundle.contents();
    }
}

/// The registry, which is started once.
fn server() -> &'static (SocketAddr, Arc<Mutex<Answers>>) {
    static SERVER: OnceLock<(SocketAddr, Arc<Mutex<Answers>>)> = OnceLock::new();
    SERVER.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let nothing: Answers = Box::new(|_| Response::new("404 Not Found", b""));
        let (addr, answers) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(nothing)));
        let shared = Arc::clone(&answers);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(stream, &shared);
            }
        });
        (addr, answers)
    })
}

fn answer(mut stream: TcpStream, answers: &Mutex<Answers>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut bytes)? {
            0 => return Ok(()),
            some => request.extend_from_slice(&bytes[..some]),
        }
    }
    let request = lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let Response { head, body } = answers.lock().unwrap()(path);
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    Ok(())
}
