//! A user's steps on a whole cluster: the catalog's image and the installer's come from a registry and run as pods, and
//! the installer does a complete run. OLM's controllers are simulated.

#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(clippy::print_stderr, reason = "the time of each step is for people")]

#[path = "common/cases.rs"]
mod cases;
mod cluster;
mod common;
#[path = "common/grpc.rs"]
mod grpc;
#[path = "common/objects.rs"]
mod objects;
mod olm;
#[path = "common/whole_way.rs"]
mod whole_way;

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use cluster::images::POD;
use cluster::{Cluster, Error, or_reason, trial};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::Api;
use kube::api::{ListParams, LogParams, PostParams};
use libtest_mimic::{Arguments, Completion, Failed};
use objects::{apply, until};
use olm::{Olm, Settings};
use olm_catalog::yaml;
use serde_json::{Value, json};
use whole_way::{from_nothing_to_nothing, run};

type Outcome = Result<(), Failed>;

/// The time limit for a pod.
const DEADLINE: Duration = Duration::from_secs(120);

/// A cluster that has the images, where OLM is simulated once it is installed.
struct State {
    // Dropped in this order.
    olm: Olm,
    cluster: Cluster,
    /// The image of the catalog under its tag.
    catalog: String,
    /// The same by its digest.
    pinned: String,
    /// The image of the installer by its digest.
    installer: String,
}

type Case = fn(&State) -> Outcome;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { start() });
    // The first one starts on a cluster without OLM.
    let cases: [(&str, Case); 3] = [
        ("from_nothing_to_nothing", |state| from_nothing_to_nothing(&state.cluster, &state.catalog, &took)),
        ("the_catalog_runs_as_olm_runs_it", the_catalog_runs_as_olm_runs_it),
        ("the_installer_runs_as_a_job", the_installer_runs_as_a_job),
    ];
    let trials = cases.into_iter().map(|(name, case)| {
        trial(name, &state, move |state| {
            case(state).map(|()| Completion::Completed).map_err(|error| {
                let (message, met) = (error.message().unwrap_or_default(), state.olm.errors());
                // It shows why an image was not pulled, or a container did not start.
                let containerd = state.cluster.log("containerd");
                format!("{message}\nthe player met {met:#?}\ncontainerd's log ends with:\n{containerd}").into()
            })
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    // Exiting runs no destructors.
    drop(state);
    conclusion.exit()
}

/// Prints the duration of a step.
fn took(step: &str, time: Duration) {
    eprintln!("{:6.1} s  {step}", time.as_secs_f64());
}

/// The static programs, `catalog` and `install-catalog`.
fn programs() -> Result<[PathBuf; 2], Error> {
    let catalog = common::static_program().map_err(|reason| Error::Unavailable(reason.into()))?;
    let installer = catalog.with_file_name("install-catalog");
    if !installer.is_file() {
        return Err(Error::Unavailable("there is no install-catalog beside OLM_CATALOG_PROGRAM".into()));
    }
    Ok([catalog, installer])
}

/// The cluster, or why there is none.
fn start() -> Result<State, String> {
    let begin = || -> Result<State, Error> {
        if common::shared().is_none() {
            return Err(Error::Unavailable(common::NO_DATA.into()));
        }
        let [program, installer] = programs()?;
        let now = Instant::now();
        let cluster = Cluster::with_node("install_node")?;
        let registry = cluster.registry()?;
        took("a node and a registry start", now.elapsed());
        let now = Instant::now();
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let [layout, files] = ["layout", "files"].map(|name| folder.path().join(name).display().to_string());
        catalog(&program, &["build", "--quiet", "--inline", "--layout", &layout, "--catalog", &files])?;
        took("catalog build --inline", now.elapsed());
        let now = Instant::now();
        let tag = format!("{registry}/dbaas/catalog:1");
        let pinned = catalog(&program, &["push", &tag, "--quiet", "--layout", &layout])?;
        took("catalog push", now.elapsed());
        let now = Instant::now();
        let path = installer.to_str().context("a path that is not UTF-8")?;
        let target = format!("{registry}/dbaas/install-catalog:1");
        let installer = catalog(&program, &["push", &target, "--quiet", "--program", path])?;
        took("catalog push --program install-catalog", now.elapsed());
        let olm = Olm::start(&cluster, Settings::default())?;
        Ok(State { olm, cluster, catalog: tag, pinned, installer })
    };
    or_reason(begin())
}

/// Runs the static program. Returns the line that it prints.
fn catalog(program: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).env("DOCKER_CONFIG", "/nonexistent").output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "catalog {}: {}: {told}", arguments.join(" "), output.status);
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// In a namespace that enforces the restricted Pod Security standard, and with a read-only root: it passes the probes
/// of all releases of OLM, and answers through its Service.
fn the_catalog_runs_as_olm_runs_it(state: &State) -> Outcome {
    const NAMESPACE: &str = "catalogs";
    let cluster = &state.cluster;
    olm::apply(cluster).map_err(|error| error.to_string())?;
    restricted(cluster, NAMESPACE)?;
    let begin = Instant::now();
    let source = json!({
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "CatalogSource",
        "metadata": {"name": "served", "namespace": NAMESPACE},
        "spec": {
            "sourceType": "grpc",
            "image": state.catalog,
            "grpcPodConfig": {"securityContextConfig": "restricted"},
        },
    });
    apply(cluster, &source)?;
    let mut ready = source.clone();
    ready["spec"] = json!({});
    ready["status"] = json!({"connectionState": {"lastObservedState": "READY"}});
    until(cluster, &ready)?;
    took("a catalog's pod is pulled, ready and asked", begin.elapsed());

    // As OLM up to 0.46 probes it: by executing the probe in the container.
    let pods: Api<Pod> = Api::namespaced(cluster.client(), NAMESPACE);
    let of_source = ListParams::default().labels("olm.catalogSource=served");
    let made = cluster.run(pods.list(&of_source))?.items.pop().ok_or("there is no pod")?;
    let made = serde_json::to_value(made)?;
    let container = &made["spec"]["containers"][0];
    for probe in PROBES {
        assert_eq!(container[probe]["exec"]["command"], json!(["grpc_health_probe", "-addr=:50051"]), "{probe}");
    }
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    let status = &made["status"]["containerStatuses"][0];
    assert_eq!(status["imageID"], state.pinned.as_str(), "the image that was pushed");
    assert_eq!(status["restartCount"], 0);

    // As later ones do: with a call from the kubelet.
    let mut native = json!({"metadata": {"name": "native"}, "spec": {
        "securityContext": made["spec"]["securityContext"],
        "containers": [container],
    }});
    native["spec"]["containers"][0].as_object_mut().unwrap().remove("volumeMounts");
    for probe in PROBES {
        let probe = native["spec"]["containers"][0][probe].as_object_mut().unwrap();
        probe.remove("exec");
        probe.insert("grpc".into(), json!({"port": 50051, "service": ""}));
    }
    create(cluster, &pods, &native)?;
    let ready = |pod: &Value| {
        let conditions = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
    };
    await_pod(cluster, &pods, "native", ready)?;

    // From another pod, by the Service's name.
    let mut asks = native.clone();
    asks["metadata"]["name"] = json!("asks");
    asks["spec"]["restartPolicy"] = json!("Never");
    let container = asks["spec"]["containers"][0].as_object_mut().unwrap();
    PROBES.iter().for_each(|probe| drop(container.remove(*probe)));
    let address = format!("-addr=served.{NAMESPACE}.svc:50051");
    container.insert("command".into(), json!(["grpc_health_probe", address, "-connect-timeout=20s"]));
    create(cluster, &pods, &asks)?;
    await_pod(cluster, &pods, "asks", |pod| pod["status"]["phase"] == "Succeeded")?;

    // The whole content, by the Service's address.
    let services: Api<Service> = Api::namespaced(cluster.client(), NAMESPACE);
    let service = cluster.run(services.get("served"))?.spec.and_then(|spec| spec.cluster_ip);
    let address = SocketAddr::new(service.ok_or("a Service without an address")?.parse()?, 50051);
    let forward = cluster.network()?.ok_or("a cluster without a node")?.reach(address)?;
    let (packages, error) = cluster.run(async {
        let mut client = grpc::Client::connect((Ipv4Addr::LOCALHOST, forward.port()).into()).await;
        client.call("api.Registry/ListPackages", &json!({})).await
    });
    assert_eq!(error, None);
    let mut packages: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    packages.sort_unstable();
    assert_eq!(packages, olm::OPERATORS);
    Ok(())
}

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// With the permissions that `install-catalog rbac` prints, in a namespace that enforces the restricted standard.
fn the_installer_runs_as_a_job(state: &State) -> Outcome {
    const NAMESPACE: &str = "installers";
    let cluster = &state.cluster;
    olm::apply(cluster).map_err(|error| error.to_string())?;
    restricted(cluster, NAMESPACE)?;
    let begin = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    command.args(["rbac", "--service-account-namespace", NAMESPACE, "--no-image-labels"]);
    command.arg(format!("--operators={}", olm::OPERATORS.join(",")));
    let printed = command.args(["--job", &state.catalog, "--installer", &state.installer]).output()?;
    for document in yaml::read(&String::from_utf8(printed.stdout)?)? {
        apply(cluster, &document.value)?;
    }
    let jobs: Api<Job> = Api::namespaced(cluster.client(), NAMESPACE);
    loop {
        let status = cluster.run(jobs.get("install-catalog"))?.status.unwrap_or_default();
        if status.succeeded == Some(1) {
            break;
        }
        if status.failed.is_some() || begin.elapsed() > DEADLINE {
            let told = pods_of_job(cluster, NAMESPACE)?;
            return Err(format!("the job is {status:#?}\nits pods say {told:#?}").into());
        }
        sleep(Duration::from_millis(200));
    }
    took("the installer's job completes", begin.elapsed());
    let told = pods_of_job(cluster, NAMESPACE)?;
    // The node reads a pod's two streams separately, so their order in its log is arbitrary.
    assert!(told.len() == 1 && told[0].lines().any(|line| line == "installed"), "{told:#?}");
    let status = run(cluster.kubeconfig(), "status", &[])?;
    let succeeded = status.lines().filter(|line| line.contains(" Succeeded ")).count();
    assert!(status.ends_with("exit 0\n\n") && succeeded == 4, "{status}");
    Ok(())
}

/// The output of the job's pods.
fn pods_of_job(cluster: &Cluster, namespace: &str) -> Result<Vec<String>, Failed> {
    let pods: Api<Pod> = Api::namespaced(cluster.client(), namespace);
    let all = cluster.run(pods.list(&ListParams::default().labels("job-name=install-catalog")))?;
    let names = all.items.into_iter().filter_map(|pod| pod.metadata.name);
    Ok(names.map(|name| output(cluster, &pods, &name)).collect())
}

/// Creates a namespace that only accepts pods of the restricted standard.
fn restricted(cluster: &Cluster, name: &str) -> Outcome {
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
    let namespace = serde_json::from_value(json!({"metadata": {"name": name, "labels": labels}}))?;
    cluster.run(namespaces.create(&PostParams::default(), &namespace))?;
    let pods: Api<Pod> = Api::namespaced(cluster.client(), name);
    let other = json!({"metadata": {"name": "other"}, "spec": {"containers": [{"name": "other", "image": POD}]}});
    let refused = create(cluster, &pods, &other);
    let refused =
        refused.as_ref().is_err_and(|error| error.message().is_some_and(|message| message.contains("PodSecurity")));
    if refused { Ok(()) } else { Err("a pod without a security context was not refused".into()) }
}

fn create(cluster: &Cluster, pods: &Api<Pod>, pod: &Value) -> Outcome {
    let pod = serde_json::from_value(pod.clone())?;
    cluster.run(pods.create(&PostParams::default(), &pod))?;
    Ok(())
}

/// Waits for a state of a pod; the error contains the kubelet's message.
fn await_pod(cluster: &Cluster, pods: &Api<Pod>, name: &str, is_so: impl Fn(&Value) -> bool) -> Outcome {
    let begin = Instant::now();
    loop {
        let pod = serde_json::to_value(cluster.run(pods.get(name))?)?;
        if is_so(&pod) {
            return Ok(());
        }
        if begin.elapsed() > DEADLINE || pod["status"]["phase"] == "Failed" {
            let (status, output, kubelet) = (&pod["status"], output(cluster, pods, name), cluster.log("kubelet"));
            let error =
                format!("{name} is not so: {status:#}\nits output: {output}\nthe kubelet's log ends with:\n{kubelet}");
            return Err(error.into());
        }
        sleep(Duration::from_millis(100));
    }
}

/// The output of a pod, or why it is unknown.
fn output(cluster: &Cluster, pods: &Api<Pod>, name: &str) -> String {
    cluster.run(pods.logs(name, &LogParams::default())).unwrap_or_else(|error| error.to_string())
}
