//! `catalog serve` for the published images, and OLM's calls to it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use olm_catalog::serve::api::registry_client::RegistryClient;
use olm_catalog::serve::api::{Bundle, GetPackageRequest, ListBundlesRequest, Package};
use tokio::sync::oneshot;
use tonic::transport::{Channel, Endpoint};

/// The content of a catalog.
#[derive(Default)]
pub(super) struct Contents {
    /// Every bundle of every channel.
    pub(super) bundles: Vec<Bundle>,
    /// By name.
    pub(super) packages: BTreeMap<String, Package>,
}

/// Queries a catalog as OLM's resolver does: ListBundles, and GetPackage for each package in it.
pub(super) async fn ask(addr: SocketAddr) -> Result<Contents> {
    let endpoint = Endpoint::from_shared(format!("http://{addr}"))?.connect_timeout(Duration::from_secs(5));
    let channel: Channel = endpoint.timeout(Duration::from_secs(60)).connect().await?;
    let mut client = RegistryClient::new(channel).max_decoding_message_size(usize::MAX);
    let mut stream = client.list_bundles(ListBundlesRequest {}).await?.into_inner();
    let mut contents = Contents::default();
    while let Some(bundle) = stream.message().await? {
        if !contents.packages.contains_key(&bundle.package_name) {
            let name = bundle.package_name.clone();
            let package = client.get_package(GetPackageRequest { name: name.clone() }).await?.into_inner();
            contents.packages.insert(name, package);
        }
        contents.bundles.push(bundle);
    }
    Ok(contents)
}

type Request = (PathBuf, oneshot::Sender<Result<Arc<Program>>>);

/// Starts the programs. They end with the thread that starts them, so it is a separate one.
pub(super) struct Programs {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

/// A running program. Dropping it kills the program.
pub(super) struct Program {
    child: std::sync::Mutex<Child>,
    pub(super) addr: SocketAddr,
}

impl Programs {
    pub(super) fn new() -> Self {
        let (requests, asked) = mpsc::channel::<Request>();
        let thread = thread::spawn(move || {
            for (folder, answer) in asked {
                // Nobody waits for it any more: it ends at once.
                drop(answer.send(start(&folder).map(Arc::new)));
            }
        });
        Self { requests: Some(requests), thread: Some(thread) }
    }

    /// Serves a folder.
    pub(super) async fn serve(&self, folder: &Path) -> Result<Arc<Program>> {
        let (answer, answered) = oneshot::channel();
        let requests = self.requests.as_ref().context("the programs have ended")?;
        requests.send((folder.to_owned(), answer)).ok().context("the starting thread ended")?;
        answered.await.context("the starting thread ended")?
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        drop(self.requests.take());
        // A thread that panicked has ended too.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn start(folder: &Path) -> Result<Program> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", env!("CARGO_BIN_EXE_catalog"), "serve"]);
    command.arg(folder).args(["--addr", "127.0.0.1:0"]).stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start catalog serve")?;
    let mut stderr = BufReader::new(child.stderr.take().context("it is piped")?);
    let mut line = String::new();
    stderr.read_line(&mut line)?;
    let Some(addr) = line.strip_prefix("serving on ").and_then(|line| line.split_once(": ")?.0.parse().ok()) else {
        let _ = (child.kill(), child.wait());
        stderr.read_to_string(&mut line)?;
        bail!("catalog serve {}: {line}", folder.display());
    };
    // Its last output needs a reader.
    thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
    Ok(Program { child: std::sync::Mutex::new(child), addr })
}

impl Drop for Program {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = (child.kill(), child.wait());
    }
}
