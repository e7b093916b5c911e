//! etcd and the API server.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::{Context, Result};

use super::credentials::Authority;
use super::process::Processes;
use super::programs::Programs;

/// The address range of Services.
const SERVICES: &str = "10.96.0.0/16";
/// The first of them is the API server's.
const SERVER: &str = "10.96.0.1";

/// The addresses on which the control plane listens.
pub(super) struct Addresses {
    etcd: u16,
    peers: u16,
    server: u16,
    /// The address at which pods reach the API server; without it, only the loopback address works.
    node: Option<Ipv4Addr>,
}

impl Addresses {
    /// On free ports of this machine.
    pub(super) fn free() -> Result<Self> {
        let [etcd, peers, server] = free_ports()?;
        Ok(Self { etcd, peers, server, node: None })
    }

    /// On a separate machine.
    pub(super) fn on_node(node: Ipv4Addr, server: u16) -> Self {
        Self { etcd: 2379, peers: 2380, server, node: Some(node) }
    }

    /// The API server's address for programs on the same machine.
    pub(super) fn server(&self) -> String {
        format!("https://127.0.0.1:{}", self.server)
    }
}

/// Starts etcd, with its data in a new folder.
pub(super) fn start_etcd(processes: &mut Processes, addresses: &Addresses, data: &Path) -> Result<()> {
    let etcd = format!("http://127.0.0.1:{}", addresses.etcd);
    let peers = format!("http://127.0.0.1:{}", addresses.peers);
    let arguments = [
        format!("--data-dir={}", data.display()),
        format!("--listen-client-urls={etcd}"),
        format!("--advertise-client-urls={etcd}"),
        format!("--listen-peer-urls={peers}"),
        format!("--initial-advertise-peer-urls={peers}"),
        format!("--initial-cluster=default={peers}"),
    ];
    processes.start("etcd", Path::new("etcd"), &arguments)
}

/// Starts the API server. Tokens must exist before.
pub(super) fn start_server(
    processes: &mut Processes,
    programs: &Programs,
    addresses: &Addresses,
    authority: &Authority,
) -> Result<()> {
    let node = addresses.node.unwrap_or(Ipv4Addr::LOCALHOST);
    let hosts = ["127.0.0.1", "localhost", &node.to_string(), SERVER, "kubernetes.default.svc"].map(str::to_owned);
    let server = authority.server("kube-apiserver", &hosts)?;
    let kubelets = authority.client("kubelet-client", "kube-apiserver", "system:masters")?;
    let extensions = authority.client("front-proxy", "front-proxy", "")?;
    let ca = authority.certificate();
    let mut arguments = vec![
        format!("--etcd-servers=http://127.0.0.1:{}", addresses.etcd),
        format!("--bind-address={}", if addresses.node.is_some() { Ipv4Addr::UNSPECIFIED } else { node }),
        format!("--advertise-address={node}"),
        format!("--secure-port={}", addresses.server),
        format!("--tls-cert-file={}", server.certificate.display()),
        format!("--tls-private-key-file={}", server.key.display()),
        format!("--token-auth-file={}", authority.tokens()?.display()),
        "--authorization-mode=Node,RBAC".into(),
        "--enable-admission-plugins=NodeRestriction".into(),
        "--allow-privileged=true".into(),
        format!("--service-cluster-ip-range={SERVICES}"),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        format!("--service-account-key-file={}", authority.service_accounts().public.display()),
        format!("--service-account-signing-key-file={}", authority.service_accounts().private.display()),
        format!("--kubelet-client-certificate={}", kubelets.certificate.display()),
        format!("--kubelet-client-key={}", kubelets.key.display()),
        "--kubelet-preferred-address-types=InternalIP".into(),
        // How aggregated API servers behind this one identify it and its users.
        format!("--requestheader-client-ca-file={}", ca.display()),
        "--requestheader-allowed-names=front-proxy".into(),
        "--requestheader-username-headers=X-Remote-User".into(),
        "--requestheader-group-headers=X-Remote-Group".into(),
        "--requestheader-extra-headers-prefix=X-Remote-Extra-".into(),
        format!("--proxy-client-cert-file={}", extensions.certificate.display()),
        format!("--proxy-client-key-file={}", extensions.key.display()),
    ];
    if addresses.node.is_none() {
        // Pods could not reach the loopback address, so it is not offered.
        arguments.push("--endpoint-reconciler-type=none".into());
    }
    processes.start("kube-apiserver", &programs.built("kube-apiserver"), &arguments)
}

/// Unused ports. They are reserved together, then released for the programs.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut ports = [0; N];
    let mut held = Vec::new();
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        *port = listener.local_addr().context("no free port")?.port();
        held.push(listener);
    }
    Ok(ports)
}
