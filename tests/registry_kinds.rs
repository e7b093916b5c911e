//! Registries and credential files as users have them (`registry_kinds/server.py`): with the features of docker, crane
//! and skopeo, and good messages if something is impossible.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;
#[path = "common/images.rs"]
mod images;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::time;
use serde_json::{Value, json};
use tempfile::TempDir;

const LOGIN: &str = "user:secret-pass";

/// A running registry.
struct Registry {
    child: Child,
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Registry {
    fn start(settings: &Value) -> Self {
        let mut command = Command::new("python3");
        command.args(["tests/registry_kinds/server.py", &settings.to_string()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&asked);
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| log.lock().unwrap().push(line)));
        Self { child, port, asked }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The requests so far that contain this.
    fn count(&self, part: &str) -> usize {
        std::thread::sleep(Duration::from_millis(100));
        self.asked.lock().unwrap().iter().filter(|asked| asked.contains(part)).count()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with a layout to push, and files of credentials.
struct Place {
    folder: TempDir,
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    error: String,
}

impl Place {
    fn new() -> Self {
        let folder = images::temp();
        let repository = images::repository("a.example/b");
        images::catalog(folder.path(), &repository, &["1.0.0"]).write(&folder.path().join("layout")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Docker's file, with an entry.
    fn docker(&self, key: &str, entry: &Value) {
        fs::create_dir_all(self.path("docker")).unwrap();
        fs::write(self.path("docker/config.json"), json!({"auths": {key: entry}}).to_string()).unwrap();
    }

    fn log_in(&self, registry: &Registry) {
        self.docker(&registry.host(), &json!({"auth": BASE64_STANDARD.encode(LOGIN)}));
    }

    fn catalog(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
        command.args(arguments).env("DOCKER_CONFIG", self.path("docker")).env("HOME", self.path("home"));
        for name in ["REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
            command.env_remove(name);
        }
        let output = command.envs(environment.iter().copied()).env("NO_COLOR", "1").output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!error.contains("secret-pass") && !error.contains(&BASE64_STANDARD.encode(LOGIN)), "{error}");
        Run { code: output.status.code(), error }
    }

    fn push(&self, target: &str, more: &[&str]) -> Run {
        let layout = self.path("layout").display().to_string();
        self.catalog(&[&["push", target, "--layout", &layout, "--timeout", "10"], more].concat(), &[])
    }

    /// Pushes to a repository of the registry successfully.
    fn pushed(&self, registry: &Registry) {
        let run = self.push(&format!("{}/dbaas/catalog:v1", registry.host()), &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }

    /// Pushes to a repository of the registry, which fails with a message.
    fn refused(&self, registry: &Registry, parts: &[&str]) -> String {
        let run = self.push(&format!("{}/dbaas/catalog:v1", registry.host()), &[]);
        assert_eq!(run.code, Some(2), "{run:?}");
        for part in parts {
            assert_eq!(run.error.matches(part).count(), 1, "{part:?} once: {}", run.error);
        }
        assert!(!run.error.contains("{\"errors\"") && !run.error.contains("Error("), "{}", run.error);
        run.error
    }

    /// A certificate `<name>.crt` with its key, created by openssl with these arguments.
    fn certificate(&self, name: &str, more: &str) -> Value {
        let path = |end: &str| self.path(&format!("{name}.{end}")).display().to_string();
        let line = format!(
            "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN={name} -addext subjectAltName=IP:127.0.0.1,DNS:localhost {more}"
        );
        let mut command = Command::new("openssl");
        command.args(line.split_whitespace()).args(["-keyout", &path("key"), "-out", &path("crt")]);
        assert!(command.output().unwrap().status.success());
        json!([path("crt"), path("key")])
    }
}

/// Case 21: a repository that does not exist yet is invisible to users who can only read.
#[test]
fn a_new_repository() {
    let (place, registry) = (Place::new(), Registry::start(&json!({"auth": "bearer", "login": LOGIN, "hidden": true})));
    place.log_in(&registry);
    place.pushed(&registry);
    assert_eq!(registry.count("GET /token"), 1, "one token is for all requests");
    assert_eq!(registry.count("pull%2Cpush"), 1);
}

/// Case 22: the registry's message, and a remedy.
#[test]
fn a_repository_that_must_be_created() {
    let why = "The repository with name dbaas/catalog does not exist in the registry with id 111122223333";
    let place = Place::new();
    let registry = Registry::start(&json!({"auth": "basic", "login": LOGIN, "must_exist": why}));
    place.log_in(&registry);
    let error = place.refused(&registry, &[why, "create the repository first"]);
    assert!(!error.contains("the registry has no such image") && !error.contains("login"), "{error}");
    // Something that is not a registry at all.
    let web = Registry::start(&json!({"faults": [{"path": "", "status": 404, "body": "<html>no such page</html>"}]}));
    let error = place.refused(&web, &["did not answer like a registry (HTTP status 404)"]);
    assert!(!error.contains("html"), "{error}");
}

/// Case 23: a token server that is busy for a moment, and one that stays busy.
#[test]
fn a_busy_token_server() {
    let place = Place::new();
    for status in [503, 429, 500] {
        let fault = json!({"path": "^/token", "status": status, "times": 1});
        let registry = Registry::start(&json!({"auth": "bearer", "login": LOGIN, "faults": [fault]}));
        place.log_in(&registry);
        place.pushed(&registry);
    }
    let fault = json!({"path": "^/token", "status": 503, "body": "be back soon"});
    let registry = Registry::start(&json!({"auth": "bearer", "login": LOGIN, "faults": [fault]}));
    place.log_in(&registry);
    let error = place.refused(&registry, &["the token server", "HTTP status 503: be back soon"]);
    assert!(!error.contains("login"), "{error}");
    // The registry itself.
    let registry = Registry::start(&json!({"auth": "basic", "login": LOGIN, "faults": [
        {"path": "^/v2/$", "status": 503, "times": 2}]}));
    place.log_in(&registry);
    place.pushed(&registry);
}

/// Case 24: for as long as the registry requests.
#[test]
fn retry_after() {
    let place = Place::new();
    let headers = json!([["Retry-After", "2"]]);
    let fault = json!({"path": "/v2/dbaas", "status": 429, "times": 5, "headers": headers});
    let registry = Registry::start(&json!({"auth": "basic", "login": LOGIN, "faults": [fault]}));
    place.log_in(&registry);
    let start = Instant::now();
    place.pushed(&registry);
    assert!(start.elapsed() >= Duration::from_secs(4), "{:?}", start.elapsed());
}

/// Cases 25 and 26: TLS on this machine, with certificates of all kinds.
#[test]
fn certificates() {
    let place = Place::new();
    let server = place.certificate("server", "-addext basicConstraints=CA:FALSE");
    // As in Docker's own instructions.
    let authority = place.certificate("authority", "");
    let trust = |name: &str| place.path(&format!("{name}.crt")).display().to_string();
    for (name, files) in [("server", &server), ("authority", &authority)] {
        let registry = Registry::start(&json!({"tls": files}));
        for host in [registry.host(), format!("localhost:{}", registry.port)] {
            let target = format!("{host}/dbaas/catalog:v1");
            let run = place.push(&target, &["--ca", &trust(name)]);
            assert_eq!(run.code, Some(0), "{name}: {run:?}");
        }
        let target = format!("{}/dbaas/catalog:v2", registry.host());
        assert_eq!(place.push(&target, &["--insecure"]).code, Some(0));
        // As in the options of curl and docker.
        let layout = place.path("layout").display().to_string();
        let arguments = ["push", &target, "--layout", &layout];
        let run = place.catalog(&arguments, &[("SSL_CERT_FILE", &place.path(&format!("{name}.crt")))]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let error = place.refused(&registry, &["the certificate is not accepted"]);
        assert!(error.contains("--insecure") && error.contains("--ca"), "{error}");
        // As podman stores them, by the registry's host.
        let folder = place.path("home/.config/containers/certs.d").join(registry.host());
        fs::create_dir_all(&folder).unwrap();
        fs::copy(trust(name), folder.join("ca.crt")).unwrap();
        place.pushed(&registry);
    }
    // A registry that requires a client certificate.
    let client = place.certificate("client", "-addext basicConstraints=CA:FALSE");
    let registry = Registry::start(&json!({"tls": server, "client": trust("client")}));
    let folder = place.path("home/.config/containers/certs.d").join(registry.host());
    fs::create_dir_all(&folder).unwrap();
    fs::copy(trust("server"), folder.join("ca.crt")).unwrap();
    assert_eq!(place.push(&format!("{}/x:v1", registry.host()), &[]).code, Some(2));
    fs::copy(trust("client"), folder.join("client.cert")).unwrap();
    fs::copy(client[1].as_str().unwrap(), folder.join("client.key")).unwrap();
    place.pushed(&registry);
    let run = place.push(&format!("{}/x:v1", registry.host()), &["--ca", "/nonexistent/ca.crt"]);
    assert!(run.code == Some(2) && run.error.contains("cannot use the certificates in /nonexistent/ca.crt"), "{run:?}");
}

/// Case 27: reading is public, and credentials are only required for writing.
#[test]
fn an_open_ping() {
    let place = Place::new();
    let settings = json!({"auth": "basic", "login": LOGIN, "open_ping": true, "open_read": true});
    let registry = Registry::start(&settings);
    place.log_in(&registry);
    place.pushed(&registry);
    place.docker(&registry.host(), &json!({"auth": BASE64_STANDARD.encode("user:wrong")}));
    let other = Registry::start(&settings);
    place.docker(&other.host(), &json!({"auth": BASE64_STANDARD.encode("user:wrong")}));
    place.refused(&other, &["it rejected the credentials in", "docker login"]);
    let nobody = Registry::start(&settings);
    place.refused(&nobody, &["no credentials for it were found in", "docker login"]);
}

/// Case 28, and unusual credential files.
#[test]
fn files_of_credentials() {
    let place = Place::new();
    let auth = BASE64_STANDARD.encode(LOGIN);
    let with = |registry: &Registry| registry.host();
    let registry = Registry::start(&json!({"auth": "basic", "login": LOGIN}));
    let host = with(&registry);
    let broken: String =
        auth.chars().enumerate().flat_map(|(i, c)| if i % 5 == 4 { vec![c, '\n'] } else { vec![c] }).collect();
    for (key, entry) in [
        (host.clone(), json!({"auth": broken})),
        (host.clone(), json!({"auth": auth.trim_end_matches('=')})),
        (host.clone(), json!({"username": "user", "password": "secret-pass"})),
        (format!("https://{host}"), json!({"auth": auth})),
        (format!("https://{host}/v2/"), json!({"auth": auth})),
        (format!("{host}/dbaas"), json!({"auth": auth})),
    ] {
        place.docker(&key, &entry);
        place.pushed(&registry);
    }
    // An empty file of docker's, an empty entry, and podman's file without a session folder.
    for text in ["", "\n", "{}", r#"{"auths": null}"#, &json!({"auths": {&*host: {}}}).to_string()] {
        fs::write(place.path("docker/config.json"), text).unwrap();
        let error = place.refused(&registry, &["no credentials for it were found in"]);
        assert!(error.contains("/run/containers/"), "{error}");
    }
    for text in ["[", "\"x\"", r#"{"auths": {"HOST": {"auth": "!"}}}"#] {
        fs::write(place.path("docker/config.json"), text.replace("HOST", &host)).unwrap();
        let run = place.push(&format!("{host}/dbaas/catalog:v1"), &[]);
        // A file that is not a credential file contains none.
        assert_eq!(run.code, Some(2), "{text}: {run:?}");
    }
}

/// Case 29: the message names the address that cannot be reached.
#[test]
fn other_addresses() {
    let place = Place::new();
    let registry = Registry::start(&json!({"auth": "bearer", "login": LOGIN, "realm": "http://127.0.0.1:9/token"}));
    place.log_in(&registry);
    place.refused(&registry, &["cannot reach 127.0.0.1:9 for"]);
    let secure = place.certificate("server", "-addext basicConstraints=CA:FALSE");
    let registry = Registry::start(
        &json!({"auth": "bearer", "login": LOGIN, "realm": "http://tokens.example/token", "tls": secure}),
    );
    place.log_in(&registry);
    let ca = place.path("server.crt").display().to_string();
    let run = place.push(&format!("{}/x:v1", registry.host()), &["--ca", &ca]);
    assert!(run.error.contains("tokens.example has no TLS, so credentials are not sent to it"), "{run:?}");
    // TLS is terminated in front of the registry, which does not know about it.
    let registry = Registry::start(&json!({"tls": secure, "location": "plain"}));
    assert_eq!(place.push(&format!("{}/x:v1", registry.host()), &["--ca", &ca]).code, Some(0));
    // Blobs are on another host.
    let storage = Registry::start(&json!({"faults": [{"path": "", "status": 403,
        "body": "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"}]}));
    for (address, words) in [
        ("http://127.0.0.1:9/blobs".to_owned(), "cannot reach 127.0.0.1:9 for".to_owned()),
        (
            format!("http://{}/blobs", storage.host()),
            format!("{} answered: HTTP status 403: Request has expired", storage.host()),
        ),
    ] {
        let registry = Registry::start(&json!({"auth": "basic", "login": LOGIN, "storage": address}));
        place.log_in(&registry);
        place.pushed(&registry);
        let run = place.catalog(&["render", &format!("{}/dbaas/catalog:v1", registry.host())], &[]);
        assert!(run.code == Some(2) && run.error.contains(&words) && !run.error.contains("login"), "{run:?}");
    }
    assert_eq!(storage.count("Basic"), 0, "credentials do not travel");
}

/// Case 30: only the registry's reason is shown.
#[test]
fn reasons() {
    let place = Place::new();
    for (status, code, message) in [
        (403, "DENIED", "adding 5.7 MiB of storage resource will exceed the configured upper limit"),
        (400, "TAG_IMMUTABLE", "The image tag 'v1' already exists and is immutable"),
        (412, "PRECONDITION", "project policy forbids it"),
    ] {
        let body = json!({"errors": [{"code": code, "message": message}]}).to_string();
        let fault = json!({"method": "PUT", "path": "/manifests/", "status": status, "body": body});
        let registry = Registry::start(&json!({"auth": "basic", "login": LOGIN, "faults": [fault]}));
        place.log_in(&registry);
        let error = place.refused(&registry, &[message]);
        assert!(!error.contains("login") && !error.contains("credentials") && !error.contains("HTTP"), "{error}");
    }
    // A web page instead of a response.
    let page = json!({"path": "/manifests/", "method": "GET", "status": 200, "body": "<html>log in</html>",
        "headers": [["Content-Type", "text/html"]]});
    let registry = Registry::start(&json!({"faults": [page]}));
    let run = place.catalog(&["render", &format!("{}/x:v1", registry.host())], &[]);
    assert!(run.code == Some(2) && run.error.contains("answered with a web page instead of a manifest"), "{run:?}");
    let endless = json!({"path": "/manifests/", "method": "GET", "status": 200, "body": " ".repeat(100_000)});
    let registry = Registry::start(&json!({"faults": [endless]}));
    let run = place.catalog(&["render", &format!("{}/x:v1", registry.host())], &[]);
    assert!(run.code == Some(2) && run.error.contains("cannot be read"), "{run:?}");
}

/// Case 32, and identity tokens.
#[test]
fn small_differences() {
    let place = Place::new();
    for location in ["path", "absolute", "no-scheme", "relative"] {
        let registry = Registry::start(&json!({"location": location}));
        place.pushed(&registry);
        assert_eq!(registry.count("GET /v2/\t"), 1, "a registry that wants nothing is asked so once");
    }
    let registry = Registry::start(&json!({"auth": "bearer", "login": LOGIN, "token": "access"}));
    place.log_in(&registry);
    place.pushed(&registry);
    let registry = Registry::start(&json!({"auth": "bearer", "login": LOGIN, "identity": "refresh-me"}));
    place.docker(&registry.host(), &json!({"auth": BASE64_STANDARD.encode("0000:"), "identitytoken": "refresh-me"}));
    place.pushed(&registry);
    assert_eq!((registry.count("POST /token"), registry.count("GET /token")), (1, 0));
    let registry = Registry::start(&json!({"auth": "bearer", "login": LOGIN, "identity": "another"}));
    place.docker(&registry.host(), &json!({"identitytoken": "refresh-me"}));
    place.refused(&registry, &["incorrect username or password", "it rejected the credentials in"]);
    let registry = Registry::start(&json!({"ipv6": true}));
    let target = format!("[::1]:{}/dbaas/catalog:v1", registry.port);
    let run = place.push(&target, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = place.catalog(&["render", &target], &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

/// A registry that does not respond gets only one request.
#[test]
fn a_dead_registry_gets_no_second_request() {
    let place = Place::new();
    let dead = "127.0.0.1:9/x";
    let run = time::within(Duration::from_secs(80), || {
        place.catalog(&["render", &format!("{dead}:1"), &format!("{dead}:2")], &[])
    });
    assert!(run.code == Some(2) && run.error.contains("cannot reach 127.0.0.1:9 for 127.0.0.1:9/x:1"), "{run:?}");
}
