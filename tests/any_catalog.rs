//! `install-catalog` with foreign catalogs: the facts it reads from a catalog's image in a registry, its behaviour if
//! the registry cannot be reached, and the manifests that it prints for a GitOps repository. No cluster is contacted.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;
#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;

use std::path::Path;
use std::process::Command;

use olm_catalog::image::{Entry, Image, OPERATORS_LABEL, TITLE_LABEL, VENDOR_LABEL, catalog_image};
use olm_catalog::registry::{self, Client, Options};
use olm_catalog::{build, yaml};
use serde_json::{Value, json};

use distribution::{DockerRegistry, SmallRegistry};

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(arguments: &[&str], auth: &Path) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    command.args(arguments).env("NO_COLOR", "1").env("REGISTRY_AUTH_FILE", auth).env("KUBECONFIG", "/nonexistent");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn anonymous(arguments: &[&str]) -> Run {
    run(arguments, Path::new("/nonexistent"))
}

/// A catalog of two packages, one of which has two channels and deprecated parts.
const CATALOG: &str = r#"
{"schema": "olm.package", "name": "zebra", "defaultChannel": "stable"}
{"schema": "olm.channel", "package": "zebra", "name": "stable", "entries": [
  {"name": "zebra.v1.10.0", "replaces": "zebra.v1.9.0"}, {"name": "zebra.v1.9.0"}]}
{"schema": "olm.channel", "package": "zebra", "name": "old", "entries": [{"name": "zebra.v1.9.0"}]}
{"schema": "olm.bundle", "package": "zebra", "name": "zebra.v1.10.0", "image": "r.example/z@sha256:00",
  "properties": [{"type": "olm.package", "value": {"packageName": "zebra", "version": "1.10.0"}}]}
{"schema": "olm.bundle", "package": "zebra", "name": "zebra.v1.9.0", "image": "r.example/z@sha256:01",
  "properties": [{"type": "olm.package", "value": {"packageName": "zebra", "version": "1.9.0"}}]}
{"schema": "olm.deprecations", "package": "zebra", "entries": [
  {"reference": {"schema": "olm.channel", "name": "old"}, "message": "use stable\n::error::x"},
  {"reference": {"schema": "olm.bundle", "name": "zebra.v1.9.0"}, "message": "it loses data"}]}
{"schema": "olm.package", "name": "ant", "defaultChannel": "main"}
{"schema": "olm.channel", "package": "ant", "name": "main", "entries": [{"name": "ant.v0.1.0"}]}
{"schema": "olm.bundle", "package": "ant", "name": "ant.v0.1.0", "image": "r.example/a@sha256:02",
  "properties": [{"type": "olm.package", "value": {"packageName": "ant", "version": "0.1.0"}}]}
"#;

fn image(labels: &[(&str, &str)]) -> Image {
    let folder = images::temp();
    let entries = [Entry::file("all/catalog.json", CATALOG.as_bytes())];
    let image = catalog_image(&images::program(folder.path()), entries).unwrap();
    // The program's layer is a file in the folder: it is read before that goes.
    let layers = image.parts().map(|blob| blob.bytes().unwrap()).map(drop).count();
    assert_eq!(layers, 3);
    std::mem::forget(folder);
    image.with_labels(labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).unwrap()
}

fn dry_run<'a>(image: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["install", "--dry-run=client", "--image", image], more].concat()
}

fn objects(run: &Run) -> Vec<Value> {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    yaml::read(&run.stdout).unwrap().into_iter().map(|document| document.value).collect()
}

fn find<'o>(objects: &'o [Value], kind: &str) -> Vec<&'o Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

#[test]
fn labels_name_the_catalog_and_its_default_operators() {
    let registry = SmallRegistry::start(|_, _, _| None);
    let labels = [(TITLE_LABEL, "Zoo"), (VENDOR_LABEL, "Keepers"), (OPERATORS_LABEL, "zebra")];
    registry.put_image("1", &image(&labels));
    let reference = format!("{}:1", registry.repository("zoo"));
    let printed = objects(&anonymous(&dry_run(&reference, &[])));
    let catalog = find(&printed, "CatalogSource")[0];
    assert_eq!((&catalog["spec"]["displayName"], &catalog["spec"]["publisher"]), (&json!("Zoo"), &json!("Keepers")));
    let subscriptions = find(&printed, "Subscription");
    assert_eq!(subscriptions.iter().map(|it| &it["spec"]["name"]).collect::<Vec<_>>(), ["zebra"]);
    // Only the manifest and the configuration are requested, no layer.
    assert_eq!(registry.asked().iter().filter(|asked| asked.contains("/blobs/")).count(), 1, "{:?}", registry.asked());
    // Options take precedence.
    let more = ["--operators", "ant", "--display-name", "Mine", "--publisher", "Me"];
    let before = registry.asked().len();
    let printed = objects(&anonymous(&dry_run(&reference, &more)));
    assert_eq!(find(&printed, "CatalogSource")[0]["spec"]["displayName"], "Mine");
    assert_eq!(find(&printed, "Subscription")[0]["spec"]["name"], "ant");
    assert_eq!(registry.asked().len(), before, "options that say everything ask nobody");
}

#[test]
fn without_default_operators_one_chooses() {
    let registry = SmallRegistry::start(|_, _, _| None);
    registry.put_image("1", &image(&[]));
    let reference = format!("{}:1", registry.repository("zoo"));
    let refused = anonymous(&dry_run(&reference, &[]));
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("the catalog has ant, zebra: choose with --operators"), "{}", refused.stderr);
    let printed = objects(&anonymous(&dry_run(&reference, &["--operators", "ant,zebra"])));
    assert_eq!(find(&printed, "CatalogSource")[0]["spec"].get("displayName"), None);
}

#[test]
fn an_installation_does_not_need_the_registry() {
    // Nothing listens there.
    let reference = format!("127.0.0.1:{}/zoo:1", distribution::free_port());
    let refused = anonymous(&dry_run(&reference, &[]));
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("help: name the operators with --operators"), "{}", refused.stderr);
    let noted = anonymous(&dry_run(&reference, &["--operators", "ant"]));
    assert!(noted.stderr.starts_with("note       cannot read the image's labels"), "{}", noted.stderr);
    assert_eq!(find(&objects(&noted), "Subscription").len(), 1);
    let silent = anonymous(&dry_run(&reference, &["--operators", "ant", "--no-image-labels"]));
    assert_eq!((silent.code, silent.stderr.as_str()), (Some(0), ""));
    let refused = anonymous(&dry_run(&reference, &["--operators", "ant,,zebra", "--no-image-labels"]));
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--operators: the name is empty"), "{}", refused.stderr);
}

#[test]
fn list_shows_what_an_image_has() {
    let registry = SmallRegistry::start(|_, _, _| None);
    registry.put_image("1", &image(&[]));
    let reference = format!("{}:1", registry.repository("zoo"));
    let listed = anonymous(&["list", "--image", &reference]);
    assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""));
    let expected = "\
PACKAGE  CHANNEL  HEAD           VERSIONS
ant      main*    ant.v0.1.0     0.1.0
zebra    old      zebra.v1.9.0   1.9.0
zebra    stable*  zebra.v1.10.0  1.10.0, 1.9.0

deprecated: channel old of package zebra: use stable
  \\u{3a}:error::x
deprecated: bundle zebra.v1.9.0: it loses data
";
    assert_eq!(listed.stdout, expected);
    let json = anonymous(&["list", "zebra", "--image", &reference, "-o", "json"]);
    let value: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value[0]["name"], "zebra");
    assert_eq!(value[0]["defaultChannel"], "stable");
    assert_eq!(value[0]["channels"][1]["versions"][0]["version"], "1.10.0");
    assert_eq!(value[0]["channels"][0]["deprecation"], "use stable\n::error::x");
    let yaml = anonymous(&["list", "zebra", "--image", &reference, "-o", "yaml"]);
    assert_eq!(yaml::read_one(&yaml.stdout).unwrap(), value);
    let unknown = anonymous(&["list", "yak", "--image", &reference]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("the catalog has no package yak; it has ant, zebra"), "{}", unknown.stderr);
    let gone = anonymous(&["list", "--image", &format!("{}:2", registry.repository("zoo"))]);
    assert_eq!(gone.code, Some(2));
}

#[test]
fn a_real_registry_wants_credentials() {
    // An account whose password nobody here has.
    let line = "user:$2y$05$abcdefghijklmnopqrstuuKpKO0bWBCpn0XOZ1AHvVZ0Xv9b7yqGW";
    let Some(open) = DockerRegistry::start(None) else {
        return common::skipped("docker-registry is not installed");
    };
    let reference = format!("{}:1", open.repository("zoo"));
    let client = Client::new(Options::default()).unwrap();
    let target = registry::reference(&reference).unwrap();
    build::push_image(&client, &target, &image(&[(TITLE_LABEL, "Zoo"), (OPERATORS_LABEL, "ant")]), &|_, _| ()).unwrap();
    let printed = objects(&anonymous(&dry_run(&reference, &[])));
    assert_eq!(find(&printed, "CatalogSource")[0]["spec"]["displayName"], "Zoo");
    assert!(anonymous(&["list", "--image", &reference]).stdout.contains("zebra    stable*  zebra.v1.10.0"));
    let closed = DockerRegistry::start(Some(line)).unwrap();
    let refused = anonymous(&["list", "--image", &format!("{}:1", closed.repository("zoo"))]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("denied access"), "{}", refused.stderr);
}

/// All options are in the objects, and the same options print the same bytes.
#[test]
fn options_are_in_the_objects() {
    let more = [
        "--no-image-labels",
        "--operators",
        "a,b",
        "--pull-secret",
        "one",
        "--pull-secret",
        "two",
        "--node-selector",
        "all:kubernetes.io/os=linux",
        "--node-selector",
        "catalog:disk=ssd",
        "--toleration",
        "a:infra:NoSchedule",
        "--toleration",
        "catalog:infra=yes",
        "--request",
        "all:cpu=100m",
        "--request",
        "catalog:memory=64Mi",
        "--limit",
        "b:memory=1Gi",
        "--catalog-priority-class",
        "system-cluster-critical",
        "--env",
        "all:LEVEL=debug",
    ];
    let arguments = dry_run("r.example/zoo:1", &more);
    let printed = anonymous(&arguments);
    assert_eq!(anonymous(&arguments).stdout, printed.stdout);
    let all = objects(&printed);
    let spec = &find(&all, "CatalogSource")[0]["spec"];
    assert_eq!(spec["secrets"], json!(["one", "two"]));
    assert_eq!(
        spec["grpcPodConfig"],
        json!({
            "securityContextConfig": "restricted", "nodeSelector": {"disk": "ssd"}, "memoryTarget": "64Mi",
            "priorityClassName": "system-cluster-critical",
            "tolerations": [{"key": "infra", "operator": "Equal", "value": "yes"}],
        })
    );
    let subscriptions = find(&all, "Subscription");
    let config = |number: usize| &subscriptions[number]["spec"]["config"];
    assert_eq!(config(0)["tolerations"], json!([{"key": "infra", "operator": "Exists", "effect": "NoSchedule"}]));
    assert_eq!(config(0)["nodeSelector"], json!({"kubernetes.io/os": "linux"}));
    assert_eq!(config(0)["env"], json!([{"name": "LEVEL", "value": "debug"}]));
    assert_eq!(config(1)["resources"], json!({"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}}));
    assert_eq!(config(1).get("tolerations"), None);
    // A Job in the cluster gets the same.
    let job = ["rbac", "--job", "r.example/zoo:1", "--installer", "r.example/installer:1"];
    let job = objects(&anonymous(&[&job[..], &more[..]].concat()));
    let told = find(&job, "Job")[0]["spec"]["template"]["spec"]["containers"][0]["args"].clone();
    let told: Vec<String> = serde_json::from_value(told).unwrap();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(objects(&anonymous(&[&told[..], &["--dry-run=client"]].concat())), all);
}

/// Dependent objects come later, in a separate wave.
#[test]
fn manifests_are_in_an_order_that_gitops_can_apply() {
    let more = ["--no-image-labels", "--operators", "a"];
    let printed = anonymous(&dry_run("r.example/zoo:1", &more));
    assert!(printed.stdout.starts_with("# These Subscriptions install nothing until their InstallPlan is approved"));
    let automatic = anonymous(&dry_run("r.example/zoo:1", &[&more[..], &["--approval", "automatic"]].concat()));
    assert!(automatic.stdout.starts_with("---\n"), "{}", automatic.stdout);
    assert!(
        anonymous(&["install", "--image", "r.example/zoo:1", "--operators", "a", "--with-olm", "--no-image-labels"])
            .stderr
            .contains("--with-olm needs --dry-run=client")
    );
    let Some(shared) = common::shared() else { return common::skipped(common::NO_DATA) };
    let manifests = shared.join("olm/v0.28.0");
    let with_olm = [&more[..], &["--with-olm", "--olm-manifests", manifests.to_str().unwrap()]].concat();
    let all = objects(&anonymous(&dry_run("r.example/zoo:1", &with_olm)));
    let wave = |object: &Value| -> i32 {
        object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str().unwrap().parse().unwrap()
    };
    assert!(all.is_sorted_by_key(wave));
    let waves = |kind: &str, name: &str| -> i32 {
        let found = all.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
        wave(found.unwrap_or_else(|| panic!("{kind} {name}")))
    };
    let order = [
        waves("CustomResourceDefinition", "subscriptions.operators.coreos.com"),
        waves("ServiceAccount", "olm-operator-serviceaccount"),
        waves("Deployment", "olm-operator"),
        waves("Namespace", "dbaas"),
        waves("CatalogSource", "dbaas-catalog"),
        waves("Subscription", "a"),
    ];
    assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
    assert!(find(&all, "CustomResourceDefinition").iter().all(|definition| {
        definition["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "ServerSideApply=true"
    }));
    // Nothing comes before its namespace.
    for (at, object) in all.iter().enumerate() {
        let namespace = &object["metadata"]["namespace"];
        let made = all.iter().position(|other| other["kind"] == "Namespace" && other["metadata"]["name"] == *namespace);
        assert!(
            namespace.is_null() || made.is_none_or(|made| wave(&all[made]) < wave(object) || made < at),
            "{object}"
        );
    }
}
