//! `catalog serve` with clients that do not read or are silent, and with too many clients.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, dead_code, reason = "a test; parts of the shared files are for others")]

mod common;
#[path = "common/program.rs"]
mod program;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use olm_catalog::serve::api::registry_client::RegistryClient;
use olm_catalog::serve::api::{ListBundlesRequest, ListPackageRequest};
use tonic::transport::{Channel, Endpoint};

struct Server {
    child: Child,
    addr: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

impl Server {
    /// A server of this catalog, with a limit of open files.
    fn start(catalog: &Path, files: u32) -> Self {
        let script =
            format!("ulimit -n {files}; exec {} serve {} --addr 127.0.0.1:0", program::PROGRAM, catalog.display());
        let mut child = Command::new("bash").args(["-c", &script]).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let addr = line.strip_prefix("serving on ").and_then(|line| line.split_once(": ")?.0.parse().ok());
        std::thread::spawn(move || stderr.read_to_string(&mut String::new()));
        Self { child, addr: addr.expect(&line) }
    }

    fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(":")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// The CPU time so far, in clock ticks of 10 ms.
    fn computed(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    async fn client(&self) -> RegistryClient<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.addr)).unwrap();
        RegistryClient::new(endpoint.connect().await.unwrap()).max_decoding_message_size(64 << 20)
    }
}

/// A catalog whose bundles have a megabyte each, which is in the list.
fn large(bundles: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text =
        "{schema: olm.package, name: a, defaultChannel: b}\n---\n{schema: olm.channel, package: a, name: b, entries: ["
            .to_owned();
    for number in 0..bundles {
        let replaces = if number == 0 { String::new() } else { format!(", replaces: a.v{}", number - 1) };
        write!(text, "{{name: a.v{number}{replaces}}}, ").unwrap();
    }
    text.push_str("]}\n");
    let filling = "x".repeat(1 << 20);
    for number in 0..bundles {
        writeln!(
            text,
            "---\n{{schema: olm.bundle, package: a, name: a.v{number}, image: c, properties: [{{type: olm.package, value: \
             {{packageName: a, version: {number}.0.0}}}}, {{type: large, value: {filling}}}]}}"
        )
        .unwrap();
    }
    fs::write(folder.path().join("catalog.yaml"), text).unwrap();
    folder
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

/// 1,600 calls whose responses of 16 MB nobody reads: formerly the first megabyte of each was in memory.
#[test]
fn clients_that_do_not_read_cost_little_memory() {
    let catalog = large(16);
    let server = Server::start(catalog.path(), 1024);
    let before = server.status("VmRSS");
    runtime().block_on(async {
        let mut calls = Vec::new();
        for _ in 0..16 {
            let client = server.client().await;
            for _ in 0..100 {
                let answer = client.clone().list_bundles(ListBundlesRequest {}).await.unwrap();
                calls.push((client.clone(), answer.into_inner()));
            }
        }
        let grown = server.status("VmHWM").saturating_sub(before) / 1024;
        assert!(grown < 150, "{grown} MB more");
        // Another client gets its whole response.
        let mut read = server.client().await.list_bundles(ListBundlesRequest {}).await.unwrap().into_inner();
        let mut count = 0;
        while let Some(bundle) = read.message().await.unwrap() {
            assert!(bundle.properties.iter().any(|property| property.value.len() > 1 << 20));
            count += 1;
        }
        assert_eq!(count, 16);
    });
    let left = server.status("VmRSS").saturating_sub(before) / 1024;
    assert!(left < 150, "{left} MB more after they are gone");
}

/// Idle connections up to the limit of open files use no CPU time, and are closed for a client with a request.
#[test]
fn the_limit_of_open_files_is_survived() {
    let catalog = large(1);
    for files in [18, 64] {
        let server = Server::start(catalog.path(), files);
        let idle: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(server.addr).unwrap()).collect();
        let before = server.computed();
        // A busy loop would compute all the time, or as much as a busy machine allows.
        std::thread::sleep(Duration::from_secs(2));
        let computed = server.computed() - before;
        assert!(computed < 80, "{computed}0 ms of 2 s with {files} files");
        runtime().block_on(async {
            let answer = server.client().await.list_packages(ListPackageRequest {}).await.unwrap();
            assert_eq!(answer.into_inner().message().await.unwrap().unwrap().name, "a");
        });
        drop(idle);
    }
}
