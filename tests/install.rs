//! The installer against a real API server, with OLM's controllers played: every case is a file of what people do, and
//! a transcript of what they are told. The installer has no more permissions than `install-catalog rbac` prints.
//!
//! tests/README.md says how to add a case.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/cases.rs"]
mod cases;
mod cluster;
mod common;
mod olm;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cases::expect_text;
use cluster::{Cluster, Error};
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams};
use kube::discovery::{self, Discovery, Scope};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use olm::{Olm, Settings};
use olm_catalog::yaml;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

type Outcome = Result<(), Failed>;

/// The repository's catalog, and an older one.
const IMAGES: [&str; 2] = ["registry.example/dbaas/catalog:2", "registry.example/dbaas/catalog:1"];
/// The heads of the older one.
const OLDER: [(&str, &str); 2] =
    [("victoriametrics-operator", "0.27.2"), ("percona-server-mongodb-operator", "1.13.1")];
/// The namespace of the ServiceAccounts that the installer runs as.
const ACCOUNTS: &str = "installers";
/// How long anything that a case waits for may take.
const DEADLINE: Duration = Duration::from_secs(30);

struct State {
    // Dropped in this order.
    olm: Olm,
    cluster: Cluster,
    _catalogs: Vec<TempDir>,
}

/// A step of a case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Step {
    /// Runs the installer with these arguments, and those that name the case's namespace and catalog.
    Run(String),
    /// The same as the cluster's administrator.
    RunAsAdmin(String),
    /// Somebody else writes an object.
    Apply(Value),
    /// Somebody else deletes an object: `kind`, `name`, and `namespace` where it has one.
    Delete(Value),
    /// Waits until a field of an object is so: the object with that field.
    Until(Value),
}

/// A case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    /// Arguments of `rbac`, beside those that name the case's namespace and catalog.
    #[serde(default)]
    rbac: String,
    steps: Vec<Step>,
}

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { start() });
    let trial = |name: String, case: Box<dyn Fn(&State) -> Outcome + Send>| {
        let state = Arc::clone(&state);
        Trial::ignorable_test(name, move || match &*state {
            Ok(state) => case(state).map(|()| Completion::Completed).map_err(|error| {
                format!("{}\nthe player met {:#?}", error.message().unwrap_or_default(), state.olm.errors()).into()
            }),
            Err(reason) => Ok(Completion::ignored_with(reason)),
        })
    };
    // The first one begins on a cluster without OLM.
    let mut trials = vec![trial("from-nothing-to-nothing".into(), Box::new(from_nothing_to_nothing))];
    let files = fs::read_dir("tests/install").unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        trials.push(trial(name, Box::new(move |state| case(state, &file))));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The exit runs no destructors.
    drop(state);
    conclusion.exit()
}

/// A cluster without OLM, where OLM is played once it is there; or why the cases are left out.
fn start() -> Result<State, String> {
    if common::shared().is_none() {
        return Err("the folder of real data is not here".into());
    }
    let begin = || -> Result<State, Error> {
        let cluster = Cluster::control_plane("install")?;
        let catalogs = vec![olm::catalog()?, olm::catalog_at(&OLDER)?];
        let published = IMAGES.iter().zip(&catalogs);
        let published = published.map(|(image, folder)| ((*image).to_owned(), folder.path().to_owned()));
        // As with a catalog whose bundles have images, which is how one is built by default.
        let settings = Settings { catalogs: BTreeMap::from_iter(published), unpacked: true, ..Settings::default() };
        let olm = Olm::start(&cluster, settings)?;
        Ok(State { olm, cluster, _catalogs: catalogs })
    };
    match begin() {
        Ok(state) => Ok(state),
        Err(Error::Unavailable(reason)) => Err(reason),
        Err(error @ Error::Failed(_)) => panic!("the cluster did not start: {error}"),
    }
}

/// Install OLM, the catalog and the operators; again; upgrade twice; uninstall it all.
fn from_nothing_to_nothing(state: &State) -> Outcome {
    let before = everything(&state.cluster)?;
    let manifests = common::shared().unwrap().join("olm/v0.28.0");
    let install = format!(
        "install --image {} --version victoriametrics-operator=0.24.0 --olm-manifests {}",
        IMAGES[0],
        manifests.display()
    );
    let mut transcript = String::new();
    for line in [
        install.as_str(),
        &install,
        "status",
        "upgrades",
        "approve victoriametrics-operator",
        "approve --all",
        "upgrades",
        "status",
        "uninstall --crds --namespaces --olm",
        "status",
    ] {
        let told = run(state.cluster.kubeconfig(), line, &[])?;
        transcript += &told.replace(manifests.to_str().unwrap(), "olm-0.28.0");
        // What waits comes in its own time.
        if line.starts_with("approve victoria") {
            until(state, &waits("dbaas", "victoriametrics-operator", "UpgradePending"))?;
        }
        if line == install {
            until(state, &waits("dbaas", "victoriametrics-operator", "UpgradePending"))?;
        }
    }
    expect_text(Path::new("tests/install/from-nothing-to-nothing.txt"), &transcript)?;
    let left: Vec<_> = everything(&state.cluster)?.into_iter().filter(|object| !before.contains(object)).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("left: {left:#?}").into()) }
}

fn waits(namespace: &str, subscription: &str, state: &str) -> Value {
    json!({
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "Subscription",
        "metadata": {"name": subscription, "namespace": namespace},
        "status": {"state": state},
    })
}

/// A case of a file: on a cluster with OLM, in a namespace of its own, with the permissions that the installer asks for.
fn case(state: &State, file: &Path) -> Outcome {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let manifests = common::shared().ok_or("no shared data")?.join("olm/v0.28.0").display().to_string();
    let text = fs::read_to_string(file)?.replace("$NAMESPACE", &name).replace("$OLM", &manifests);
    let case: Case = serde_json::from_value(yaml::read_one(&text)?)?;
    olm::present(&state.cluster).map_err(|error| error.to_string())?;
    let place = ["--namespace", &name, "--catalog", &name];
    let account = account(state, &name, &case.rbac, &place)?;
    let mut transcript = String::new();
    let told = case.steps.iter().try_for_each(|step| -> Outcome {
        match step {
            Step::Run(line) => transcript += &run(account.path(), line, &place)?,
            Step::RunAsAdmin(line) => transcript += &run(state.cluster.kubeconfig(), line, &place)?,
            Step::Apply(object) => {
                apply(state, object)?;
                transcript += &format!("# somebody writes {}\n\n", title(object));
            }
            Step::Delete(object) => {
                let (api, name) = api(state, object)?;
                state.cluster.run(api.delete(&name, &DeleteParams::default()))?;
                transcript += &format!("# somebody deletes {}\n\n", title(object));
            }
            Step::Until(object) => until(state, object)?,
        }
        Ok(())
    });
    told?;
    expect_text(&file.with_extension("txt"), &transcript.replace(&manifests, "olm-0.28.0"))?;
    // Nothing of it stays for the other cases.
    let gone = run(state.cluster.kubeconfig(), "uninstall --crds --namespaces", &place)?;
    if !gone.ends_with("exit 0\n\n") {
        return Err(gone.into());
    }
    for namespace in namespaces(state, &name)? {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        let (api, name) = api(state, &namespace)?;
        state.cluster.run(api.delete(&name, &DeleteParams::default()))?;
    }
    Ok(())
}

/// The namespaces of a case, which its permissions brought.
fn namespaces(state: &State, case: &str) -> Result<Vec<String>, Failed> {
    let all: Api<Namespace> = Api::all(state.cluster.client());
    let all = state.cluster.run(all.list(&Default::default()))?;
    let names = all.items.into_iter().filter_map(|namespace| namespace.metadata.name);
    Ok(names.filter(|name| name == case || name.starts_with(&format!("{case}-"))).collect())
}

/// What a command printed on both outputs, without what differs from run to run: what was waited for, and how long.
fn run(kubeconfig: &Path, line: &str, place: &[&str]) -> Result<String, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    // A case may name another place.
    let place = if line.contains("--namespace ") { &[] } else { place };
    command.args(line.split_whitespace()).args(place).args(["--kubeconfig".as_ref(), kubeconfig.as_os_str()]);
    let output = command.env("NO_COLOR", "1").env("COLUMNS", "100").output()?;
    let status = output.status.code().ok_or("the program was killed")?;
    let mut told = String::from_utf8(output.stderr)? + &String::from_utf8(output.stdout)?;
    told = told
        .lines()
        .filter(|line| !["waiting ", "ready "].iter().any(|start| line.starts_with(start)))
        .map(|line| plain(line) + "\n")
        .collect();
    Ok(format!("$ install-catalog {line}\n{told}exit {status}\n\n"))
}

/// Names and versions that the cluster makes up are told alike.
fn plain(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some(at) =
        rest.find("/install-").map(|at| at + "/install-".len()).filter(|at| rest.is_char_boundary(at + 5))
    {
        let (before, after) = rest.split_at(at);
        let made_up = after.chars().take_while(char::is_ascii_alphanumeric).count();
        plain += before;
        plain += if made_up == 5 { "xxxxx" } else { &after[..made_up] };
        rest = &after[made_up..];
        if let Some(version) = rest.strip_prefix('@') {
            plain += "@N";
            rest = version.trim_start_matches(|digit: char| digit.is_ascii_digit());
        }
    }
    plain + rest
}

/// Grants what `install-catalog rbac` prints, and gives a kubeconfig of that ServiceAccount.
fn account(state: &State, name: &str, rbac: &str, place: &[&str]) -> Result<tempfile::NamedTempFile, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    command.args(["rbac", "--service-account", name, "--service-account-namespace", ACCOUNTS]);
    let output = command.args(rbac.split_whitespace()).args(place).output()?;
    for document in yaml::read(&String::from_utf8(output.stdout)?)? {
        let mut object = document.value;
        // The roles for the whole cluster are each case's own.
        if object["kind"].as_str().is_some_and(|kind| kind.starts_with("Cluster")) {
            object["metadata"]["name"] = name.into();
            if object["roleRef"]["name"] == "install-catalog" {
                object["roleRef"]["name"] = name.into();
            }
        } else if object["metadata"]["namespace"] == "olm" {
            object["metadata"]["name"] = name.into();
            if object["kind"] == "RoleBinding" {
                object["roleRef"]["name"] = name.into();
            }
        }
        apply(state, &object)?;
    }
    let accounts: Api<ServiceAccount> = Api::namespaced(state.cluster.client(), ACCOUNTS);
    let request: TokenRequest = serde_json::from_value(json!({"spec": {"audiences": []}, "metadata": {}}))?;
    let answer = state.cluster.run(accounts.create_token_request(name, &PostParams::default(), &request))?;
    let mut config = yaml::read_one(&fs::read_to_string(state.cluster.kubeconfig())?)?;
    config["users"][0]["user"] = json!({"token": answer.status.ok_or("no token")?.token});
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), yaml::to_yaml(&config)?)?;
    Ok(file)
}

fn apply(state: &State, object: &Value) -> Outcome {
    let (api, name) = api(state, object)?;
    let parameters = PatchParams::apply("somebody").force();
    state.cluster.run(api.patch(&name, &parameters, &Patch::Apply(object)))?;
    Ok(())
}

/// The API of an object's kind, and its name.
fn api(state: &State, object: &Value) -> Result<(Api<DynamicObject>, String), Failed> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
    let (group, version) = version.split_once('/').unwrap_or(("", &version));
    let gvk = GroupVersionKind::gvk(group, version, &kind);
    let client = state.cluster.client();
    let (resource, capabilities) = state.cluster.run(discovery::pinned_kind(&client, &gvk))?;
    let api = match capabilities.scope {
        Scope::Cluster => Api::all_with(client, &resource),
        Scope::Namespaced => Api::namespaced_with(client, &text(&object["metadata"]["namespace"]), &resource),
    };
    Ok((api, text(&object["metadata"]["name"])))
}

fn title(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place = object["metadata"]["namespace"].as_str().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    format!("{} {place}{}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

/// Waits until an object has all that the wanted one says.
fn until(state: &State, wanted: &Value) -> Outcome {
    let (api, name) = api(state, wanted)?;
    let start = Instant::now();
    loop {
        let found = state.cluster.run(api.get_opt(&name))?;
        let found = found.map_or(Value::Null, |object| serde_json::to_value(object).unwrap());
        if has(&found, wanted) {
            return Ok(());
        }
        if start.elapsed() > DEADLINE {
            return Err(format!("{} is not so: {wanted:#}\nbut {found:#}", title(wanted)).into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn has(found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(wanted) => wanted.iter().all(|(key, value)| key == "apiVersion" || has(&found[key], value)),
        _ => found == wanted,
    }
}

/// The names of all objects of the cluster but those that the API server makes by itself.
fn everything(cluster: &Cluster) -> Result<Vec<String>, Failed> {
    let client = cluster.client();
    let found = cluster.run(Discovery::new(client.clone()).run())?;
    let mut names = Vec::new();
    for (resource, capabilities) in found.groups().flat_map(|group| group.recommended_resources()) {
        let passing =
            ["Event", "Lease", "APIService", "ComponentStatus", "EndpointSlice", "Endpoints", "PackageManifest"];
        if passing.contains(&resource.kind.as_str()) || !capabilities.supports_operation("list") {
            continue;
        }
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
        let list = cluster.run(api.list(&Default::default()))?;
        names.extend(list.items.into_iter().map(|object| {
            let namespace = object.metadata.namespace.unwrap_or_default();
            format!("{} {namespace}/{}", resource.kind, object.metadata.name.unwrap_or_default())
        }));
    }
    // The player's own.
    names.retain(|name| !name.contains("packagemanifests.packages.operators.coreos.com"));
    Ok(names)
}
