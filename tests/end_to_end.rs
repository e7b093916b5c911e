//! The main workflow from end to end with real parts: the static program builds this repository's catalog and pushes it
//! to Debian's docker-registry, skopeo copies it from there, and the program in the image, with the image as its
//! read-only root and not as root user, serves it.
//!
//! `make test` builds the static program and names it in `$OLM_CATALOG_PROGRAM`.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;
#[path = "common/distribution.rs"]
mod distribution;
#[allow(dead_code, reason = "only grpcurl is used here")]
#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use distribution::{DockerRegistry, free_port, installed};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;

fn main() -> ExitCode {
    let trials = vec![
        Trial::ignorable_test("a_pushed_catalog_is_served_by_its_own_image", || run(&[])),
        Trial::ignorable_test("an_inline_catalog_is_served_by_its_own_image", || run(&["--inline"])),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Why the test cannot run here.
fn lacking() -> Option<String> {
    if let Err(reason) = common::static_program() {
        return Some(reason.into());
    }
    let missing = ["docker-registry", "skopeo", "tar"].into_iter().filter(|program| !installed(program));
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        return Some(format!("not installed: {}", missing.join(", ")));
    }
    let root = Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success());
    (!root).then(|| "a root file system of its own needs root".into())
}

fn run(options: &[&str]) -> Result<Completion, Failed> {
    if let Some(reason) = lacking() {
        return Ok(Completion::ignored_with(reason));
    }
    let program = common::static_program()?;
    let folder = tempfile::tempdir()?;
    let [layout, files] = ["layout", "files"].map(|name| folder.path().join(name).display().to_string());
    let built: Value = serde_json::from_slice(&output(
        Command::new(&program).args(["build", "-o", "json", "--layout", &layout, "--catalog", &files]).args(options),
    ))?;

    let registry = DockerRegistry::start(None).ok_or("docker-registry does not start")?;
    let place = registry.repository("team/catalog");
    let tagged = format!("{place}:v1");
    let pushed: Value = serde_json::from_slice(&output(
        Command::new(&program).args(["push", &tagged, "-o", "json", "--layout", &layout]),
    ))?;
    let inline = !options.is_empty();
    assert_eq!(pushed["relocatedFrom"].is_null(), inline, "only references to bundles name a repository");
    assert_eq!(pushed["bundles"].as_array().map(Vec::len), built["bundles"].as_array().map(Vec::len));

    // Another program and ours read the pushed image back.
    let copy = folder.path().join("copy");
    let (from, to) = (format!("docker://{tagged}"), format!("oci:{}:v1", copy.display()));
    output(Command::new("skopeo").args(["--insecure-policy", "copy", "--src-tls-verify=false", &from, &to]));
    let index: Value = serde_json::from_slice(&fs::read(copy.join("index.json"))?)?;
    assert_eq!(index["manifests"][0]["digest"], pushed["catalog"]["digest"]);
    let rendered = String::from_utf8(output(Command::new(&program).args(["render", "-o", "yaml", &tagged])))?;
    let bundles = rendered.lines().filter(|line| *line == "schema: olm.bundle").count();
    let pinned = rendered.lines().filter(|line| line.starts_with(&format!("image: {place}@sha256:"))).count();
    assert!(bundles > 0 && pinned == if inline { 0 } else { bundles }, "{pinned} of {bundles}");

    let root = folder.path().join("root");
    unpack(&copy, &root)?;
    serve(&root, bundles)
}

fn output(command: &mut Command) -> Vec<u8> {
    let out = command.env("DOCKER_CONFIG", "/nonexistent").stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Unpacks the layers of the only image of a layout, as a container runtime does.
fn unpack(layout: &Path, root: &Path) -> Result<(), Failed> {
    let blob =
        |digest: &Value| layout.join("blobs/sha256").join(digest.as_str().unwrap().trim_start_matches("sha256:"));
    let json = |path: PathBuf| -> Result<Value, Failed> { Ok(serde_json::from_slice(&fs::read(path)?)?) };
    let index = json(layout.join("index.json"))?;
    let manifest = json(blob(&index["manifests"][0]["digest"]))?;
    let config = json(blob(&manifest["config"]["digest"]))?;
    assert_eq!(config["config"]["User"], "1001:0");
    assert_eq!(config["config"]["Entrypoint"], serde_json::json!(["/bin/catalog"]));
    assert_eq!(config["config"]["Labels"]["operators.operatorframework.io.index.configs.v1"], "/configs");
    fs::create_dir(root)?;
    for layer in manifest["layers"].as_array().unwrap() {
        output(Command::new("tar").arg("-xzpf").arg(blob(&layer["digest"])).arg("-C").arg(root));
    }
    Ok(())
}

/// A command in its own read-only root file system, as the user that OLM uses for catalogs.
fn contained(root: &Path, command: &str) -> Command {
    let script = format!(
        "mount --bind {0} {0} && mount -o remount,bind,ro {0} && \
         PATH=/bin:/usr/bin:/sbin:/usr/sbin exec chroot --userspec=1001:0 {0} {command}",
        root.display()
    );
    let mut contained = Command::new("unshare");
    contained.args(["--mount", "sh", "-c", &script]).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    contained
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(root: &Path, bundles: usize) -> Result<Completion, Failed> {
    let address = format!("127.0.0.1:{}", free_port());
    let command = format!("/bin/catalog serve /configs --addr {address}");
    let log = root.with_extension("log");
    let mut server = Server(contained(root, &command).stdin(Stdio::null()).stderr(fs::File::create(&log)?).spawn()?);

    // As OLM up to 0.46 probes it: by executing the probe in the container.
    let begin = Instant::now();
    let probe = || contained(root, &format!("grpc_health_probe -addr={address}")).output().unwrap();
    while !probe().status.success() {
        let log = fs::read_to_string(&log)?;
        assert!(server.0.try_wait()?.is_none(), "the server ended: {log}");
        assert!(begin.elapsed() < common::time::HANGS, "not served: {log}; {:?}", probe());
        thread::sleep(Duration::from_millis(50));
    }

    let grpcurl = match program::grpcurl() {
        Ok(grpcurl) => grpcurl,
        Err(reason) => return Ok(Completion::ignored_with(format!("served, but not called by grpcurl: {reason}"))),
    };
    let call = |method: &str| {
        let out = output(Command::new(&grpcurl).args(["-plaintext", "-max-msg-sz", "104857600", &address, method]));
        String::from_utf8(out).unwrap()
    };
    assert!(call("list").contains("api.Registry"));
    assert!(call("api.Registry/ListPackages").contains("\"name\": \"dbaas-operator\""));
    assert!(call("api.Registry/ListBundles").matches("\"csvName\"").count() >= bundles);

    output(Command::new("kill").arg(server.0.id().to_string()));
    let status = server.0.wait()?;
    assert_eq!(status.code(), Some(0), "SIGTERM ends the server as it should: {}", fs::read_to_string(&log)?);
    Ok(Completion::Completed)
}
