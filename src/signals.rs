//! SIGINT and SIGTERM end a program at once, whatever it is doing, and as process 1 of a container too, where the system
//! has no handlers of its own.

use std::sync::mpsc;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

/// The exit status of a program that SIGINT ended, as shells have it: 128 and the signal's number.
const INTERRUPTED: i32 = 130;
/// The same for SIGTERM.
const TERMINATED: i32 = 143;

/// From now on these signals end the program, with exit status 130 or 143. `before` is run first: it removes what must not
/// be left behind.
///
/// They are waited for on a thread of their own, as a program may be waiting for its user, or computing. Where no thread can
/// be had the system's own handlers stay.
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
        // Its end of the channel goes when the signals are waited for.
        let _ = ready.recv();
    }
}
