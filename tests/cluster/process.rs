//! Processes that never outlive the test.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How many lines of a log an error shows.
const TAIL: usize = 25;

/// The programs are written in Go, whose garbage collector uses a third of the API server's time at its default of 100.
/// They run for minutes, and can use memory up to the limit.
const GARBAGE: [(&str, &str); 2] = [("GOGC", "400"), ("GOMEMLIMIT", "1536MiB")];

/// Where processes run.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// On this machine.
    Here,
    /// In the namespaces of a separate machine with this first process.
    Machine(u32),
}

impl Place {
    /// A command there. The kernel ends it with the thread that starts it, see [`Spawner`], or with the machine: no end
    /// of a test can leave it running.
    fn command(self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]);
        if let Self::Machine(first) = self {
            let first = first.to_string();
            command.args(["nsenter", "--target", &first, "--mount", "--net", "--uts", "--ipc", "--pid", "--"]);
        }
        command.arg(program).envs(GARBAGE).stdin(Stdio::null());
        command
    }
}

/// Running programs and the folder of their logs. Dropping it ends them, in reverse order.
pub(super) struct Processes {
    place: Place,
    logs: PathBuf,
    running: Vec<Process>,
    spawner: Spawner,
}

/// A thread that starts processes, and lives until they have ended: the kernel ends them with it, and it ends with the
/// test, however that ends. The threads of cases end earlier.
struct Spawner(Sender<Start>);

/// A command, and the channel for its process.
type Start = (Command, Sender<std::io::Result<Child>>);

impl Spawner {
    fn new() -> Self {
        let (sender, commands) = mpsc::channel::<Start>();
        thread::spawn(move || {
            for (mut command, answer) in commands {
                // The caller waits for it.
                let _ = answer.send(command.spawn());
            }
        });
        Self(sender)
    }

    fn spawn(&self, command: Command) -> Result<Child> {
        let (answer, child) = mpsc::channel();
        self.0.send((command, answer)).ok().context("the thread that starts processes has ended")?;
        Ok(child.recv().context("the thread that starts processes has ended")??)
    }
}

struct Process {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    child: Child,
}

impl Processes {
    /// No process yet.
    pub(super) fn new(place: Place, logs: &Path) -> Self {
        Self { place, logs: logs.to_owned(), running: Vec::new(), spawner: Spawner::new() }
    }

    /// Starts a program, its output in `<name>.log`.
    pub(super) fn start(&mut self, name: &str, program: &Path, arguments: &[String]) -> Result<()> {
        let child = self.spawn(name, program, arguments)?;
        let (name, program, arguments) = (name.to_owned(), program.to_owned(), arguments.to_vec());
        self.running.push(Process { name, program, arguments, child });
        Ok(())
    }

    fn spawn(&self, name: &str, program: &Path, arguments: &[String]) -> Result<Child> {
        let path = self.log(name);
        let log = File::options().create(true).append(true).open(&path);
        let log = log.with_context(|| format!("cannot make {}", path.display()))?;
        let errors = log.try_clone().with_context(|| format!("cannot open {} twice", path.display()))?;
        let mut command = self.place.command(program);
        command.args(arguments).stdout(log).stderr(errors);
        self.spawner.spawn(command).with_context(|| format!("cannot start {name}"))
    }

    /// Kills a program, which cannot clean up, and waits until it has ended.
    pub(super) fn kill(&mut self, name: &str) -> Result<()> {
        let process = self.running.iter_mut().find(|process| process.name == name);
        let process = process.with_context(|| format!("{name} was not started"))?;
        process.child.kill().and_then(|()| process.child.wait()).with_context(|| format!("cannot kill {name}"))?;
        Ok(())
    }

    /// Restarts a program that was killed, with the same arguments.
    pub(super) fn start_again(&mut self, name: &str) -> Result<()> {
        let at = self.running.iter().position(|process| process.name == name);
        let at = at.with_context(|| format!("{name} was not started"))?;
        let Process { program, arguments, .. } = &self.running[at];
        self.running[at].child = self.spawn(name, program, arguments)?;
        Ok(())
    }

    /// Runs a program until it succeeds, when the service that it contacts is ready.
    pub(super) fn succeeds(&mut self, deadline: Instant, program: &Path, arguments: &[String]) -> Result<()> {
        loop {
            let output = self.place.command(program).args(arguments).output();
            let output = output.with_context(|| format!("cannot run {}", program.display()))?;
            if output.status.success() {
                return Ok(());
            }
            self.all_run()?;
            if Instant::now() > deadline {
                let said = String::from_utf8_lossy(&output.stderr);
                bail!("{} {}: {}: {said}", program.display(), arguments.join(" "), output.status);
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// An error if one of the processes has ended, with the end of its log.
    pub(super) fn all_run(&mut self) -> Result<()> {
        for process in &mut self.running {
            if let Some(status) =
                process.child.try_wait().with_context(|| format!("cannot look at {}", process.name))?
            {
                let log = tail(&self.logs.join(format!("{}.log", process.name)));
                bail!("{} ended ({status}), its log ends with:\n{log}", process.name);
            }
        }
        Ok(())
    }

    /// The last lines of a process's log.
    pub(super) fn tail(&self, name: &str) -> String {
        tail(&self.log(name))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        while let Some(mut process) = self.running.pop() {
            // An error here means that it has ended already.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

/// The last lines of a log.
pub(super) fn tail(path: &Path) -> String {
    let text = fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let mut last = VecDeque::with_capacity(TAIL);
    for line in text.lines() {
        if last.len() == TAIL {
            last.pop_front();
        }
        last.push_back(line);
    }
    Vec::from(last).join("\n")
}
