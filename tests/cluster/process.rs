//! Processes that never outlive the test.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// How many lines of a log an error shows.
const TAIL: usize = 25;

/// Running programs and the folder of their logs. Dropping it ends them, the last started first.
pub(super) struct Processes {
    logs: PathBuf,
    running: Vec<Process>,
}

struct Process {
    name: String,
    child: Child,
}

impl Processes {
    /// No process yet. The logs of an earlier run are removed.
    pub(super) fn new(logs: &Path) -> Result<Self> {
        if logs.exists() {
            fs::remove_dir_all(logs).with_context(|| format!("cannot empty {}", logs.display()))?;
        }
        fs::create_dir_all(logs).with_context(|| format!("cannot make {}", logs.display()))?;
        Ok(Self { logs: logs.to_owned(), running: Vec::new() })
    }

    /// Starts a program, its output in `<name>.log`.
    ///
    /// The kernel ends it with the thread that calls this: no way for a test to end leaves it running.
    pub(super) fn start(&mut self, name: &str, program: &Path, arguments: &[String]) -> Result<()> {
        let path = self.log(name);
        let log = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        let errors = log.try_clone().with_context(|| format!("cannot open {} twice", path.display()))?;
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        self.running.push(Process { name: name.to_owned(), child });
        Ok(())
    }

    /// An error where one of the processes has ended, with the end of its log.
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

fn tail(path: &Path) -> String {
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
