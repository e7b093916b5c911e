//! Foreign text never reaches a terminal or a log unescaped: every verb of both programs, with hostile text in
//! everything that it reads: file names, files, images, and the responses of an API server.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "terminal/api.rs"]
mod api;
#[path = "common/distribution.rs"]
mod distribution;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use olm_catalog::image::CONFIGS_LABEL;
use olm_catalog::terminal::{is_hidden, json_text};
use olm_catalog::yaml;
use serde_json::{Value, json};
use tempfile::TempDir;

use api::Api;
use distribution::SmallRegistry;

/// Text with an effect in a terminal or a CI system, and a line that imitates the program's own output.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\u{1b}[31mEVIL\u{202e}\u{9b}\u{85}\u{200b}\u{2028}\u{e0041}\n::error file=x::inj\r##[error]y\ninstalled";
/// The same on one line, because a newline would only end a YAML scalar.
const EVIL_LINE: &str = "\u{1b}[31mEVIL\u{202e}\u{9b}\u{7f} ##[error]y";

/// The output of a run on both streams, and its exit status.
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    command: String,
}

/// Runs a program twice: with the colours of a terminal, and without. Its output must be safe both times.
fn run(program: &str, folder: &Path, arguments: &[&OsStr], environment: &[(&str, &str)]) -> Run {
    let mut last = None;
    for colours in [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")] {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).env("COLUMNS", "100").env(colours.0, colours.1);
        command.envs(environment.iter().copied());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let run = Run { code: output.status.code(), stdout, stderr, command: format!("{arguments:?}") };
        assert!(matches!(run.code, Some(0..=2)), "{}: {:?}\n{:?}", run.command, run.code, run.stderr);
        for text in [&run.stdout, &run.stderr] {
            assert_safe(&run.command, text, colours.0 == "CLICOLOR_FORCE");
        }
        last = Some(run);
    }
    last.unwrap()
}

/// Every escape sequence that is allowed: colours of the programs, of annotate-snippets and of clap.
const COLOURS: [&str; 13] = [
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[4m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
    "\u{1b}[36m",
    "\u{1b}[91m",
    "\u{1b}[92m",
    "\u{1b}[93m",
    "\u{1b}[94m",
    "\u{1b}[95m",
    "\u{1b}[96m",
];

fn assert_safe(command: &str, text: &str, coloured: bool) {
    let mut plain = text.to_owned();
    if coloured {
        COLOURS.iter().for_each(|colour| plain = plain.replace(colour, ""));
    }
    let hidden = plain.chars().find(|&character| character != '\n' && is_hidden(character));
    assert_eq!(hidden, None, "{command} prints it raw: {plain:?}");
    for line in plain.lines() {
        assert!(!line.trim_start().starts_with("::"), "{command} begins a line of a log with a command: {line:?}");
        assert!(!line.contains("##["), "{command} prints a command for CI: {line:?}");
        assert!(line != "installed", "{command} lets others speak for it: {plain:?}");
    }
}

impl Run {
    /// The hostile text was shown, so the check was not empty.
    fn shows(self, code: i32) -> Self {
        let all = format!("{}{}", self.stdout, self.stderr);
        assert!(all.contains("EVIL") || all.contains("inj"), "{} says nothing of it: {all}", self.command);
        assert_eq!(self.code, Some(code), "{}: {all}", self.command);
        self
    }

    /// It is data, with the hostile text unchanged.
    fn holds(self, evil: &str) -> Self {
        let values: Vec<Value> = match serde_json::Deserializer::from_str(&self.stdout).into_iter().collect() {
            Ok(values) => values,
            Err(_) => yaml::read(&self.stdout).unwrap().into_iter().map(|document| document.value).collect(),
        };
        assert!(values.iter().any(|value| has(value, evil)), "{}: {} {}", self.command, self.stdout, self.stderr);
        self
    }
}

fn has(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(items) => items.iter().any(|item| has(item, text)),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains(text) || has(value, text)),
        _ => false,
    }
}

/// A folder, and `catalog` run in it.
struct Files(TempDir);

impl Files {
    fn new(files: &[(&str, String)]) -> Self {
        let files_in = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(path, text)| files_in.write(path, text));
        files_in
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn catalog(&self, arguments: &[&str]) -> Run {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        run(env!("CARGO_BIN_EXE_catalog"), self.0.path(), &arguments, &[])
    }

    fn installer(&self, arguments: &[&str]) -> Run {
        let config = self.0.path().join("kubeconfig");
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let environment = [("KUBECONFIG", config.to_str().unwrap()), ("HOME", self.0.path().to_str().unwrap())];
        run(env!("CARGO_BIN_EXE_install-catalog"), self.0.path(), &arguments, &environment)
    }
}

/// A value as JSON, which is YAML too, with escapes for characters that YAML does not allow.
fn text(value: &Value) -> String {
    json_text(&value.to_string()).into_owned()
}

fn blobs() -> String {
    let package = json!({"schema": "olm.package", "name": EVIL, "defaultChannel": EVIL, "description": EVIL});
    let entries = json!([{"name": EVIL, "replaces": EVIL, "skipRange": EVIL}, {"name": EVIL}]);
    let channel = json!({"schema": "olm.channel", "package": EVIL, "name": EVIL, "entries": entries});
    let property = json!({"type": "olm.package", "value": {"packageName": EVIL, "version": EVIL}});
    let bundle =
        json!({"schema": "olm.bundle", "package": EVIL, "name": EVIL, "image": EVIL, "properties": [property]});
    let odd = json!({"schema": EVIL, "package": EVIL, EVIL: EVIL});
    // JSON values one after another: YAML, unlike JSON, does not allow escaped surrogate pairs.
    [package, channel, bundle, odd].map(|blob| text(&blob) + "\n").concat()
}

#[test]
fn catalogs() {
    let name = format!("catalog/{EVIL}.yaml");
    let files = Files::new(&[(&name, blobs()), ("catalog/b.yaml", format!("a: [ # {EVIL_LINE}\n"))]);
    for output in ["text", "github"] {
        let run = Command::new(env!("CARGO_BIN_EXE_catalog"))
            .args(["validate", "catalog", "-o", output])
            .current_dir(files.0.path())
            .output()
            .unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        if output == "github" {
            // The workflow commands are its own: one per line.
            assert!(text.lines().count() >= 2 && text.lines().all(|line| line.starts_with("::")), "{text}");
            assert!(
                text.lines().all(|line| line.contains("::error file=catalog/") || line.contains("::warning file="))
            );
        }
        assert!(!text.chars().any(|character| character != '\n' && is_hidden(character)), "{text:?}");
    }
    files.catalog(&["validate", "catalog"]).shows(2);
    files.catalog(&["validate", "catalog", "-o", "json"]).holds(EVIL).shows(2);
    assert_eq!(files.catalog(&["render", "catalog"]).code, Some(2));
    assert_eq!(files.catalog(&["serve", "catalog", "--addr", "127.0.0.1:0"]).code, Some(2));
    files.catalog(&["validate", EVIL]).shows(2);
    files.catalog(&["render", EVIL]).shows(2);
    fs::remove_file(files.0.path().join("catalog/b.yaml")).unwrap();
    files.catalog(&["serve", "catalog", "--addr", "127.0.0.1:0"]).shows(2);
    // Data keeps its values. Hidden characters are escaped as YAML requires; the rest is escaped on a terminal.
    files.catalog(&["render", "catalog", "-o", "json"]).holds(EVIL).shows(0);
    for output in ["text", "mermaid", "dot", "svg"] {
        files.catalog(&["graph", "catalog", "-o", output]).shows(0);
        files.catalog(&["graph", "catalog", "--package", EVIL, "--channel", EVIL, "-o", output]).shows(0);
    }
    files.catalog(&["list", "catalog"]).shows(0);
    files.catalog(&["list", "catalog", "--versions"]).shows(0);
    for output in ["json", "yaml"] {
        files.catalog(&["list", "catalog", "-o", output]).holds(EVIL).shows(0);
    }
    for verb in ["list", "graph", "upgrades"] {
        files.catalog(&[verb, "catalog", "--package", &format!("{EVIL}gone")]).shows(2);
        files.catalog(&[verb, "catalog", "--channel", &format!("{EVIL}gone")]).shows(2);
        files.catalog(&[verb, EVIL]).shows(2);
    }
}

#[test]
fn effects_of_upgrades() {
    let definition = |field: &str, kind: &str| {
        let schema = json!({"properties": {"spec": {"properties": {field: {"type": kind, "enum": [kind, EVIL]}}}}});
        let version = json!({"name": EVIL, "storage": true, "served": true, "schema": {"openAPIV3Schema": schema}});
        json!({"kind": "CustomResourceDefinition", "metadata": {"name": EVIL}, "spec": {"versions": [version]}})
    };
    let csv = |names: &[&str]| {
        let rules = json!([{"apiGroups": names, "resources": names, "resourceNames": names, "verbs": names}]);
        let hooks = names.iter().map(|name| json!({"generateName": name, "conversionCRDs": [name]}));
        let deployments = names
            .iter()
            .map(|name| json!({"name": name, "spec": {"template": {"spec": {"containers": [{"image": name}]}}}}));
        let modes = names.iter().map(|name| json!({"type": name, "supported": true}));
        json!({"kind": "ClusterServiceVersion", "metadata": {"name": EVIL}, "spec": {
            "installModes": modes.collect::<Vec<_>>(), "webhookdefinitions": hooks.collect::<Vec<_>>(),
            "install": {"spec": {"clusterPermissions": [{"serviceAccountName": EVIL, "rules": rules}],
                "deployments": deployments.collect::<Vec<_>>()}},
        }})
    };
    let more = format!("{EVIL}more");
    let bundle = |version: &str, objects: [Value; 2]| {
        let data = |object: &Value| json!({"data": STANDARD.encode(object.to_string())});
        let objects = objects.iter().map(|object| json!({"type": "olm.bundle.object", "value": data(object)}));
        let package = json!({"type": "olm.package", "value": {"packageName": EVIL, "version": version}});
        let properties: Vec<Value> = [package].into_iter().chain(objects).collect();
        json!({"schema": "olm.bundle", "package": EVIL, "name": format!("{EVIL}.v{version}"), "properties": properties})
    };
    let entries = json!([{"name": format!("{EVIL}.v2.0.0"), "replaces": format!("{EVIL}.v1.0.0")}, {"name": format!("{EVIL}.v1.0.0")}]);
    let blobs = [
        json!({"schema": "olm.package", "name": EVIL, "defaultChannel": EVIL}),
        json!({"schema": "olm.channel", "package": EVIL, "name": EVIL, "entries": entries}),
        bundle("1.0.0", [definition(EVIL, "string"), csv(&[EVIL])]),
        bundle("2.0.0", [definition(&more, "integer"), csv(&[&more])]),
    ];
    let files = Files::new(&[("catalog/a.json", blobs.iter().map(Value::to_string).collect())]);
    files.catalog(&["upgrades", "catalog"]).shows(0);
    files.catalog(&["upgrades", "catalog", "--breaking"]).shows(1);
    files.catalog(&["upgrades", "catalog", "-o", "json"]).holds(EVIL).shows(0);
    files.catalog(&["plan", "catalog", "--package", EVIL, "--from", "1.0.0"]).shows(0);
    files.catalog(&["plan", "catalog", "--package", EVIL, "-o", "json"]).holds(EVIL).shows(0);
    files.catalog(&["plan", "catalog", "--package", EVIL, "--from", EVIL]).shows(2);
    files.catalog(&["plan", "catalog", "--package", &more]).shows(2);
    files.catalog(&["validate", "catalog"]).shows(1);
    files.catalog(&["validate", "catalog", "--target", "olm-v1"]).shows(1);
}

#[test]
fn warnings_and_what_selects_them() {
    let named = |version: &str| format!("{EVIL}.v{version}");
    let bundle = |version: &str| {
        let properties = json!([
            {"type": "olm.package", "value": {"packageName": EVIL, "version": version}},
            {"type": "olm.gvk.required", "value": {"group": EVIL, "version": EVIL, "kind": EVIL}},
            {"type": "olm.package.required", "value": {"packageName": EVIL, "versionRange": ">9.0.0"}},
            {"type": "olm.constraint", "value": {EVIL: EVIL}},
            {"type": "olm.csv.metadata", "value": {"annotations": {"olm.skipRange": EVIL}}},
        ]);
        let image = "example.com/x:9.0.0";
        json!({"schema": "olm.bundle", "package": EVIL, "name": named(version), "image": image, "properties": properties})
    };
    let channel = |name: &str, entries: Value| json!({"schema": "olm.channel", "package": EVIL, "name": format!("{name}{EVIL}"), "entries": entries});
    let (old, new) = (named("1.0.0"), named("2.0.0"));
    let blobs = [
        json!({"schema": "olm.package", "name": EVIL, "defaultChannel": format!("a{EVIL}")}),
        channel(
            "a",
            json!([{"name": new, "replaces": named("3.0.0"), "skips": [EVIL], "skipRange": "<=2.0.0 >=1.5.0", "replace": EVIL}]),
        ),
        channel("b", json!([{"name": old}])),
        bundle("1.0.0"),
        bundle("2.0.0"),
        json!({"schema": "olm.chanel", "name": EVIL}),
    ];
    let files = Files::new(&[("c.json", blobs.map(|blob| text(&blob) + "\n").concat())]);
    let run = files.catalog(&["validate", "c.json", "-o", "json"]).holds(EVIL);
    let rules = [
        "channel-behind",
        "edge-downgrade",
        "edge-unknown",
        "skip-range-includes",
        "field-name",
        "dependency-absent",
        "dependency-unmet",
        "dependency-constraint",
        "csv-skip-range",
        "bundle-image-version",
    ];
    let run = rules.iter().fold(run, |run, rule| run.holds(rule));
    run.shows(1);
    files.catalog(&["validate", "c.json"]).shows(1);
    files.catalog(&["validate", "c.json", "--ignore", EVIL]).shows(2);
    files.catalog(&["validate", "c.json", "--config", EVIL]).shows(2);
    files.catalog(&["rules", EVIL]).shows(2);
    files.write("d.yaml", &format!("schema: x # catalog:ignore {EVIL_LINE}\n"));
    files.catalog(&["validate", "d.yaml"]);
    files.write("d.yaml", "schema: x # catalog:ignore EVIL\u{202e}b because\u{202e}\n");
    files.catalog(&["validate", "d.yaml"]).shows(0);
    for bad in [format!("[validate]\nignore = ['{EVIL_LINE}']\n"), "[validate]\nignore = ['EVIL\u{202e}']\n".into()] {
        files.write("catalog.toml", &bad);
        files.catalog(&["validate", "c.json"]).shows(2);
    }
    files.write("catalog.toml", "[validate.packages.\"EVIL\u{202e}\"]\nignore = ['EVIL\u{202e}']\n");
    files.catalog(&["validate", "c.json"]).shows(2);
}

#[test]
fn a_catalogs_yaml_begins_no_command() {
    let package = json!({"schema": "olm.package", "name": "p", "description": "a\n::error file=x::EVIL\n  ::b\n##[c]"});
    let files = Files::new(&[("c.yaml", text(&package))]);
    files.catalog(&["render", "c.yaml"]).holds("a\n::error file=x::EVIL\n  ::b\n##[c]").shows(0);
}

#[test]
fn definitions_and_their_differences() {
    let crd = |group: &str, field: &str| {
        let schema = json!({"type": "object", "properties": {field: {"type": "string", "pattern": EVIL}}});
        text(&json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": EVIL},
            "spec": {"group": group, "names": {"kind": EVIL, "plural": EVIL}, "scope": "Namespaced",
                     "versions": [{"name": EVIL, "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]},
        }))
    };
    let files =
        Files::new(&[("a.yaml", crd("a", EVIL)), ("b.yaml", crd(EVIL, "b")), ("bad.yaml", format!("[{EVIL_LINE}"))]);
    files.catalog(&["crd", "diff", "a.yaml", "b.yaml"]).shows(1);
    files.catalog(&["crd", "diff", "a.yaml", "b.yaml", "-o", "json"]).holds(EVIL).shows(1);
    files.catalog(&["crd", "diff", "a.yaml", EVIL]).shows(2);
    files.catalog(&["crd", "diff", "a.yaml", "bad.yaml"]);
}

#[test]
fn operators_and_their_bundles() {
    let name = format!("{EVIL}.yaml");
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": EVIL},
        "spec": {"selector": {}, "template": {"spec": {"serviceAccountName": EVIL, "containers": [{"name": EVIL, "image": EVIL}]}}},
    });
    let odd = json!({"apiVersion": EVIL, "kind": EVIL, "metadata": {"name": EVIL}});
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": EVIL}});
    let manifests = [deployment, odd, job].map(|object| format!("---\n{}\n", text(&object))).concat();
    let files =
        Files::new(&[(&name, manifests), ("bundles/x/operator.yaml", text(&json!({"package": EVIL, EVIL: EVIL})))]);
    files.catalog(&["import", &name, "--package", "demo", "--version", "1.0.0"]);
    files.catalog(&["import", &format!("{EVIL}gone"), "--package", "demo2", "--version", "1.0.0"]).shows(2);
    files.catalog(&["generate", "x"]).shows(1);
    files.catalog(&["generate", EVIL]).shows(2);
    files.catalog(&["generate", "demo"]);
    let template = json!({"schema": "olm.semver", "stable": {"bundles": [{"image": EVIL}]}, EVIL: EVIL});
    files.write("channels/t.yaml", &text(&template));
    files.catalog(&["template", "semver", "channels/t.yaml"]).shows(1);
    files.catalog(&["template", "semver", EVIL]).shows(2);
    files.catalog(&["build", "--check", "--channels", "channels", "--repository", "localhost:1/x"]).shows(1);
    files.catalog(&["push", "localhost:1/x:y", "--layout", EVIL]).shows(2);
    files.catalog(&["push", EVIL]).shows(2);
    files.catalog(&["probe", &format!("-addr={EVIL}"), "-connect-timeout=50ms"]).code.unwrap();
    files.catalog(&["--no-such-option", EVIL]);
    files.catalog(&["validate", "-o", EVIL]).shows(2);
}

#[test]
fn differences_of_generated_files() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = project.join("bundles/dbaas-operator");
    let files = Files::new(&[]);
    let folder = format!("bundles/{}", "dbaas-operator");
    files.write(&format!("{folder}/operator.yaml"), &fs::read_to_string(source.join("operator.yaml")).unwrap());
    for entry in fs::read_dir(&source).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::create_dir_all(files.0.path().join(&folder)).unwrap();
            fs::copy(&path, files.0.path().join(&folder).join(path.file_name().unwrap())).unwrap();
        }
    }
    files.write(&format!("{folder}/0.1.17/metadata/annotations.yaml"), &format!("a: b {EVIL}\n ::warning::c\n"));
    files.write(&format!("{folder}/0.1.17/manifests/{EVIL}"), EVIL);
    files.catalog(&["generate", "--check"]).shows(1);
}

#[test]
fn images() {
    let registry = SmallRegistry::start(|_, _, _| None);
    let archive = |path: &str, text: &str| {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(text.len() as u64);
        header.set_cksum();
        archive.append(&header, text.as_bytes()).unwrap();
        archive.into_inner().unwrap()
    };
    let layer = "application/vnd.oci.image.layer.v1.tar";
    let name = "configs/\u{1b}[31mEVIL\u{202e}\n::error::inj.yaml";
    registry.put_layers("bad", &[(layer, archive(name, "a: ["))], &[(CONFIGS_LABEL, "/configs")]);
    registry.put_layers("label", &[], &[(CONFIGS_LABEL, EVIL)]);
    registry.put_layers(
        "escape",
        &[(layer, archive("configs/../../EVIL\u{1b}\n::x", "a"))],
        &[(CONFIGS_LABEL, "/configs")],
    );
    let files = Files::new(&[]);
    for tag in ["bad", "label"] {
        files.catalog(&["render", &format!("{}:{tag}", registry.repository("x"))]).shows(2);
    }
    files.catalog(&["render", &format!("{}:escape", registry.repository("x"))]);
}

#[test]
fn clusters() {
    let api = Api::start(EVIL);
    let files = Files::new(&[(
        "dump.yaml",
        yaml::to_yaml(&json!({"apiVersion": "v1", "kind": "List", "items": api.objects()})).unwrap(),
    )]);
    files.write("kubeconfig", &api.kubeconfig());
    files.installer(&["doctor", "--from", "dump.yaml"]).shows(1);
    for output in ["json", "yaml"] {
        files.installer(&["doctor", "--from", "dump.yaml", "-o", output]).holds("EVIL").shows(1);
    }
    files.installer(&["doctor", "--from", EVIL]).shows(2);
    files.installer(&["status", "--kubeconfig", EVIL]).shows(2);
    files.installer(&["status", "--context", EVIL]).shows(2);
    files.installer(&["status"]).shows(1);
    for output in ["json", "yaml"] {
        files.installer(&["status", "-o", output]).holds(EVIL).shows(1);
        files.installer(&["upgrades", "-o", output]);
    }
    files.installer(&["doctor"]);
    files.installer(&["list"]).shows(0);
    files.installer(&["list", "-o", "yaml"]).holds(EVIL).shows(0);
    files.installer(&["list", EVIL]).shows(0);
    files.installer(&["list", &format!("{EVIL}gone")]).shows(2);
    files.installer(&["upgrades"]);
    files.installer(&["approve", "--all", "--yes", "--wait", "1s"]);
    files.installer(&[
        "install",
        "--image",
        "registry.example/x:1",
        "--operators",
        "x",
        "--no-image-labels",
        "--wait",
        "1s",
    ]);
    files.installer(&["uninstall", "--wait", "1s"]);
    files.installer(&["install", "--image", EVIL]).shows(2);
    files.installer(&["install", "--image", "x:1", "--operators", EVIL, "--dry-run=client", "-o", "yaml"]);
    files.installer(&["rbac", "--operators", EVIL]);
    api.refuse(true);
    for verb in ["status", "upgrades", "doctor"] {
        files.installer(&[verb]).shows(2);
    }
    files
        .installer(&[
            "install",
            "--image",
            "registry.example/x:1",
            "--operators",
            "x",
            "--no-image-labels",
            "--wait",
            "1s",
        ])
        .shows(2);
    files.installer(&["uninstall", "--wait", "1s"]).shows(2);
}

/// If standard output is not a terminal, `status --watch` prints only new lines, and ends on a signal.
#[test]
fn watching_ends_with_the_status_of_what_was_seen() {
    let api = Api::start(EVIL);
    let files = Files::new(&[("kubeconfig", api.kubeconfig())]);
    for signal in ["INT", "TERM"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
        command.args(["status", "--watch"]).env("KUBECONFIG", files.0.path().join("kubeconfig"));
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert!(first.starts_with("OLM "), "{first}");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(1), "what was seen is not well");
        let rest = lines.map(Result::unwrap).collect::<Vec<_>>().join("\n");
        assert!(rest.contains("EVIL"), "{rest}");
        assert_safe("status --watch", &rest, false);
    }
}

/// A command broken into two lines cannot be pasted: examples have the same lines on a narrow terminal.
#[test]
fn examples_have_the_same_lines_at_any_width() {
    let folder = tempfile::tempdir().unwrap();
    for program in [env!("CARGO_BIN_EXE_catalog"), env!("CARGO_BIN_EXE_install-catalog")] {
        let name = program_name(program);
        let page = run(program, folder.path(), &[OsStr::new("reference")], &[]).stdout;
        let verbs: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(&format!("## {name} "))).collect();
        assert!(verbs.len() > 8, "{verbs:?}");
        for verb in verbs {
            let arguments: Vec<&OsStr> = verb.split(' ').chain(["--help"]).map(OsStr::new).collect();
            let examples = |width: &str| {
                let help = run(program, folder.path(), &arguments, &[("COLUMNS", width)]);
                let (options, examples) = help.stdout.split_once("\nExamples:\n").expect(verb);
                (options.to_owned(), examples.to_owned())
            };
            let (wide, narrow) = (examples("100"), examples("40"));
            assert_eq!(wide.1, narrow.1, "{verb}");
            assert_ne!(wide.0, narrow.0, "{verb}: the rest of the help fits the terminal");
            assert!(wide.1.lines().any(|line| line.trim_start().starts_with(name)), "{}", wide.1);
        }
    }
}

fn program_name(program: &str) -> &str {
    Path::new(program).file_name().unwrap().to_str().unwrap()
}
