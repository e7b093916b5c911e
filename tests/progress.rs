//! Progress: only on a terminal, only after a second, and with text of others escaped. `script` (util-linux) is the
//! terminal; without it these tests are reported as ignored.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use distribution::{Fault, SmallRegistry, installed};
use images::{bundle, temp};
use libtest_mimic::{Arguments, Completion, Trial};
use olm_catalog::image::bundle_image;

fn main() -> ExitCode {
    let tests: [(&str, fn()); 3] = [
        ("slow_pulls_show_their_bytes", slow_pulls_show_their_bytes),
        ("slow_pushes_show_their_bytes", slow_pushes_show_their_bytes),
        ("fast_work_and_pipes_show_nothing", fast_work_and_pipes_show_nothing),
    ];
    let trial = |(name, test): (&'static str, fn())| {
        Trial::ignorable_test(name, move || {
            if !installed("script") {
                return Ok(Completion::ignored_with("not installed: script"));
            }
            test();
            Ok(Completion::Completed)
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().map(trial).collect()).exit_code()
}

/// What a terminal gets from `catalog`.
fn on_a_terminal(arguments: &str) -> String {
    let command = format!("{} {arguments}", env!("CARGO_BIN_EXE_catalog"));
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--flush", "--command", &command, "/dev/null"]).stdin(Stdio::null());
    script.env("HOME", "/nonexistent").env("DOCKER_CONFIG", "/nonexistent").env("OLM_CATALOG_NO_CACHE", "1");
    let out = script.env("TERM", "xterm").env("COLUMNS", "100").env_remove("REGISTRY_AUTH_FILE").output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    String::from_utf8(out.stdout).unwrap()
}

/// A registry that takes two seconds for each layer.
fn slow() -> (SmallRegistry, String) {
    let registry = SmallRegistry::start(|method, path, _| {
        (method == "GET" && path.contains("/blobs/")).then_some(Fault::Slow(Duration::from_millis(500)))
    });
    registry.put_image("v1", &bundle_image(&bundle("1.0.0")).unwrap());
    let reference = registry.repository("demo:v1");
    (registry, reference)
}

fn slow_pulls_show_their_bytes() {
    let (_registry, reference) = slow();
    let text = on_a_terminal(&format!("render -o yaml {reference}"));
    assert!(text.contains(&format!("pulling {reference}  ")) && text.contains(" B"), "{text:?}");
    // It is gone when the result is printed.
    let last = text.rfind("pulling").unwrap();
    assert!(text[last..].contains("\u{1b}[2K") && text[last..].contains("schema: olm.bundle"), "{text:?}");
}

fn slow_pushes_show_their_bytes() {
    // Tried again after half a second and a second.
    let registry = SmallRegistry::start(|method, path, before| {
        (method == "HEAD" && path.contains("/blobs/") && before < 2).then_some(Fault::Status(503, ""))
    });
    let folder = temp();
    let place = registry.repository("demo");
    images::catalog(folder.path(), &images::repository(&place), &["1.0.0"])
        .write(&folder.path().join("layout"))
        .unwrap();
    let text = on_a_terminal(&format!("push {place}:v1 --layout {}", folder.path().join("layout").display()));
    assert!(text.contains("pushing "), "{text:?}");
}

fn fast_work_and_pipes_show_nothing() {
    let text = on_a_terminal("validate catalog/dbaas-operator");
    assert!(!text.contains("checking") && text.contains("no findings"), "{text:?}");
    let (_registry, reference) = slow();
    let mut piped = Command::new(env!("CARGO_BIN_EXE_catalog"));
    piped.args(["render", &reference]).env("HOME", "/nonexistent").env("DOCKER_CONFIG", "/nonexistent");
    let out = piped.env("OLM_CATALOG_NO_CACHE", "1").env_remove("REGISTRY_AUTH_FILE").output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}
