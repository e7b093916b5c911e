//! Large stacks for values that nest as deep as Go's decoders allow: 10,000 levels, each of which needs a call or two.

use std::num::NonZero;
use std::thread;

/// The bytes of such a stack. Unused parts need no memory.
pub const STACK: usize = 256 << 20;

/// Starts the threads that share a program's work, with such stacks. The calling thread is one of them, so call this on the
/// stack of [`run`]. It is never the only one: work from other threads must not wait for it.
pub fn share() {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).max(2);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).use_current_thread();
    // If the pool exists already, its threads only get smaller values.
    let _ = pool.build_global();
}

/// Runs a program on such a stack.
///
/// # Panics
/// If the program panics.
pub fn run<T: Send>(program: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, program);
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("cannot start a thread: {error}"),
        }
    })
}
