//! Large stacks for values that nest as deep as Go's decoders allow: 10,000 levels, each of which needs a call or two.

use std::thread;

/// The bytes of such a stack. Unused parts need no memory.
pub const STACK: usize = 256 << 20;

/// Starts the shared worker threads, with such stacks.
pub fn share() {
    // An existing pool is fine: its threads only support less deep values.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
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
