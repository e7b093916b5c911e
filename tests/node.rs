//! The tests' own cluster has the features that the installer's tests need: pods run, Deployments, Services and Pod
//! Security work, and nothing of it remains afterwards.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cluster::images::{self, POD};
use cluster::{Cluster, or_reason};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::api::{LogParams, PostParams};
use kube::runtime::conditions::{Condition, is_deployment_completed, is_pod_running};
use kube::runtime::wait::await_condition;
use kube::{Api, Resource};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use olm_catalog::image::spec::{ImageConfig, Run};
use olm_catalog::image::{Entry, Image, PlatformImage, Repository, layer};
use olm_catalog::registry;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::timeout;

/// The time limit for anything that a case waits for.
const DEADLINE: Duration = Duration::from_secs(90);

/// The cluster, until the last case stops it; or why there is none.
type Held = Mutex<Result<Option<Cluster>, String>>;

type Case = fn(&Cluster) -> Result<(), Failed>;

fn main() {
    let mut arguments = Arguments::from_args();
    // The last case stops the cluster.
    arguments.test_threads = Some(1);
    let before = Traces::now();
    let held: Arc<Held> =
        Arc::new(Mutex::new(if arguments.list { Err("only listed".to_owned()) } else { start().map(Some) }));
    let mut trials = Vec::new();
    let cases: [(&str, Case); 6] = [
        ("a_pod_gets_ready", a_pod_gets_ready),
        ("a_deployment_completes", a_deployment_completes),
        ("a_service_answers_in_the_cluster", a_service_answers_in_the_cluster),
        ("a_restricted_namespace_accepts_only_restricted_pods", a_restricted_namespace_accepts_only_restricted_pods),
        ("a_deleted_namespace_goes", a_deleted_namespace_goes),
        ("an_image_comes_from_the_registry", an_image_comes_from_the_registry),
    ];
    for (name, case) in cases {
        let held = Arc::clone(&held);
        trials.push(Trial::ignorable_test(name, move || match &*lock(&held) {
            Ok(cluster) => case(cluster.as_ref().unwrap()).map(|()| Completion::Completed),
            Err(reason) => Ok(Completion::ignored_with(reason)),
        }));
    }
    let last = Arc::clone(&held);
    trials.push(Trial::ignorable_test("nothing_is_left", move || nothing_is_left(&before, &last)));
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Exiting runs no destructors.
    drop(held);
    conclusion.exit()
}

/// A case that panicked does not change the cluster.
fn lock(held: &Held) -> MutexGuard<'_, Result<Option<Cluster>, String>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start() -> Result<Cluster, String> {
    or_reason(Cluster::with_node("node"))
}

fn a_pod_gets_ready(cluster: &Cluster) -> Result<(), Failed> {
    let pods = namespaced::<Pod>(cluster, "default");
    create(cluster, &pods, pod("waits", &["pause"]))?;
    wait(cluster, &pods, "waits", is_ready)
}

fn a_deployment_completes(cluster: &Cluster) -> Result<(), Failed> {
    let deployments = namespaced::<Deployment>(cluster, "default");
    create(cluster, &deployments, deployment("two", 2, &["pause"]))?;
    wait(cluster, &deployments, "two", is_deployment_completed())
}

/// By its address and by its name.
fn a_service_answers_in_the_cluster(cluster: &Cluster) -> Result<(), Failed> {
    let deployments = namespaced::<Deployment>(cluster, "default");
    create(cluster, &deployments, deployment("answers", 1, &["serve", "0.0.0.0:8080", "hello"]))?;
    let services = namespaced::<Service>(cluster, "default");
    let service = json!({
        "metadata": {"name": "answers"},
        "spec": {"selector": {"app": "answers"}, "ports": [{"port": 80, "targetPort": 8080}]},
    });
    let service = create(cluster, &services, service)?;
    let address = service.spec.and_then(|spec| spec.cluster_ip).ok_or("a Service without an address")?;
    let pods = namespaced::<Pod>(cluster, "default");
    for (name, host) in [("asks-the-address", address.as_str()), ("asks-the-name", "answers.default.svc")] {
        create(cluster, &pods, pod(name, &["fetch", &format!("{host}:80"), "hello"]))?;
        succeeds(cluster, &pods, name)?;
    }
    Ok(())
}

fn a_restricted_namespace_accepts_only_restricted_pods(cluster: &Cluster) -> Result<(), Failed> {
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
    create(cluster, &namespaces, json!({"metadata": {"name": "restricted", "labels": labels}}))?;
    let pods = namespaced::<Pod>(cluster, "restricted");
    let refused = create(cluster, &pods, pod("privileged", &["pause"]));
    if !refused.as_ref().is_err_and(|error| error.message().is_some_and(|said| said.contains("PodSecurity"))) {
        return Err(format!("a pod without a security context was not refused: {refused:?}").into());
    }
    let mut restricted = pod("restricted", &["root-is-read-only"]);
    restricted["spec"]["securityContext"] = json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    restricted["spec"]["containers"][0]["securityContext"] = json!({
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
    });
    create(cluster, &pods, restricted)?;
    succeeds(cluster, &pods, "restricted")
}

fn a_deleted_namespace_goes(cluster: &Cluster) -> Result<(), Failed> {
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    create(cluster, &namespaces, json!({"metadata": {"name": "passing"}}))?;
    let pods = namespaced::<Pod>(cluster, "passing");
    create(cluster, &pods, pod("waits", &["pause"]))?;
    wait(cluster, &pods, "waits", is_pod_running())?;
    cluster.run(namespaces.delete("passing", &Default::default()))?;
    wait(cluster, &namespaces, "passing", |namespace: Option<&Namespace>| namespace.is_none())
}

/// Pushed from here, pulled by the node, under one name.
fn an_image_comes_from_the_registry(cluster: &Cluster) -> Result<(), Failed> {
    let registry = cluster.registry()?;
    let image = images::pod()?;
    let repository: Repository = format!("{registry}/tests/pod").parse()?;
    let client = registry::Client::new(registry::Options::default())?;
    // An index of two platforms, from which the node takes its own.
    let elsewhere = layer([Entry::file("pod", b"not for this machine".as_slice()).mode(0o755)])?;
    let elsewhere = Image::new(ImageConfig::linux("s390x", Run::default()), vec![elsewhere]);
    let image = PlatformImage::new(vec![elsewhere, image])?;
    client.upload(&repository, &[&image], &|_, _| ())?;
    let pods = namespaced::<Pod>(cluster, "default");
    let mut pod = pod("pulled", &["pause"]);
    pod["spec"]["containers"][0]["image"] = json!(repository.pinned(image.digest()).to_string());
    create(cluster, &pods, pod)?;
    wait(cluster, &pods, "pulled", is_ready)
}

/// Stops the cluster and checks that nothing remains in the kernel: no thread in its namespaces, no process started by
/// this one, no mount, no interface, no control group and no file.
fn nothing_is_left(before: &Traces, held: &Held) -> Result<Completion, Failed> {
    let cluster = match &mut *lock(held) {
        Ok(cluster) => cluster.take().unwrap(),
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    let (first, cgroup) = cluster.machine().ok_or("a cluster without a machine")?;
    let (cgroup, folder) = (cgroup.to_owned(), cluster.kubeconfig().parent().unwrap().to_owned());
    let namespaces = [fs::read_link(format!("/proc/{first}/ns/pid"))?, fs::read_link(format!("/proc/{first}/ns/net"))?];
    let running = threads_in(&namespaces);
    if running < 50 {
        return Err(format!("{running} threads in the cluster's namespaces: this looks at the wrong place").into());
    }
    drop(cluster);
    let mut left = before.more_in(&Traces::now());
    let running = threads_in(&namespaces);
    if running > 0 {
        left.push(format!("{running} threads in the cluster's namespaces"));
    }
    // From any thread: processes of an ended thread get another parent.
    for thread in fs::read_dir("/proc/self/task")?.flatten() {
        let started = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        if !started.is_empty() {
            left.push(format!("processes {started}"));
        }
    }
    let cgroups = Path::new("/sys/fs/cgroup");
    let trees = fs::read_dir(cgroups)?.map(|entry| entry.unwrap().path()).chain([cgroups.to_owned()]);
    left.extend(
        trees
            .map(|tree| tree.join(&cgroup))
            .chain([folder])
            .filter(|path| path.exists())
            .map(|path| format!("{path:?}")),
    );
    if left.is_empty() { Ok(Completion::Completed) } else { Err(format!("left: {left:#?}").into()) }
}

/// The machine-wide state of the kernel.
struct Traces(BTreeSet<String>);

impl Traces {
    fn now() -> Self {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        // Without the identifiers, which change when something else is mounted meanwhile.
        let mounts = mounts.lines().map(|line| format!("mount {}", line.splitn(5, ' ').last().unwrap_or_default()));
        let interfaces = fs::read_to_string("/proc/self/net/dev").unwrap();
        let interfaces = interfaces.lines().skip(2).filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned()));
        Self(mounts.chain(interfaces.map(|name| format!("interface {name}"))).collect())
    }

    fn more_in(&self, later: &Self) -> Vec<String> {
        later.0.difference(&self.0).cloned().collect()
    }
}

/// How many threads, including those of this process, are in one of the namespaces.
fn threads_in(namespaces: &[PathBuf; 2]) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let threads = processes.filter_map(|process| fs::read_dir(process.path().join("task")).ok()).flatten().flatten();
    let is_in = |thread: &DirEntry, kind: &str, namespace: &Path| {
        fs::read_link(thread.path().join("ns").join(kind)).is_ok_and(|link| link == namespace)
    };
    threads.filter(|thread| is_in(thread, "pid", &namespaces[0]) || is_in(thread, "net", &namespaces[1])).count()
}

/// A pod of the tests' own program.
fn pod(name: &str, arguments: &[&str]) -> Value {
    json!({"metadata": {"name": name}, "spec": {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "containers": [{"name": "pod", "image": POD, "args": arguments}],
    }})
}

fn deployment(name: &str, replicas: u32, arguments: &[&str]) -> Value {
    let mut template = pod(name, arguments);
    template["metadata"] = json!({"labels": {"app": name}});
    template["spec"]["restartPolicy"] = json!("Always");
    let selector = json!({"matchLabels": {"app": name}});
    json!({"metadata": {"name": name}, "spec": {"replicas": replicas, "selector": selector, "template": template}})
}

fn namespaced<K>(cluster: &Cluster, namespace: &str) -> Api<K>
where
    K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(cluster.client(), namespace)
}

fn create<K>(cluster: &Cluster, api: &Api<K>, object: Value) -> Result<K, Failed>
where
    K: Clone + Debug + DeserializeOwned + Serialize,
{
    Ok(cluster.run(api.create(&PostParams::default(), &serde_json::from_value(object)?))?)
}

/// Waits for a condition; after the time limit, the error contains the kubelet's message.
fn wait<K>(cluster: &Cluster, api: &Api<K>, name: &str, condition: impl Condition<K>) -> Result<(), Failed>
where
    K: Clone + Debug + Send + DeserializeOwned + Resource + Serialize + 'static,
    K::DynamicType: Default,
{
    let waited = cluster.run(async { timeout(DEADLINE, await_condition(api.clone(), name, condition)).await });
    if let Ok(result) = waited {
        return Ok(result.map(drop)?);
    }
    let now = cluster.run(api.get(name)).map(|object| serde_json::to_value(object).unwrap()["status"].to_string());
    Err(format!(
        "{name} is not so after {DEADLINE:?}: {now:?}\nthe kubelet's log ends with:\n{}",
        cluster.log("kubelet")
    )
    .into())
}

/// Waits until a pod's program has ended successfully.
fn succeeds(cluster: &Cluster, pods: &Api<Pod>, name: &str) -> Result<(), Failed> {
    let phase = |pod: Option<&Pod>| pod.and_then(|pod| pod.status.as_ref()?.phase.clone()).unwrap_or_default();
    wait(cluster, pods, name, |pod: Option<&Pod>| matches!(phase(pod).as_str(), "Succeeded" | "Failed"))?;
    if phase(Some(&cluster.run(pods.get(name))?)) == "Succeeded" {
        return Ok(());
    }
    let said = cluster.run(pods.logs(name, &LogParams::default()));
    Err(format!("{name} failed; it said {said:?}").into())
}

fn is_ready(pod: Option<&Pod>) -> bool {
    let conditions = pod.and_then(|pod| pod.status.as_ref()?.conditions.as_ref());
    conditions.into_iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
