//! Bounds on time that hold on a busy machine too.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, Timespec, clock_gettime};

/// What takes longer hangs: everything that the tests wait for takes seconds, on any machine.
pub(crate) const HANGS: Duration = Duration::from_secs(180);

/// Does something that must end by itself. Fails if it took so long that it hung.
pub(crate) fn ends<T>(what: impl FnOnce() -> T) -> T {
    within(HANGS, what)
}

/// Does something that must end by itself within this time, which is much longer than it takes.
pub(crate) fn within<T>(limit: Duration, what: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = what();
    assert!(start.elapsed() < limit, "it took {:?}", start.elapsed());
    result
}

/// The processor time of this thread so far. Unlike the time on a clock, it does not depend on what else runs.
#[must_use]
pub(crate) fn of_thread() -> Duration {
    duration(clock_gettime(ClockId::ThreadCPUTime))
}

/// The processor time of all threads of this process so far.
#[must_use]
pub(crate) fn of_process() -> Duration {
    duration(clock_gettime(ClockId::ProcessCPUTime))
}

fn duration(time: Timespec) -> Duration {
    Duration::try_from(time).expect("the clock of a process starts at zero")
}
