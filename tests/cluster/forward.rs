//! One port for both: what connects to it here gets to the same port of the machine's loopback address.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::AsFd as _;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::machine::Machine;

/// A port that is forwarded until this is dropped.
pub(super) struct Forward {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Forward {
    /// Forwards a free port of this machine's loopback address.
    pub(super) fn start(machine: &Machine) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let port = listener.local_addr().context("no free port")?.port();
        listener.set_nonblocking(true).context("no free port")?;
        let network = machine.network()?;
        let (stop, stopped) = oneshot::channel();
        let (entered, result) = std::sync::mpsc::channel();
        // A namespace is a thread's: the sockets that this thread makes are the machine's, the listener stays ours.
        let thread = thread::spawn(move || {
            let ready = enter(&network).and_then(|()| runtime());
            match ready {
                Ok(runtime) => {
                    let _ = entered.send(Ok(()));
                    runtime.block_on(async {
                        tokio::select! {
                            _ = stopped => {}
                            () = serve(listener, port) => {}
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

    /// The port, the same on both sides.
    pub(super) fn port(&self) -> u16 {
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

fn enter(network: &std::fs::File) -> Result<()> {
    move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).context("cannot enter the network")
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("no asynchronous runtime")
}

async fn serve(listener: TcpListener, port: u16) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((mut near, _)) = listener.accept().await {
        tokio::spawn(async move {
            // Whoever connects sees a closed connection where nothing listens, or when either side has gone.
            if let Ok(mut far) = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
                let _ = copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
