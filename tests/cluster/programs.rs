//! The programs of a cluster: etcd is installed, the others are built by `build.sh`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

use super::Error;

/// The locations of programs.
pub(super) struct Programs {
    built: PathBuf,
}

impl Programs {
    /// A program that was built, one of those requested from [`find`].
    pub(super) fn built(&self, name: &str) -> PathBuf {
        self.built.join(name)
    }
}

/// The folder of the build that belongs to the cluster.
pub(super) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("cluster")
}

/// Finds everything, and builds programs that are out of date.
pub(super) fn find(built: &[&str]) -> Result<Programs, Error> {
    for (program, argument) in [("etcd", "--version"), ("setpriv", "--version")] {
        installed(program, argument)?;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/build.sh");
    let target = target();
    // The build's output goes to the terminal, because it takes minutes.
    let output = Command::new(&script)
        .args(built)
        .env("CARGO_TARGET_DIR", target.parent().context("a target folder has a parent")?)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {}", script.display()))?;
    match output.code() {
        Some(0) => Ok(Programs { built: target.join("bin") }),
        Some(3) => Err(Error::Unavailable("Kubernetes cannot be built here without Go 1.26 or newer".into())),
        _ => Err(Error::Unavailable(format!("building Kubernetes failed, {output}: see what it said above"))),
    }
}

/// Finds the other programs that a node needs.
pub(super) fn find_for_node() -> Result<(), Error> {
    if !rustix::process::geteuid().is_root() {
        return Err(Error::Unavailable("a node needs root, for its namespaces and containers".into()));
    }
    for program in ["containerd", "ctr", "runc", "iptables", "ip", "unshare", "nsenter"] {
        installed(program, if program == "ip" { "-V" } else { "--version" })?;
    }
    if !Path::new(super::node::CNI).join("bridge").exists() {
        return Err(Error::Unavailable(
            "containernetworking-plugins is not installed (see tests/install-tools.sh)".into(),
        ));
    }
    Ok(())
}

/// Whether a program exists and runs.
pub(super) fn installed(program: &str, argument: &str) -> Result<(), Error> {
    let status =
        Command::new(program).arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Error::Unavailable(format!("{program} is not installed (see tests/install-tools.sh)"))),
    }
}
