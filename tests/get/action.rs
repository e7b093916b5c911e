//! The action for GitHub: its steps run as a runner runs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Completion;
use olm_catalog::yaml;
use serde_json::Value;

use crate::archive::{name, release};
use crate::distribution::{DockerRegistry, installed};
use crate::{CATALOG, Outcome, common, project, repository, succeeds, text};

/// What a run of the action did.
struct Ran {
    /// The exit status of the last step.
    status: i32,
    log: String,
    summary: String,
    outputs: BTreeMap<String, String>,
}

/// Runs the steps of `action.yml` in a folder, with these inputs. What steps of other actions do is left out.
fn run(folder: &Path, inputs: &[(&str, &str)], environment: &[(&str, &str)]) -> Ran {
    let action = yaml::read_one(&fs::read_to_string(project().join("action.yml")).unwrap()).unwrap();
    let mut known = BTreeMap::new();
    for (name, input) in action["inputs"].as_object().unwrap() {
        known.insert(format!("inputs.{name}"), input["default"].as_str().unwrap().to_owned());
    }
    for (name, value) in inputs {
        assert!(known.insert(format!("inputs.{name}"), (*value).to_owned()).is_some(), "there is no input {name}");
    }
    known.insert("github.action_repository".into(), String::new());
    let files = tempfile::tempdir().unwrap();
    let (home, summary) = (files.path().join("home"), files.path().join("summary"));
    fs::create_dir(&home).unwrap();
    fs::write(&summary, "").unwrap();
    let mut ran = Ran { status: 0, log: String::new(), summary: String::new(), outputs: BTreeMap::new() };
    for step in action["runs"]["steps"].as_array().unwrap() {
        let Some(script) = step["run"].as_str() else { continue };
        if step["if"].as_str().is_some_and(|condition| !is_true(condition, &known)) {
            continue;
        }
        assert_eq!(step["shell"], "bash");
        let (output, file) = (files.path().join("output"), files.path().join("step.sh"));
        fs::write(&output, "").unwrap();
        fs::write(&file, script).unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&file).current_dir(folder).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &home).env("RUNNER_TEMP", files.path());
        command.env("GITHUB_ACTION_PATH", project()).env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        for (name, value) in step["env"].as_object().unwrap() {
            command.env(name, filled(value.as_str().unwrap(), &known));
        }
        let done = command.envs(environment.iter().copied()).output().unwrap();
        ran.log += &(text(&done.stdout) + &text(&done.stderr));
        ran.status = done.status.code().unwrap();
        if let Some(id) = step["id"].as_str() {
            for line in fs::read_to_string(&output).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        if ran.status != 0 {
            break;
        }
    }
    ran.summary = fs::read_to_string(&summary).unwrap();
    for (name, output) in action["outputs"].as_object().unwrap() {
        ran.outputs.insert(name.clone(), filled(output["value"].as_str().unwrap(), &known));
    }
    ran
}

/// A text with the values of its expressions. What is not known is empty, as for a runner.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
    let (expression, after) = rest.split_once("}}").unwrap();
    let value = known.get(expression.trim()).cloned().unwrap_or_default();
    format!("{before}{value}{}", filled(after, known))
}

/// Whether a condition of comparisons with texts holds.
fn is_true(condition: &str, known: &BTreeMap<String, String>) -> bool {
    let condition = condition.trim().strip_prefix("${{").unwrap().strip_suffix("}}").unwrap();
    condition.split("||").any(|part| {
        let (name, is_equal, value) = match (part.split_once(" == "), part.split_once(" != ")) {
            (Some((name, value)), _) => (name, true, value),
            (_, Some((name, value))) => (name, false, value),
            _ => panic!("{part} is not a comparison"),
        };
        let value = value.trim().strip_prefix('\'').unwrap().strip_suffix('\'').unwrap();
        (known[name.trim()] == value) == is_equal
    })
}

pub(crate) fn annotates_findings() -> Outcome {
    let folder = repository();
    let good = run(folder.path(), &[("program", CATALOG)], &[]);
    assert_eq!(good.status, 0, "{}", good.log);
    assert_eq!(good.outputs["errors"], "0");
    assert_eq!(good.outputs["program"], CATALOG);

    let place = folder.path().join("sub/catalog.yaml");
    fs::create_dir(place.parent().unwrap())?;
    fs::copy(project().join("tests/validate/entry-stranded/bad.yaml"), &place)?;
    let bad =
        run(folder.path(), &[("program", CATALOG), ("path", "catalog.yaml"), ("working-directory", "./sub/")], &[]);
    assert_eq!(bad.status, 1, "{}", bad.log);
    assert_eq!((bad.outputs["errors"].as_str(), bad.outputs["digest"].as_str()), ("1", ""));
    let place = "::error file=sub/catalog.yaml,line=14,col=11,";
    assert!(bad.log.starts_with(place) && bad.log.contains("title=entry-stranded::in channel"), "{}", bad.log);
    let summary =
        "### catalog validate\n\nErrors: 1, warnings: 0\n\n<details><summary>Findings</summary><pre>\nerror[entry-";
    assert!(
        bad.summary.starts_with(summary) && bad.summary.contains("  --&gt; catalog.yaml:14:11\n"),
        "{}",
        bad.summary
    );
    assert!(bad.summary.ends_with("</pre></details>\n"), "{}", bad.summary);

    let ignored = [("program", CATALOG), ("path", "sub/catalog.yaml"), ("arguments", "--ignore\nentry-stranded -q")];
    assert_eq!(run(folder.path(), &ignored, &[]).status, 2, "an error cannot be ignored");
    let missing = run(folder.path(), &[("program", "no-such-program")], &[]);
    assert_eq!((missing.status, missing.log.as_str()), (2, "::error::there is no program no-such-program\n"));
    Ok(Completion::Completed)
}

pub(crate) fn builds_and_pushes() -> Outcome {
    let program = match common::static_program() {
        Ok(program) => program,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    if let Some(missing) = ["docker-registry", "skopeo"].into_iter().find(|program| !installed(program)) {
        return Ok(Completion::ignored_with(format!("not installed: {missing}")));
    }
    let (folder, registry) = (repository(), DockerRegistry::start(None).ok_or("docker-registry does not start")?);
    let place = registry.repository("team/catalog");
    let tag = format!("{place}:v1");
    let inputs = [
        ("program", program.to_str().ok_or("UTF-8")?),
        ("push", &tag),
        ("build-arguments", "--inline"),
        ("check", "true"),
    ];
    let ran = run(folder.path(), &inputs, &[]);
    assert_eq!(ran.status, 0, "{}", ran.log);
    let image = &ran.outputs["image"];
    assert!(image.starts_with(&format!("{place}@sha256:")), "{image}");
    assert!(ran.outputs["digest"].starts_with("sha256:") && ran.log.contains(&ran.outputs["digest"]), "{}", ran.log);
    assert!(ran.summary.contains(&format!("It was pushed to `{image}`.")), "{}", ran.summary);
    let mut inspect = Command::new("skopeo");
    inspect.args(["--insecure-policy", "inspect", "--tls-verify=false", &format!("docker://{tag}")]);
    let found: Value = serde_json::from_slice(&succeeds(&mut inspect).stdout)?;
    assert_eq!(found["Digest"].as_str(), image.split_once('@').map(|(_, digest)| digest));
    Ok(Completion::Completed)
}

pub(crate) fn checks_generated_files() -> Outcome {
    let folder = repository();
    let inputs = [("program", CATALOG), ("check", "true")];
    let ran = run(folder.path(), &inputs, &[]);
    assert_eq!(ran.status, 0, "{}", ran.log);
    let file = folder.path().join("catalog/victoriametrics-operator/catalog.yaml");
    fs::write(&file, fs::read_to_string(&file)?.replace("defaultChannel", "# By hand\ndefaultChannel"))?;
    let ran = run(folder.path(), &inputs, &[]);
    assert_eq!(ran.status, 1, "{}", ran.log);
    assert!(
        ran.log.contains("-# By hand\n") && ran.log.contains("::error::generated files are not up to date"),
        "{}",
        ran.log
    );
    Ok(Completion::Completed)
}

pub(crate) fn downloads_releases() -> Outcome {
    let made = match release() {
        Ok(release) => release,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    let (releases, folder, home) = (tempfile::tempdir()?, repository(), tempfile::tempdir()?);
    let release = releases.path().join(format!("v{}", env!("CARGO_PKG_VERSION")));
    succeeds(Command::new("cp").arg("-r").arg(made).arg(&release));
    let (url, home) = (format!("file://{}", releases.path().display()), home.path().to_str().ok_or("UTF-8")?);
    let ran = run(folder.path(), &[("releases", &url)], &[("HOME", home)]);
    assert_eq!((ran.status, ran.outputs["errors"].as_str()), (0, "0"), "{}", ran.log);
    assert!(!ran.outputs["program"].contains("target"), "{}", ran.outputs["program"]);

    // What a cache has is not trusted either, but loaded again.
    let archive = format!("{}.tar.gz", name());
    let cached = Path::new(home).join(".cache/olm-catalog/releases").join(env!("CARGO_PKG_VERSION")).join(&archive);
    fs::write(&cached, "damaged")?;
    assert_eq!(run(folder.path(), &[("releases", &url)], &[("HOME", home)]).status, 0);
    fs::write(&cached, "damaged")?;
    fs::write(release.join(&archive), "changed")?;
    let ran = run(folder.path(), &[("releases", &url)], &[("HOME", home)]);
    assert_eq!(ran.status, 2);
    assert!(ran.log.contains(&format!("::error::{archive} does not have the SHA-256 ")), "{}", ran.log);
    let sum = "0".repeat(64);
    let ran = run(folder.path(), &[("releases", &url), ("sha256", &sum)], &[]);
    assert!(ran.status == 2 && ran.log.contains(&sum), "{}", ran.log);
    let ran = run(folder.path(), &[("releases", &url), ("version", "v9.9.9")], &[]);
    assert!(ran.status == 2 && ran.log.contains("/v9.9.9/SHA256SUMS"), "{}", ran.log);
    // An action that is a folder of the repository has no releases.
    let ran = run(folder.path(), &[], &[]);
    assert!(ran.status == 2 && ran.log.contains("set the input releases or program"), "{}", ran.log);
    Ok(Completion::Completed)
}

pub(crate) fn inputs_are_not_commands() -> Outcome {
    let folder = repository();
    let made = folder.path().join("made");
    let text = format!("$(touch {0}) `touch {0}`; touch {0} * ${{{{ x }}}}", made.display());
    for (input, other) in [
        ("path", ("program", CATALOG)),
        ("arguments", ("program", CATALOG)),
        ("working-directory", ("program", CATALOG)),
        ("program", ("path", ".")),
        ("version", ("releases", "file:///nonexistent")),
        ("sha256", ("releases", "file:///nonexistent")),
        ("releases", ("path", ".")),
    ] {
        let ran = run(folder.path(), &[other, (input, &text)], &[]);
        assert_ne!(ran.status, 0, "{input}");
    }
    let ran = run(folder.path(), &[("program", CATALOG), ("push", &text), ("build-arguments", &text)], &[]);
    assert_ne!(ran.status, 0);
    assert!(!made.exists());
    let ran = run(folder.path(), &[("program", "x\n::warning::y")], &[]);
    assert_eq!(ran.log, "::error::there is no program x%0A::warning::y\n");
    Ok(Completion::Completed)
}
