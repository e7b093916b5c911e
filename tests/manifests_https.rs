//! `crds: {manifests: https://…}` from a real server: TLS, on this machine, with a certificate of its own.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
mod proxies;

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, ExitCode, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use olm_catalog::image::Digest;
use proxies::{Answer, Proxy};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

fn main() -> ExitCode {
    let tests: [(&str, fn()); 6] = [
        ("a_file_is_fetched_once_for_all_releases_and_kept", a_file_is_fetched_once_for_all_releases_and_kept),
        ("a_redirect_is_followed_to_https_only", a_redirect_is_followed_to_https_only),
        ("another_file_is_refused", another_file_is_refused),
        ("a_missing_file_is_reported", a_missing_file_is_reported),
        ("an_untrusted_server_is_not_used", an_untrusted_server_is_not_used),
        ("a_proxy_of_the_environment_is_asked", a_proxy_of_the_environment_is_asked),
    ];
    let mut trials = Vec::from(tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    }));
    trials.push(Trial::ignorable_test("where_nobody_says_what_is_trusted_the_well_known_roots_are", alone));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The released file.
fn released() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operator/manifests/bundle.yaml")).unwrap()
}

/// A server that has the released file at /bundle.yaml, and redirects to it and to plain HTTP at /moved and /plain.
struct Server {
    port: u16,
    /// Its certificate, as PEM.
    certificate: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let (config, certificate) = proxies::self_signed("localhost");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), certificate, asked: Arc::default() };
        let asked = Arc::clone(&server.asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that does not trust the certificate disconnects.
                drop(answer(stream.unwrap(), &config, &asked));
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}/{path}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, config: &Arc<ServerConfig>, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let port = stream.local_addr()?.port();
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if stream.read_line(&mut request)? == 0 {
            return Ok(());
        }
    }
    let path = request.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let (status, header, body) = match path.as_str() {
        "/bundle.yaml" => ("200 OK", String::new(), released()),
        "/moved" => ("302 Found", format!("Location: https://localhost:{port}/bundle.yaml\r\n"), Vec::new()),
        "/plain" => ("302 Found", format!("Location: http://localhost:{port}/bundle.yaml\r\n"), Vec::new()),
        _ => ("404 Not Found", String::new(), b"none".to_vec()),
    };
    asked.lock().unwrap().push(path);
    let stream = stream.get_mut();
    write!(stream, "HTTP/1.1 {status}\r\n{header}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len())?;
    stream.write_all(&body)?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// A repository whose operator has two releases, both from the manifests at a URL.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new(url: &str, sha256: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let package = root.path().join("bundles/notes");
        fs::create_dir_all(&package).unwrap();
        let definition = format!(
            "package: notes\ndisplayName: Notes\ndescription: Keeps notes.\nprovider: {{name: Example}}\n\
             channels: [stable]\ninstallModes: [AllNamespaces]\ncrds: {{manifests: '{url}', sha256: '{sha256}'}}\n\
             releases:\n- version: 1.0.0\n- version: 1.1.0\n"
        );
        fs::write(package.join("operator.yaml"), definition).unwrap();
        Self(root)
    }

    /// `catalog generate` that trusts a certificate.
    fn generate(&self, certificate: &str) -> Output {
        self.generate_with(certificate, &[])
    }

    /// The same with more variables.
    fn generate_with(&self, certificate: &str, variables: &[(&str, &str)]) -> Output {
        let trusted = self.0.path().join("trusted.pem");
        fs::write(&trusted, certificate).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
        command.arg("generate").current_dir(self.0.path()).env_clear().env("SSL_CERT_FILE", &trusted);
        command.envs(variables.iter().copied()).output().unwrap()
    }

    /// The error message of `generate`. It writes nothing.
    fn refused(&self, certificate: &str) -> String {
        let output = self.generate(certificate);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.ends_with("nothing was written\n"), "{told}");
        assert!(!self.0.path().join("bundles/notes/1.0.0").exists(), "{told}");
        assert!(!self.0.path().join("target").exists(), "what is refused is not kept");
        told
    }
}

fn digest() -> String {
    Digest::of(&released()).hex().to_owned()
}

fn a_file_is_fetched_once_for_all_releases_and_kept() {
    let server = Server::start();
    let repository = Repository::new(&server.url("bundle.yaml"), &digest());
    let output = repository.generate(&server.certificate);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(server.asked(), ["/bundle.yaml"]);
    let root = repository.0.path();
    assert_eq!(fs::read(root.join("target/manifests").join(digest())).unwrap(), released());
    for version in ["1.0.0", "1.1.0"] {
        let manifests = root.join("bundles/notes").join(version).join("manifests");
        assert!(manifests.join("notes.clusterserviceversion.yaml").is_file(), "{version}");
        assert!(fs::read_dir(manifests).unwrap().count() > 1, "{version} has its CRD");
    }
    let again = repository.generate(&server.certificate);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    assert!(String::from_utf8(again.stdout).unwrap().lines().all(|line| line.ends_with(": unchanged")));
    assert_eq!(server.asked(), ["/bundle.yaml"]);
}

fn a_redirect_is_followed_to_https_only() {
    let server = Server::start();
    let output = Repository::new(&server.url("moved"), &digest()).generate(&server.certificate);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(server.asked(), ["/moved", "/bundle.yaml"]);
    let told = Repository::new(&server.url("plain"), &digest()).refused(&server.certificate);
    assert!(told.contains("cannot download ") && told.contains("/plain: "), "{told}");
}

fn another_file_is_refused() {
    let server = Server::start();
    let told = Repository::new(&server.url("bundle.yaml"), &"0".repeat(64)).refused(&server.certificate);
    assert!(told.contains(&format!("/bundle.yaml is {}, which differs from the one here", digest())), "{told}");
}

fn a_missing_file_is_reported() {
    let server = Server::start();
    let told = Repository::new(&server.url("none.yaml"), &digest()).refused(&server.certificate);
    assert!(told.contains("/none.yaml: ") && told.contains("404"), "{told}");
}

fn an_untrusted_server_is_not_used() {
    let (server, other) = (Server::start(), Server::start());
    let told = Repository::new(&server.url("bundle.yaml"), &digest()).refused(&other.certificate);
    assert!(told.contains("certificate"), "{told}");
    assert_eq!(server.asked(), [""; 0]);
}

fn a_proxy_of_the_environment_is_asked() {
    let server = Server::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let login = Some(("user", "secret"));
    let proxy = runtime.block_on(Proxy::start(Answer::Tunnel, login, ([127, 0, 0, 1], server.port).into()));
    let variables = [("HTTPS_PROXY", &*proxy.url("http", "user:secret"))];
    let generate = |variables: &[(&str, &str)]| {
        let repository = Repository::new(&server.url("bundle.yaml"), &digest());
        let output = repository.generate_with(&server.certificate, variables);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    };
    generate(&variables);
    proxy.was_asked_for(&[&format!("localhost:{}", server.port)]);
    generate(&[variables[0], ("NO_PROXY", "localhost")]);
    proxy.was_asked_for(&[]);
}

/// A static program as the only file in its root, as in an image.
fn alone() -> Result<Completion, Failed> {
    let program = match common::static_program() {
        Ok(program) => program,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    if !Command::new("chroot").args(["/", "true"]).status().is_ok_and(|status| status.success()) {
        return Ok(Completion::ignored_with("a root file system of its own needs root"));
    }
    let server = Server::start();
    let repository = Repository::new(&format!("https://127.0.0.1:{}/bundle.yaml", server.port), &digest());
    let root = repository.0.path();
    fs::copy(program, root.join("catalog"))?;
    // A container has these, too.
    fs::create_dir(root.join("dev"))?;
    for (name, minor) in [("random", "8"), ("urandom", "9")] {
        let made = Command::new("mknod").arg(root.join("dev").join(name)).args(["c", "1", minor]).status()?;
        if !made.success() {
            return Ok(Completion::ignored_with("a device of its own needs more rights"));
        }
    }
    let told = |variables: &[(&str, &str)]| {
        let mut command = Command::new("chroot");
        command.arg(root).args(["/catalog", "generate"]).env_clear().envs(variables.iter().copied());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    let of_nobody_known = told(&[]);
    assert!(of_nobody_known.contains("UnknownIssuer"), "{of_nobody_known}");
    // The user's choice of trusted certificates is followed.
    let of_nobody = told(&[("SSL_CERT_FILE", "/none.pem")]);
    assert!(
        !of_nobody.contains("UnknownIssuer") && of_nobody.contains("check SSL_CERT_FILE and SSL_CERT_DIR"),
        "{of_nobody}"
    );
    assert_eq!(server.asked(), [""; 0]);
    Ok(Completion::Completed)
}
