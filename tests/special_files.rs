//! What is no file is not read: pipes and devices have no end, and links lead out of the repository. Every verb says so at once.
#![allow(clippy::unwrap_used, reason = "a test")]
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A run of `catalog`, which ends within some seconds.
fn ends(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut text).unwrap();
    (status, text)
}

#[test]
fn no_verb_reads_a_pipe_or_a_device() {
    for kind in ["pipe", "device"] {
        let folder = tempfile::tempdir().unwrap();
        let special = |path: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match kind {
                "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
                _ => symlink("/dev/zero", &path).unwrap(),
            }
        };
        special("catalog/x/catalog.yaml");
        special("file.yaml");
        special("bundles/demo/operator.yaml");
        special("bundle/manifests/a.yaml");
        special("ignored/.indexignore");
        special("channels/demo.yaml");
        fs::create_dir_all(folder.path().join("bundle/metadata")).unwrap();
        fs::write(folder.path().join("ignored/a.yaml"), "schema: olm.package\nname: a\n").unwrap();
        for arguments in [
            &["validate", "catalog"][..],
            &["validate", "file.yaml"],
            &["validate", "ignored"],
            &["render", "catalog"],
            &["render", "file.yaml"],
            &["render", "bundle"],
            &["serve", "catalog", "--addr", "127.0.0.1:0"],
            &["crd", "diff", "file.yaml", "file.yaml"],
            &["import", "demo", "1.0.0", "file.yaml"],
            &["generate"],
            &["template", "semver", "channels/demo.yaml"],
            &["template", "basic", "file.yaml"],
            &["build"],
            &["push", "127.0.0.1:1/x:v1", "--layout", "catalog"],
        ] {
            let (status, text) = ends(folder.path(), arguments);
            assert!([Some(1), Some(2)].contains(&status), "{kind} {arguments:?}: {status:?} {text}");
            assert!(!text.contains("panicked") && !text.trim().is_empty(), "{kind} {arguments:?}: {text}");
        }
    }
}
