//! `catalog serve`: the registry API of a catalog.

use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use olm_catalog::errln;
use olm_catalog::serve::{self, Index};
use olm_catalog::stack::STACK;
use olm_catalog::words::plural;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Outcome;

/// Serve a catalog to OLM over gRPC.
///
/// The API is the same as that of `opm serve`: api.Registry, grpc.health.v1.Health, and reflection. The catalog is read
/// once, at the start. A line on stderr reports when it is served. SIGTERM and SIGINT stop the server; open calls have
/// up to five seconds to finish. It needs no files except the catalog, and no DNS.
///
/// Exit status: 0 ended by a signal, 2 the catalog cannot be read or served, or the address is unavailable.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  Serve the catalog in the folder catalog on port 50051:
    catalog serve catalog

  Serve a folder on one address:
    catalog serve /configs --addr 127.0.0.1:50051

  Ask the server for its packages:
    grpcurl -plaintext localhost:50051 api.Registry/ListPackages")]
pub(crate) struct Args {
    /// The catalog: a file, or a folder of files.
    path: PathBuf,
    /// The address to listen on, as IP:PORT. Without an IP, listen on every address, IPv6 and IPv4. Port 0 picks a free
    /// port.
    #[arg(long, value_name = "[IP]:PORT", default_value = ":50051")]
    addr: Address,
    #[command(flatten)]
    opm: Opm,
}

/// The options of `opm serve`.
#[derive(clap::Args)]
#[command(next_help_heading = "Options of opm serve")]
struct Opm {
    /// The port to listen on, on every address.
    #[arg(short, long, value_name = "PORT", conflicts_with = "addr")]
    port: Option<u16>,
    /// Read the catalog, and exit without serving it. No cache is written, because none is needed.
    #[arg(long)]
    cache_only: bool,
    /// Accepted without effect: the catalog is read anew at every start, and checked.
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
    /// Accepted without effect, as --cache-dir.
    #[arg(long, num_args = 0..=1, require_equals = true, value_name = "true|false")]
    cache_enforce_integrity: Option<Option<bool>>,
    /// Write the error to this file too if the catalog cannot be served.
    #[arg(short, long, value_name = "FILE")]
    termination_log: Option<PathBuf>,
    /// Accepted without effect: there is no profiler to serve.
    #[arg(long, value_name = "ADDR", hide = true)]
    pprof_addr: Option<String>,
    /// Accepted without effect, as --pprof-addr.
    #[arg(long, hide = true)]
    pprof_capture_profiles: bool,
    /// Accepted without effect.
    #[arg(long, hide = true)]
    debug: bool,
}

/// An address to listen on.
#[derive(Clone, Copy)]
struct Address {
    /// `None` for every address.
    ip: Option<IpAddr>,
    port: u16,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(port) = text.strip_prefix(':') {
            return Ok(Self { ip: None, port: port.parse().map_err(|_| format!("{port:?} is not a valid port"))? });
        }
        let addr: SocketAddr = text.parse().map_err(|_| "use IP:PORT, [IPv6]:PORT or :PORT".to_owned())?;
        Ok(Self { ip: Some(addr.ip()), port: addr.port() })
    }
}

impl Address {
    async fn listen(self) -> std::io::Result<TcpListener> {
        let Some(ip) = self.ip else {
            // A socket on the IPv6 wildcard accepts IPv4 too. Kernels without IPv6 do not have it.
            return match TcpListener::bind((Ipv6Addr::UNSPECIFIED, self.port)).await {
                Err(error) if error.kind() != ErrorKind::AddrInUse => {
                    TcpListener::bind((Ipv4Addr::UNSPECIFIED, self.port)).await
                }
                bound => bound,
            };
        };
        TcpListener::bind((ip, self.port)).await
    }
}

impl Args {
    pub(crate) fn run(mut self) -> anyhow::Result<Outcome> {
        if let Some(port) = self.opm.port {
            self.addr = Address { ip: None, port };
        }
        let log = self.opm.termination_log.take();
        let served = self.run_server();
        if let (Err(error), Some(log)) = (&served, log)
            && let Err(unwritten) = std::fs::write(&log, format!("{error:#}"))
        {
            errln!("warning: cannot write {}: {}", log.display(), unwritten);
        }
        served
    }

    fn run_server(self) -> anyhow::Result<Outcome> {
        // OLM makes few calls, and each thread costs memory.
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_stack_size(STACK).enable_all().build();
        runtime.context("cannot start the server threads")?.block_on(self.serve())
    }

    async fn serve(self) -> anyhow::Result<Outcome> {
        let start = Instant::now();
        // Signals are handled from here on: process 1 of a container gets no default handling.
        let stop = stop().context("cannot listen for signals")?;
        // Runs on this thread because its memory goes back to the system. The memory of other threads stays reserved
        // for them.
        let index = Index::read(&self.path).map_err(|error| self.explain(error))?;
        let (packages, bundles) = (index.package_count(), index.bundle_count());
        if packages == 0 {
            bail!("{}: the catalog contains no packages to serve", self.path.display());
        }
        if self.opm.cache_only {
            errln!("{}, {}: can be served", plural(packages, "package"), plural(bundles, "bundle"));
            return Ok(Outcome::Done);
        }
        let listener = self.addr.listen().await.with_context(|| match self.addr.ip {
            Some(ip) => format!("cannot listen on {}", SocketAddr::new(ip, self.addr.port)),
            None => format!("cannot listen on port {}", self.addr.port),
        })?;
        let addr = listener.local_addr().context("cannot listen")?;
        let time = start.elapsed().as_millis();
        let (packages, bundles) = (plural(packages, "package"), plural(bundles, "bundle"));
        errln!("serving on {}: {}, {}, read in {} ms", addr, packages, bundles, time);
        serve::serve(index, listener, stop).await?;
        errln!("stopped");
        Ok(Outcome::Done)
    }

    /// Reading stops at the first problem, so the message names the verb that shows all.
    fn explain(&self, error: serve::Error) -> anyhow::Error {
        match error {
            serve::Error::Problem { .. } => {
                anyhow!("{error} (`catalog validate {}` shows every defect)", self.path.display())
            }
            other => other.into(),
        }
    }
}

/// Completes when the process gets a signal to stop.
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut term, mut int): (Signal, Signal) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}
