//! Temporary files and folders of unfinished work. They are removed when the work fails, and when a signal ends the
//! program.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static NEXT: AtomicU64 = AtomicU64::new(0);
static PATHS: Mutex<Vec<(u64, PathBuf, Kind)>> = Mutex::new(Vec::new());
/// Held while work must not be interrupted.
static UNINTERRUPTED: Mutex<()> = Mutex::new(());

#[derive(Clone, Copy, Debug)]
enum Kind {
    File,
    /// Removed only if it is empty.
    Folder,
    /// Removed with all that is in it.
    Tree,
}

/// A path that is removed when this guard is dropped, unless it is kept.
#[derive(Debug)]
#[must_use]
pub struct Scratch {
    number: u64,
    path: PathBuf,
    kind: Kind,
}

impl Scratch {
    fn new(path: PathBuf, kind: Kind) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        lock(&PATHS).push((number, path.clone(), kind));
        Self { number, path, kind }
    }

    /// A file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::new(path.into(), Kind::File)
    }

    /// A folder, which stays if it contains anything that was not created here.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::new(path.into(), Kind::Folder)
    }

    /// A folder with all that is in it.
    pub fn tree(path: impl Into<PathBuf>) -> Self {
        Self::new(path.into(), Kind::Tree)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps it.
    pub fn keep(self) {
        forget(self.number);
        std::mem::forget(self);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path, self.kind);
        forget(self.number);
    }
}

/// Paths that are removed together, the last one first, unless they are kept.
#[derive(Debug, Default)]
pub struct ScratchList(Vec<Scratch>);

impl ScratchList {
    /// Adds one.
    pub fn push(&mut self, scratch: Scratch) {
        self.0.push(scratch);
    }

    /// Adds others.
    pub fn extend(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Keeps all of them.
    pub fn keep(mut self) {
        std::mem::take(&mut self.0).into_iter().for_each(Scratch::keep);
    }
}

impl Drop for ScratchList {
    fn drop(&mut self) {
        while self.0.pop().is_some() {}
    }
}

fn forget(number: u64) {
    lock(&PATHS).retain(|(other, ..)| *other != number);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove(path: &Path, kind: Kind) {
    // What cannot be removed is left, because there is nobody to report it to.
    let _ = match kind {
        Kind::File => fs::remove_file(path),
        Kind::Folder => fs::remove_dir(path),
        Kind::Tree => fs::remove_dir_all(path),
    };
}

/// A new temporary folder, in the system's folder for that.
///
/// # Errors
/// The folder cannot be created.
pub fn temporary_folder() -> io::Result<Scratch> {
    Ok(Scratch::tree(tempfile::Builder::new().prefix("olm-catalog-").tempdir()?.keep()))
}

/// Runs something that a signal does not interrupt: the program ends after it.
pub fn uninterrupted<T>(work: impl FnOnce() -> T) -> T {
    let _held = lock(&UNINTERRUPTED);
    work()
}

/// Removes all temporary files and folders. Call it when a signal ends the program: it waits for work that must not be
/// interrupted, and prevents new work from then on.
pub fn remove_scratch() {
    let held = (lock(&UNINTERRUPTED), lock(&PATHS));
    for (_, path, kind) in held.1.iter().rev() {
        remove(path, *kind);
    }
    std::mem::forget(held);
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, Write as _};

    use super::*;

    #[test]
    fn what_is_not_kept_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("kept"), "").unwrap();
        fs::write(at("gone"), "").unwrap();
        fs::create_dir_all(at("used/a")).unwrap();
        fs::create_dir_all(at("tree/a")).unwrap();
        Scratch::file(at("kept")).keep();
        drop(Scratch::file(at("gone")));
        drop(Scratch::folder(at("used")));
        drop(Scratch::tree(at("tree")));
        assert_eq!(["kept", "gone", "used", "tree"].map(|name| at(name).exists()), [true, false, true, false]);
        let temporary = temporary_folder().unwrap().path().to_owned();
        assert!(!temporary.exists());
    }

    /// Tells a test that another test starts where to work.
    const FOLDER: &str = "OLM_CATALOG_TEST_SCRATCH";

    /// Not a test by itself: the next test sends signals to it.
    #[test]
    fn gets_a_signal() {
        let Ok(folder) = std::env::var(FOLDER) else { return };
        let at = |name: &str| Path::new(&folder).join(name);
        crate::signals::end_at_once(remove_scratch);
        fs::create_dir_all(at("tree/a")).unwrap();
        let _tree = Scratch::tree(at("tree"));
        fs::write(at("file"), "").unwrap();
        let _file = Scratch::file(at("file"));
        let line = |text: &str| {
            let mut answer = String::new();
            crate::outln!("{}", text).unwrap();
            io::stdin().read_line(&mut answer).unwrap();
        };
        uninterrupted(|| {
            line("inside");
            fs::write(at("first"), "").unwrap();
            fs::write(at("second"), "").unwrap();
        });
        line("outside");
    }

    #[test]
    fn a_signal_removes_it_and_does_not_halve_what_must_be_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "files::scratch::tests::gets_a_signal", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = io::BufReader::new(child.stdout.take().unwrap()).lines();
        out.find(|line| line.as_ref().unwrap().ends_with("inside")).unwrap().unwrap();
        let exists = |name: &str| folder.path().join(name).exists();
        assert!(exists("tree") && exists("file"));
        let id = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        // It stays open: only the signal ends the program, and only after the uninterruptible work.
        let mut input = child.stdin.take().unwrap();
        writeln!(input).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(143));
        assert_eq!(["tree", "file", "first", "second"].map(exists), [false, false, true, true]);
    }
}
