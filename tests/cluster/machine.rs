//! A separate machine, made of the kernel's namespaces: it has its own mounts, network, processes and host name. When
//! its first process ends, everything in it ends. It reaches nothing outside.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::process;

/// The machine's name.
pub(super) const NAME: &str = "node";
/// Its address, on the same bridge as the pods.
pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 244, 0, 1);
/// The pods' addresses and its own.
pub(super) const NETWORK: &str = "10.244.0.0/16";
const PREFIX: u8 = 16;
/// The name of its control group contains this and the process that created it.
const CGROUP: &str = "olm-catalog-test-";
const CGROUPS: &str = "/sys/fs/cgroup";
/// The time limit for the kernel to end the processes.
const END: Duration = Duration::from_secs(20);

/// A running machine. Dropping it stops it and waits until nothing of it is left.
pub(super) struct Machine {
    unshare: Child,
    first: u32,
    cgroup: String,
}

impl Machine {
    /// Starts a machine. It ends with the calling thread at the latest.
    pub(super) fn start(folder: &Path, logs: &Path) -> Result<Self> {
        remove_leftovers();
        let cgroup = format!("{CGROUP}{}", std::process::id());
        fs::create_dir(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let log = logs.join("machine.log");
        let output = File::create(&log).with_context(|| format!("cannot make {}", log.display()))?;
        let mut unshare = Command::new("setpriv")
            .args([
                "--pdeathsig",
                "KILL",
                "--",
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "--net",
                "--uts",
                "--ipc",
            ])
            .args(["--pid", "--fork", "--kill-child=KILL", "--mount-proc"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/machine.sh"))
            .args([NAME, &format!("{ADDRESS}/{PREFIX}"), &cgroup])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(output)
            .spawn()
            .context("cannot start unshare")?;
        let said = unshare.stdout.take().map(BufReader::new).context("its output is a pipe")?;
        let mut machine = Self { unshare, first: 0, cgroup };
        if said.lines().next().transpose()?.as_deref() != Some("ready") {
            bail!("the machine was not set up:\n{}", process::tail(&log));
        }
        let id = machine.unshare.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).context("no list of processes")?;
        machine.first = children.trim().parse().with_context(|| format!("one child was expected, not {children:?}"))?;
        Ok(machine)
    }

    /// Its first process.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// The control group of the pods.
    pub(super) fn cgroup(&self) -> &str {
        &self.cgroup
    }

    /// Its network.
    pub(super) fn network(&self) -> Result<File> {
        let path = format!("/proc/{}/ns/net", self.first);
        File::open(&path).with_context(|| format!("cannot open {path}"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The first process ends with its input, and all others with it; unshare ends after them.
        drop(self.unshare.stdin.take());
        let deadline = Instant::now() + END;
        while matches!(self.unshare.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.unshare.kill();
        let _ = self.unshare.wait();
        while remove_cgroup(&self.cgroup).is_err() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Removes the control groups of tests that were killed. Nothing else of them can be left.
fn remove_leftovers() {
    for tree in cgroup_trees() {
        for entry in fs::read_dir(tree).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let owner = name.strip_prefix(CGROUP).filter(|id| !Path::new("/proc").join(id).exists());
            if owner.is_some() {
                // Another test can do this at the same time.
                let _ = remove_cgroup(&name);
            }
        }
    }
}

fn remove_cgroup(name: &str) -> std::io::Result<()> {
    cgroup_trees()
        .into_iter()
        .map(|tree| tree.join(name))
        .filter(|path| path.exists())
        .try_for_each(|path| remove_tree(&path))
}

/// The trees of control groups: one of each controller in version 1, one in all in version 2.
fn cgroup_trees() -> Vec<PathBuf> {
    let root = Path::new(CGROUPS);
    if root.join("cgroup.controllers").exists() {
        return vec![root.to_owned()];
    }
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}

/// Control groups are removed from the innermost, and their files with them.
fn remove_tree(path: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        }
    }
    fs::remove_dir(path)
}
