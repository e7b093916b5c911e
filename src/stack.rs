//! Room for values that nest as deep as Go's decoders allow: 10,000 levels, each of which takes a call or two.

use std::thread;

/// Bytes of such a stack. What is not used takes no memory.
pub const STACK: usize = 256 << 20;

/// Starts the threads that share a program's work, with such stacks.
pub fn share() {
    // That somebody made the pool before does not matter: such threads only take smaller values.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
}

/// Runs a program on a stack that deep values fit on.
///
/// # Panics
/// Where the program does.
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
