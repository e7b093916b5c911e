//! Progress of work that takes a while, on standard error. Only on a terminal, and only after a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{err_is_terminal, escape};

/// How long work takes before its progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time between two updates.
const TICK: Duration = Duration::from_millis(100);

/// What is shown now. Other output goes around it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// The progress of some work. It disappears when this is dropped.
#[derive(Debug)]
pub struct Progress {
    shown: Option<Shown>,
    done: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Shown {
    bar: ProgressBar,
    /// Ends the thread when it is dropped.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Nothing is ever shown.
    #[must_use]
    pub fn hidden() -> Self {
        Self { shown: None, done: Arc::default() }
    }

    /// Work of unknown size, such as "building".
    #[must_use]
    pub fn spinner(label: &str) -> Self {
        Self::new(ProgressBar::new_spinner(), "{spinner} {wide_msg}", label, Arc::default())
    }

    /// A transfer of an unknown number of bytes, which are counted elsewhere.
    #[must_use]
    pub fn transfer(label: &str, done: Arc<AtomicU64>) -> Self {
        let start = done.load(Ordering::Relaxed);
        Self::started(ProgressBar::new_spinner(), "{spinner} {msg}  {bytes}", label, done, start)
    }

    /// A number of bytes.
    #[must_use]
    pub fn bytes(label: &str, total: u64) -> Self {
        Self::new(ProgressBar::new(total), "{msg} {bar:40} {bytes}/{total_bytes}", label, Arc::default())
    }

    /// A number of things.
    #[must_use]
    pub fn count(label: &str, total: usize) -> Self {
        Self::new(ProgressBar::new(total as u64), "{msg} {bar:40} {pos}/{len}", label, Arc::default())
    }

    fn new(bar: ProgressBar, template: &str, label: &str, done: Arc<AtomicU64>) -> Self {
        Self::started(bar, template, label, done, 0)
    }

    fn started(bar: ProgressBar, template: &str, label: &str, done: Arc<AtomicU64>, start: u64) -> Self {
        if !err_is_terminal() {
            return Self { shown: None, done };
        }
        bar.set_draw_target(ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(escape(label));
        let (end, ended) = channel::<()>();
        let (shown, counter) = (bar.clone(), Arc::clone(&done));
        let thread = thread::spawn(move || {
            let (mut wait, mut visible) = (PATIENCE, false);
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(wait) {
                wait = TICK;
                // One at a time: work within other work is shown when the other one is done.
                if !visible && lock(&SHOWN).is_none() {
                    *lock(&SHOWN) = Some(shown.clone());
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    visible = true;
                }
                shown.set_position(counter.load(Ordering::Relaxed).saturating_sub(start));
                shown.tick();
            }
            shown.finish_and_clear();
            if visible {
                *lock(&SHOWN) = None;
            }
        });
        Self { shown: Some(Shown { bar, end: Some(end), thread: Some(thread) }), done }
    }

    /// Sets how much is done.
    pub fn set(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    /// One more thing is done.
    pub fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Replaces the label.
    pub fn label(&self, label: &str) {
        if let Some(shown) = &self.shown {
            shown.bar.set_message(escape(label));
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Prints something else, with the progress out of the way.
pub(super) fn aside<T>(print: impl FnOnce() -> T) -> T {
    let bar = lock(&SHOWN).clone();
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

fn lock(shown: &Mutex<Option<ProgressBar>>) -> MutexGuard<'_, Option<ProgressBar>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}
