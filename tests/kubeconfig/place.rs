//! A folder with kubeconfigs, `install-catalog` run in it, and servers for it to talk to.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;

pub(crate) struct Place(TempDir);

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    /// Standard output and standard error.
    pub(crate) text: String,
    /// The most memory that the process had.
    pub(crate) peak_mib: u64,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    /// A file in base64, in lines of this many characters.
    pub(crate) fn base64(&self, file: &str, width: usize) -> String {
        let text = BASE64_STANDARD.encode(fs::read(self.path(file)).unwrap());
        let lines: Vec<_> =
            text.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        lines.join("\r\n") + "\n"
    }

    /// The program, with this $KUBECONFIG.
    pub(crate) fn command(&self, list: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
        command.args(arguments).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.0.path()).env("KUBECONFIG", list);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.command("", arguments))
    }

    pub(crate) fn with_list(&self, list: &str, arguments: &[&str]) -> Run {
        run(&mut self.command(list, arguments))
    }

    pub(crate) fn with(&self, list: &str, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
        run(self.command(list, arguments).envs(environment.iter().copied()))
    }

    /// As in a pod, with this server as its own cluster.
    pub(crate) fn in_pod(&self, server: &Server, list: &str, arguments: &[&str]) -> Run {
        let port = server.port.to_string();
        self.with(list, &[("KUBERNETES_SERVICE_HOST", "127.0.0.1"), ("KUBERNETES_SERVICE_PORT", &port)], arguments)
    }
}

fn run(command: &mut Command) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let errors = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        text
    });
    let status = format!("/proc/{}/status", child.id());
    let peak = thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let Some(line) = line else { break };
            peak = line.trim().trim_end_matches(" kB").parse().unwrap_or(peak);
            thread::sleep(std::time::Duration::from_millis(20));
        }
        peak / 1024
    });
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    let ended = child.wait().unwrap();
    text += &errors.join().unwrap();
    assert_eq!(ended.signal(), None, "{text}");
    Run { code: ended.code(), text, peak_mib: peak.join().unwrap() }
}

/// Runs openssl in the folder; false if it fails or is not installed.
pub(crate) fn openssl(place: &Place, arguments: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(place.0.path()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A server of `server.py`, which ends with this.
pub(crate) struct Server {
    child: Child,
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(mode: &str, files: &[String]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kubeconfig/server.py");
        let mut command = Command::new("python3");
        let mut child = command.arg(script).arg(mode).args(files).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| seen.lock().unwrap().push(line)));
        Self { child, port, requests }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The requests since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        // Its lines and its responses arrive independently.
        thread::sleep(std::time::Duration::from_millis(300));
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
