//! Access to the machine's network: connections to a local port are forwarded to an address there.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::machine::Machine;

/// The machine's network.
#[derive(Clone)]
pub(crate) struct Network(Arc<File>);

impl Network {
    pub(super) fn of(machine: &Machine) -> Result<Self> {
        Ok(Self(Arc::new(machine.network()?)))
    }

    /// Forwards a free port of this machine's loopback address to an address there: a pod's, or a Service's.
    pub(crate) fn reach(&self, target: SocketAddr) -> Result<Forward> {
        Forward::new(Arc::clone(&self.0), |_| target)
    }
}

/// A port that is forwarded until this is dropped.
pub(crate) struct Forward {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Forward {
    /// Forwards a free port of this machine's loopback address to the same port of that machine's.
    pub(super) fn start(machine: &Machine) -> Result<Self> {
        Self::new(Arc::new(machine.network()?), |port| (Ipv4Addr::LOCALHOST, port).into())
    }

    fn new(network: Arc<File>, target: impl FnOnce(u16) -> SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let port = listener.local_addr().context("no free port")?.port();
        listener.set_nonblocking(true).context("no free port")?;
        let target = target(port);
        let (stop, stopped) = oneshot::channel();
        let (entered, result) = std::sync::mpsc::channel();
        // A network namespace belongs to a thread: sockets of this thread are the machine's, the listener stays ours.
        let thread = thread::spawn(move || {
            let ready = enter(&network).and_then(|()| runtime());
            match ready {
                Ok(runtime) => {
                    let _ = entered.send(Ok(()));
                    runtime.block_on(async {
                        tokio::select! {
                            _ = stopped => {}
                            () = serve(listener, target) => {}
                        }
                    });
                }
                Err(error) => drop(entered.send(Err(error))),
            }
        });
        let forward = Self { port, stop: Some(stop), thread: Some(thread) };
        result.recv().context("the forwarding thread ended")??;
        Ok(forward)
    }

    /// The port here.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A thread that panicked has ended too.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn enter(network: &File) -> Result<()> {
    move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).context("cannot enter the network")
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("no asynchronous runtime")
}

async fn serve(listener: TcpListener, target: SocketAddr) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((mut near, _)) = listener.accept().await {
        tokio::spawn(async move {
            // The client sees a closed connection if nothing listens, or when either side has closed.
            if let Ok(mut far) = TcpStream::connect(target).await {
                // Otherwise each response in several pieces waits for the other side's delayed acknowledgement: 40 ms.
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                let _ = copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
