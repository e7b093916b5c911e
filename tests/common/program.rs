//! `catalog serve` as a process, and grpcurl.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_catalog");

const GRPCURL: &str = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3";

/// A process that serves the catalog of a case. Dropping it kills the process.
pub(crate) struct Served {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) addr: SocketAddr,
}

impl Served {
    pub(crate) fn start(case: &Path) -> Result<Self, String> {
        Self::start_at(case, "127.0.0.1:0")
    }

    pub(crate) fn start_at(case: &Path, addr: &str) -> Result<Self, String> {
        let mut command = Command::new(PROGRAM);
        // It must work without everything that a scratch image lacks, including an environment.
        command.arg("serve").arg(case.join("catalog")).args(["--addr", addr]).env_clear();
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("it says that it serves");
        let addr = line.strip_prefix("serving on ").and_then(|line| line.split_once(": ")?.0.parse().ok());
        match addr {
            Some(addr) => Ok(Self { child, stderr, addr }),
            None => {
                let _ = (child.kill(), child.wait());
                Err(format!("it says {line:?}"))
            }
        }
    }

    /// Sends a signal and waits. Returns the exit status and the rest of stderr.
    pub(crate) fn stop(mut self, signal: &str) -> std::io::Result<(Option<i32>, String)> {
        Command::new("kill").arg("-s").arg(signal).arg(self.child.id().to_string()).status()?;
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr)?;
        Ok((self.child.wait()?.code(), stderr))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

/// The program grpcurl.
///
/// # Errors
/// Why it is not here.
pub(crate) fn grpcurl() -> Result<PathBuf, String> {
    crate::common::go::tool(GRPCURL)
}
