//! The image of the program itself, as a step of CI runs it.

use std::fs;
use std::process::Command;

use libtest_mimic::Completion;
use serde_json::Value;

use crate::distribution::{DockerRegistry, installed};
use crate::{Outcome, common, repository, succeeds, text};

pub(crate) fn runs_the_program() -> Outcome {
    let program = match common::static_program() {
        Ok(program) => program,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    if let Some(missing) = ["docker-registry", "skopeo", "chroot"].into_iter().find(|program| !installed(program)) {
        return Ok(Completion::ignored_with(format!("not installed: {missing}")));
    }
    let registry = DockerRegistry::start(None).ok_or("docker-registry does not start")?;
    let place = registry.repository("tools/catalog");
    let mut push = Command::new(&program);
    push.args(["push", &format!("{place}:v1"), "--quiet", "--program"]).arg(&program);
    let pushed = text(&succeeds(&mut push).stdout);
    let digest =
        pushed.trim().strip_prefix(&format!("{place}@")).ok_or("it prints the reference by digest")?.to_owned();

    let skopeo = |arguments: &[&str]| succeeds(Command::new("skopeo").arg("--insecure-policy").args(arguments));
    let image = format!("docker://{place}:v1");
    let config: Value = serde_json::from_slice(&skopeo(&["inspect", "--config", "--tls-verify=false", &image]).stdout)?;
    assert_eq!(config["config"]["Entrypoint"], serde_json::json!(["/bin/catalog"]));
    assert!(config["config"]["User"].as_str().is_some_and(|user| !user.starts_with('0')), "{config}");
    let found: Value = serde_json::from_slice(&skopeo(&["inspect", "--tls-verify=false", &image]).stdout)?;
    assert_eq!(found["Digest"], Value::String(digest));

    // With nothing but the image's files and the user's, as `docker run -v $PWD:/work -w /work` does.
    let folder = tempfile::tempdir()?;
    let [copy, root] = ["copy", "root"].map(|name| folder.path().join(name));
    skopeo(&["copy", "--src-tls-verify=false", &image, &format!("dir:{}", copy.display())]);
    fs::create_dir(&root)?;
    let manifest: Value = serde_json::from_str(&fs::read_to_string(copy.join("manifest.json"))?)?;
    for layer in manifest["layers"].as_array().ok_or("no layers")? {
        let blob = copy.join(layer["digest"].as_str().ok_or("no digest")?.trim_start_matches("sha256:"));
        succeeds(Command::new("tar").arg("-xzpf").arg(blob).arg("-C").arg(&root));
    }
    let work = repository();
    succeeds(Command::new("cp").arg("-r").arg(work.path()).arg(root.join("work")));
    succeeds(Command::new("chmod").args(["-R", "a+rX"]).arg(root.join("work")));
    let run = Command::new("chroot")
        .args(["--userspec=1001:0"])
        .arg(&root)
        .args(["/bin/catalog", "validate", "/work/catalog"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()?;
    if text(&run.stderr).contains("Operation not permitted") {
        return Ok(Completion::ignored_with("a root file system of its own needs root"));
    }
    assert_eq!(run.status.code(), Some(0), "{}{}", text(&run.stdout), text(&run.stderr));
    assert!(text(&run.stdout).contains("1 package"), "{}", text(&run.stdout));
    Ok(Completion::Completed)
}
