//! SIGINT and SIGTERM end a program immediately, even as process 1 of a container, where the system has no default
//! handlers.

use std::sync::mpsc;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

/// The exit status after SIGINT, as in shells: 128 plus the signal's number.
const INTERRUPTED: i32 = 130;
/// The exit status after SIGTERM.
const TERMINATED: i32 = 143;

/// From now on these signals end the program, with exit status 130 or 143. `before` runs first, and removes temporary
/// files.
///
/// A separate thread waits for them, because the program may be waiting for the user, or computing. If no thread can be
/// started, the system's default handlers stay.
pub fn end_at_once(before: impl FnOnce() + Send + 'static) {
    let (tell, ready) = mpsc::channel::<()>();
    let spawned = thread::Builder::new().name("signals".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        let status = runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                drop(tell);
                return std::future::pending().await;
            };
            drop(tell);
            tokio::select! {
                _ = interrupt.recv() => INTERRUPTED,
                _ = terminate.recv() => TERMINATED,
            }
        });
        before();
        std::process::exit(status);
    });
    if spawned.is_ok() {
        // Its end of the channel is dropped when the thread waits for signals.
        let _ = ready.recv();
    }
}
