//! Limits the connections of a server: their number, idle ones, and clients that never read.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_stream::StreamExt as _;
use tonic::transport::server::{Connected, TcpIncoming};

use crate::errln;

/// When connections are closed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// The most connections.
    pub(super) most: usize,
    /// The time limit for the first bytes.
    pub(super) beginning: Duration,
    /// How long a client may read nothing of an unfinished answer.
    pub(super) stalled: Duration,
    /// How long a connection may be without a call.
    pub(super) idle: Duration,
    /// The interval of these checks.
    pub(super) tick: Duration,
}

impl Rules {
    /// The limits of a server: OLM has a few connections to a catalog, and keeps them.
    pub(super) fn usual() -> Self {
        Self {
            most: 512.min(files_left()),
            beginning: Duration::from_secs(10),
            stalled: Duration::from_secs(60),
            idle: Duration::from_secs(3600),
            tick: Duration::from_secs(1),
        }
    }
}

/// The number of connections that the limit of open files allows.
fn files_left() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit.saturating_sub(24)).unwrap_or(usize::MAX).max(8)
}

/// The bytes that a client must send first: the preface, and the head of a frame.
const BEGINNING: usize = 24 + 9;

/// How long to wait if no connection can be accepted, for example because too many files are open.
const RETRY: Duration = Duration::from_millis(200);

/// All connections of a server.
#[derive(Debug)]
pub(super) struct Connections {
    rules: Rules,
    start: Instant,
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<State>>>,
}

/// A connection.
#[derive(Debug)]
struct State {
    start: Instant,
    /// The times of its start and of its last call, in milliseconds since the server's start.
    began: u64,
    used: AtomicU64,
    closed: AtomicBool,
    /// Notified when it is closed.
    waker: Mutex<Option<Waker>>,
    /// The time of the last progress of each open call.
    calls: Mutex<HashMap<u64, Arc<AtomicU64>>>,
    next: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl State {
    fn has_calls(&self) -> bool {
        !lock(&self.calls).is_empty()
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        if let Some(waker) = lock(&self.waker).take() {
            waker.wake();
        }
    }

    /// Whether the connection should be closed.
    fn is_over(&self, rules: &Rules, read: usize) -> bool {
        let now = since(self.start);
        let older =
            |time: u64, than: Duration| now.saturating_sub(time) > u64::try_from(than.as_millis()).unwrap_or(u64::MAX);
        let calls = lock(&self.calls);
        self.closed.load(Ordering::Relaxed)
            || (read < BEGINNING && older(self.began, rules.beginning))
            || calls.values().any(|moved| older(moved.load(Ordering::Relaxed), rules.stalled))
            || (calls.is_empty() && older(self.used.load(Ordering::Relaxed), rules.idle))
    }
}

impl Connections {
    pub(super) fn new(rules: Rules) -> Arc<Self> {
        Arc::new(Self { rules, start: Instant::now(), next: AtomicU64::new(0), open: Mutex::default() })
    }

    /// Accepts connections until the receiver is gone.
    pub(super) async fn accept(self: Arc<Self>, mut incoming: TcpIncoming, accepted: mpsc::Sender<io::Result<Io>>) {
        let mut told = false;
        loop {
            let next = tokio::select! {
                () = accepted.closed() => return,
                next = incoming.next() => next,
            };
            match next {
                Some(Ok(stream)) => {
                    told = false;
                    let Some(io) = self.add(stream) else { continue };
                    if accepted.send(Ok(io)).await.is_err() {
                        return;
                    }
                }
                Some(Err(error)) if is_of_one(&error) => {}
                Some(Err(error)) => {
                    // Reported once, and not thousands of times a second.
                    if !told {
                        errln!("cannot accept connections: {}; retrying after closing idle ones", error);
                    }
                    told = true;
                    // Capacity for several: they arrive one after another.
                    let idle = lock(&self.open).values().filter(|state| !state.has_calls()).count();
                    for _ in 0..idle.div_ceil(2) {
                        self.close_idle();
                    }
                    tokio::time::sleep(RETRY).await;
                }
                None => return,
            }
        }
    }

    /// A connection within the limit. If there are too many, the least recently used one is closed; if all have calls,
    /// the new one is closed.
    fn add(self: &Arc<Self>, stream: TcpStream) -> Option<Io> {
        if lock(&self.open).values().filter(|state| !state.closed.load(Ordering::Relaxed)).count() >= self.rules.most
            && !self.close_idle()
        {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let now = since(self.start);
        let state = Arc::new(State {
            start: self.start,
            began: now,
            used: AtomicU64::new(now),
            closed: AtomicBool::new(false),
            waker: Mutex::default(),
            calls: Mutex::default(),
            next: AtomicU64::new(0),
        });
        lock(&self.open).insert(number, Arc::clone(&state));
        let mut tick = tokio::time::interval(self.rules.tick);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(Io { stream, state, number, connections: Arc::clone(self), tick, read: 0 })
    }

    /// Closes the least recently used connection without a call, if there is one.
    fn close_idle(&self) -> bool {
        let open = lock(&self.open);
        let idle = open.values().filter(|state| !state.closed.load(Ordering::Relaxed) && !state.has_calls());
        let oldest = idle.min_by_key(|state| state.used.load(Ordering::Relaxed));
        oldest.map(|state| state.close()).is_some()
    }
}

/// Whether an error of accept concerns only one connection.
fn is_of_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// The client of a call.
#[derive(Clone, Debug)]
pub(super) struct Peer(Arc<State>);

impl Peer {
    /// A call begins.
    pub(super) fn call(&self) -> Call {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let moved = Arc::new(AtomicU64::new(since(self.0.start)));
        lock(&self.0.calls).insert(number, Arc::clone(&moved));
        Call { peer: self.clone(), number, moved }
    }
}

/// An open call. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Call {
    peer: Peer,
    number: u64,
    moved: Arc<AtomicU64>,
}

impl Call {
    /// The client read something.
    pub(super) fn moves(&self) {
        self.moved.store(since(self.peer.0.start), Ordering::Relaxed);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        lock(&self.peer.0.calls).remove(&self.number);
        self.peer.0.used.store(since(self.peer.0.start), Ordering::Relaxed);
    }
}

/// The bytes of a connection. It ends when a limit is exceeded.
#[derive(Debug)]
pub(super) struct Io {
    stream: TcpStream,
    state: Arc<State>,
    number: u64,
    connections: Arc<Connections>,
    tick: Interval,
    read: usize,
}

impl Io {
    fn look(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let mut looks = self.state.closed.load(Ordering::Relaxed);
        {
            let mut waker = lock(&self.state.waker);
            if !waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
                *waker = Some(context.waker().clone());
            }
        }
        while self.tick.poll_tick(context).is_ready() {
            looks = true;
        }
        // Checked again, because it may have been closed before there was a waker.
        looks |= self.state.closed.load(Ordering::Relaxed);
        if looks && self.state.is_over(&self.connections.rules, self.read) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl Drop for Io {
    fn drop(&mut self) {
        let mut open = lock(&self.connections.open);
        open.remove(&self.number);
        if open.len() < open.capacity() / 4 {
            open.shrink_to_fit();
        }
    }
}

impl Connected for Io {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        Peer(Arc::clone(&self.state))
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.look(context)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.read = self.read.saturating_add(buffer.filled().len() - before);
        read
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.look(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.look(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.look(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(20);

    fn rules() -> Rules {
        Rules { most: 10, beginning: LONG, stalled: LONG, idle: LONG, tick: Duration::from_millis(5) }
    }

    async fn connect(connections: &Arc<Connections>) -> (TcpStream, Option<Io>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, connections.add(listener.accept().await.unwrap().0))
    }

    /// The end of reading, after all bytes from the client.
    async fn end(io: &mut Io) -> io::ErrorKind {
        loop {
            match io.read(&mut [0; 64]).await {
                Ok(0) => return io::ErrorKind::UnexpectedEof,
                Ok(_) => {}
                Err(error) => return error.kind(),
            }
        }
    }

    #[tokio::test]
    async fn connections_that_say_nothing_or_half_of_it_are_closed() {
        let connections = Connections::new(Rules { beginning: SHORT, ..rules() });
        for sent in [&b""[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
            let (mut client, io) = connect(&connections).await;
            client.write_all(sent).await.unwrap();
            assert_eq!(end(&mut io.unwrap()).await, io::ErrorKind::TimedOut);
        }
        assert_eq!(lock(&connections.open).len(), 0);
    }

    #[tokio::test]
    async fn connections_without_calls_and_with_calls_that_do_not_move_are_closed() {
        for rules in [Rules { idle: SHORT, ..rules() }, Rules { stalled: SHORT, ..rules() }] {
            let connections = Connections::new(rules);
            let (mut client, io) = connect(&connections).await;
            let mut io = io.unwrap();
            client.write_all(&[0; BEGINNING]).await.unwrap();
            let call = (rules.stalled == SHORT).then(|| io.connect_info().call());
            assert_eq!(end(&mut io).await, io::ErrorKind::TimedOut);
            drop(call);
        }
    }

    #[tokio::test]
    async fn there_are_only_so_many_and_those_with_calls_stay() {
        let connections = Connections::new(Rules { most: 2, ..rules() });
        let (_first_client, first) = connect(&connections).await;
        let (_second_client, second) = connect(&connections).await;
        let second = second.unwrap();
        let _second_call = second.connect_info().call();
        let (_third_client, third) = connect(&connections).await;
        assert_eq!(end(&mut first.unwrap()).await, io::ErrorKind::TimedOut);
        let third = third.unwrap();
        let call = third.connect_info().call();
        assert!(connect(&connections).await.1.is_none());
        drop(call);
        assert!(connect(&connections).await.1.is_some());
    }
}
