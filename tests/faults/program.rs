//! `install-catalog` as a process whose lines can be awaited.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use super::Outcome;

/// How long the program may take to notice its deadline and to end.
const GRACE: Duration = Duration::from_secs(60);

/// A running program. Dropping it kills the program.
pub(crate) struct Program {
    title: String,
    child: Child,
    said: Arc<Said>,
    readers: Vec<JoinHandle<()>>,
    start: Instant,
    secret: String,
    log: PathBuf,
}

#[derive(Default)]
struct Said {
    lines: Mutex<Vec<(Duration, String)>>,
    more: Condvar,
}

/// The result of a program.
pub(crate) struct Ended {
    pub(crate) code: i32,
    /// The command and both outputs, each line with its time.
    pub(crate) text: String,
}

impl Program {
    /// Starts it with the credentials of a kubeconfig file. Its output is added to a log when it has ended.
    pub(crate) fn start(kubeconfig: &Path, arguments: &[&str], log: &Path) -> Result<Self, Failed> {
        let start = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
        command.args(arguments).env("KUBECONFIG", kubeconfig).env("RUST_BACKTRACE", "0");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let said = Arc::<Said>::default();
        let (stdout, stderr) = (child.stdout.take().ok_or("no pipe")?, child.stderr.take().ok_or("no pipe")?);
        let readers = vec![read(stdout, &said, start), read(stderr, &said, start)];
        let title = format!("$ install-catalog {}", arguments.join(" "));
        Ok(Self { title, child, said, readers, start, secret: token(kubeconfig)?, log: log.to_owned() })
    }

    /// Waits until it has printed this many lines. False if it ends before.
    pub(crate) fn lines(&mut self, count: usize) -> Result<bool, Failed> {
        self.until(|lines| lines.len() >= count)
    }

    /// Waits for a line with this text. False if it ends before.
    pub(crate) fn says(&mut self, part: &str) -> Result<bool, Failed> {
        self.until(|lines| lines.iter().any(|(_, line)| line.contains(part)))
    }

    fn until(&mut self, is: impl Fn(&[(Duration, String)]) -> bool) -> Result<bool, Failed> {
        loop {
            let ended = self.child.try_wait()?.is_some();
            let lines = lock(&self.said.lines);
            if is(&lines) || ended {
                return Ok(is(&lines));
            }
            drop(self.said.more.wait_timeout(lines, Duration::from_millis(20)));
        }
    }

    /// Records an event between its lines.
    pub(crate) fn note(&self, what: &str) {
        lock(&self.said.lines).push((self.start.elapsed(), format!("--- {what}")));
    }

    /// Whether it is still running.
    pub(crate) fn runs(&mut self) -> Result<bool, Failed> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits until it ends: within this time after its start and a little grace, without a panic, with an error message
    /// if it fails, and without its token in the output.
    pub(crate) fn ends(mut self, limit: Duration) -> Result<Ended, Failed> {
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if self.start.elapsed() > limit + GRACE {
                let _ = (self.child.kill(), self.child.wait());
                return Err(format!("it hangs: more than {limit:?} and {GRACE:?}\n{}", self.text()).into());
            }
            thread::sleep(Duration::from_millis(10));
        };
        let took = self.start.elapsed();
        for reader in self.readers.drain(..) {
            reader.join().map_err(|_| "a reader panicked")?;
        }
        let text = self.text();
        let mut log = File::options().create(true).append(true).open(&self.log)?;
        // In one write: others end at the same time.
        log.write_all(format!("{text}{:7.2}  {status}\n\n", took.as_secs_f64()).as_bytes())?;
        let wrong = match status.code() {
            Some(0..=2) if text.contains("panicked") => "it panicked",
            Some(2) if !text.contains("error: ") => "it says no error",
            Some(0..=2) if !self.secret.is_empty() && text.contains(&self.secret) => "it tells its token",
            Some(code @ 0..=2) => return Ok(Ended { code, text }),
            _ => "it ended otherwise than with 0, 1 or 2",
        };
        Err(format!("{wrong}: {status}\n{text}").into())
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for (at, line) in lock(&self.said.lines).iter() {
            let _ = writeln!(text, "{:7.2}  {line}", at.as_secs_f64());
        }
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // An error here means that it has ended already.
        let _ = (self.child.kill(), self.child.wait());
    }
}

impl Ended {
    /// Compares its exit status with the expected one.
    pub(crate) fn with(&self, code: i32) -> Outcome {
        if self.code == code { Ok(()) } else { Err(self.but(&format!("it ended with {}, not {code}", self.code))) }
    }

    /// Its exit status, and a text that its output must contain.
    pub(crate) fn saying(&self, code: i32, parts: &[&str]) -> Outcome {
        self.with(code)?;
        match parts.iter().find(|part| !self.text.contains(**part)) {
            Some(part) => Err(self.but(&format!("it does not say {part:?}"))),
            None => Ok(()),
        }
    }

    /// An error about it.
    pub(crate) fn but(&self, what: &str) -> Failed {
        format!("{what}\n{}", self.text).into()
    }
}

fn read(from: impl Read + Send + 'static, said: &Arc<Said>, start: Instant) -> JoinHandle<()> {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            lock(&said.lines).push((start.elapsed(), line));
            said.more.notify_all();
        }
    })
}

/// The token of a kubeconfig file.
fn token(kubeconfig: &Path) -> Result<String, Failed> {
    let text = std::fs::read_to_string(kubeconfig)?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("token:"));
    Ok(line.unwrap_or_default().trim().trim_matches('"').to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
