//! A node: containerd and the Kubernetes programs that run pods, on a separate machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use olm_catalog::image::Image;
use olm_catalog::yaml;
use serde_json::{Value, json};

use super::credentials::Authority;
use super::images::{self, POD};
use super::machine::{ADDRESS, Machine, NAME, NETWORK};
use super::process::Processes;
use super::programs::Programs;

/// The programs that a node needs in addition to the API server.
pub(super) const PROGRAMS: [&str; 5] =
    ["kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "coredns"];
/// The location of Debian's containernetworking-plugins.
pub(super) const CNI: &str = "/usr/lib/cni";
/// The time limit for containerd to answer, and to unpack an image.
const CONTAINERD: Duration = Duration::from_secs(60);
/// The domain of cluster names.
const DOMAIN: &str = "cluster.local";

/// The kubeconfig files of a node's programs.
pub(super) struct Credentials {
    controllers: PathBuf,
    scheduler: PathBuf,
    kubelet: PathBuf,
    proxy: PathBuf,
    names: PathBuf,
}

impl Credentials {
    /// New ones, for an API server that learns about them later.
    pub(super) fn new(authority: &mut Authority, server: &str) -> Result<Self> {
        Ok(Self {
            controllers: authority.kubeconfig("system:kube-controller-manager", &[], server)?,
            scheduler: authority.kubeconfig("system:kube-scheduler", &[], server)?,
            kubelet: authority.kubeconfig(&format!("system:node:{NAME}"), &["system:nodes"], server)?,
            proxy: authority.kubeconfig("system:kube-proxy", &[], server)?,
            // Kubernetes has no predefined role for it.
            names: authority.kubeconfig("coredns", &["system:masters"], server)?,
        })
    }
}

/// Starts containerd and imports the image of the pods' sandboxes.
pub(super) fn start_containerd(processes: &mut Processes, folder: &Path) -> Result<()> {
    let network = folder.join("cni");
    fs::create_dir(&network).with_context(|| format!("cannot make {}", network.display()))?;
    let bridge = json!({
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [{
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": true,
            "hairpinMode": true,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": NETWORK, "rangeStart": "10.244.1.1", "gateway": ADDRESS}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }],
    });
    write(&network.join("pods.conflist"), &bridge.to_string())?;
    // This process may lack the right to lower the OOM score of others, hence restrict_oom_score_adj.
    let config = format!(
        r#"version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{POD}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{CNI}"
    conf_dir = "{}"
"#,
        network.display()
    );
    let config = write(&folder.join("containerd.toml"), &config)?;
    processes.start("containerd", Path::new("containerd"), &[format!("--config={}", config.display())])?;
    import(processes, folder, &images::pod()?, POD)
}

/// Gives an image to containerd.
pub(super) fn import(processes: &mut Processes, folder: &Path, image: &Image, name: &str) -> Result<()> {
    let archive = folder.join("image.tar");
    images::archive(image, name, &archive)?;
    let arguments = ["--namespace=k8s.io", "images", "import", &archive.display().to_string()].map(str::to_owned);
    processes.succeeds(Instant::now() + CONTAINERD, Path::new("ctr"), &arguments)?;
    fs::remove_file(&archive).with_context(|| format!("cannot remove {}", archive.display()))
}

/// Starts the programs that run pods. The API server must be ready.
pub(super) fn start(
    processes: &mut Processes,
    programs: &Programs,
    machine: &Machine,
    authority: &Authority,
    credentials: &Credentials,
    folder: &Path,
) -> Result<()> {
    let ca = authority.certificate();
    let config = |name: &str, value: &Value| write(&folder.join(name), &yaml::to_yaml(value)?);
    let controllers = [
        format!("--kubeconfig={}", credentials.controllers.display()),
        format!("--service-account-private-key-file={}", authority.service_accounts().private.display()),
        format!("--root-ca-file={}", ca.display()),
        "--use-service-account-credentials=true".into(),
        "--leader-elect=false".into(),
        "--bind-address=127.0.0.1".into(),
    ];
    processes.start(PROGRAMS[0], &programs.built(PROGRAMS[0]), &controllers)?;

    let scheduler = [
        format!("--kubeconfig={}", credentials.scheduler.display()),
        "--leader-elect=false".into(),
        "--bind-address=127.0.0.1".into(),
    ];
    processes.start(PROGRAMS[1], &programs.built(PROGRAMS[1]), &scheduler)?;

    let kubelet = [
        format!("--kubeconfig={}", credentials.kubelet.display()),
        format!("--config={}", config("kubelet.yaml", &kubelet(machine, &ca))?.display()),
        format!("--hostname-override={NAME}"),
        format!("--node-ip={ADDRESS}"),
    ];
    processes.start(PROGRAMS[2], &programs.built(PROGRAMS[2]), &kubelet)?;

    let proxy = [format!("--config={}", config("kube-proxy.yaml", &proxy(&credentials.proxy))?.display())];
    processes.start(PROGRAMS[3], &programs.built(PROGRAMS[3]), &proxy)?;

    let names =
        format!(". {{\n  errors\n  kubernetes {DOMAIN} {{\n    kubeconfig {}\n  }}\n}}\n", credentials.names.display());
    let names = [format!("-conf={}", write(&folder.join("Corefile"), &names)?.display())];
    processes.start(PROGRAMS[4], &programs.built(PROGRAMS[4]), &names)
}

fn kubelet(machine: &Machine, ca: &Path) -> Value {
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": false}, "webhook": {"enabled": true}, "x509": {"clientCAFile": ca}},
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": format!("/{}", machine.cgroup()),
        "failCgroupV1": false,
        "failSwapOn": false,
        "clusterDNS": [ADDRESS],
        "clusterDomain": DOMAIN,
        "volumePluginDir": "/var/lib/kubelet/plugins-exec",
        // The disk is the tests' memory, whose size is irrelevant.
        "evictionHard": {"memory.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%", "imagefs.available": "0%", "imagefs.inodesFree": "0%"},
        "imageGCHighThresholdPercent": 100,
        "localStorageCapacityIsolation": false,
    })
}

fn proxy(kubeconfig: &Path) -> Value {
    json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": kubeconfig},
        "hostnameOverride": NAME,
        "clusterCIDR": NETWORK,
        "mode": "iptables",
        // Pods share one bridge: without this, responses would take another path than requests.
        "iptables": {"masqueradeAll": true},
        // These belong to the whole machine.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    })
}

fn write(path: &Path, text: &str) -> Result<PathBuf> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.to_owned())
}
