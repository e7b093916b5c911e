//! etcd and the API server.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::credentials::Authority;
use super::process::Processes;
use super::programs::Programs;

/// Where Services get their addresses from.
const SERVICES: &str = "10.96.0.0/16";

/// What was started.
pub(super) struct ControlPlane {
    /// The administrator's.
    pub(super) kubeconfig: PathBuf,
}

/// Starts both, on free ports of the loopback address. They are not ready yet.
pub(super) fn start(processes: &mut Processes, programs: &Programs, folder: &Path) -> Result<ControlPlane> {
    let [client, peer, secure] = free_ports()?;
    let etcd = format!("http://127.0.0.1:{client}");
    let peers = format!("http://127.0.0.1:{peer}");
    let data = folder.join("etcd");
    fs::create_dir(&data).with_context(|| format!("cannot make {}", data.display()))?;
    let arguments = [
        format!("--data-dir={}", data.display()),
        format!("--listen-client-urls={etcd}"),
        format!("--advertise-client-urls={etcd}"),
        format!("--listen-peer-urls={peers}"),
        format!("--initial-advertise-peer-urls={peers}"),
        format!("--initial-cluster=default={peers}"),
    ];
    processes.start("etcd", Path::new("etcd"), &arguments)?;

    let mut authority = Authority::new(folder)?;
    let server = authority.server("kube-apiserver", &["127.0.0.1".into(), "localhost".into()])?;
    let service_accounts = authority.key("service-accounts")?;
    let kubeconfig = authority.kubeconfig("admin", &["system:masters"], &format!("https://127.0.0.1:{secure}"))?;
    let arguments = [
        format!("--etcd-servers={etcd}"),
        "--bind-address=127.0.0.1".into(),
        "--advertise-address=127.0.0.1".into(),
        format!("--secure-port={secure}"),
        format!("--tls-cert-file={}", server.certificate.display()),
        format!("--tls-private-key-file={}", server.key.display()),
        format!("--token-auth-file={}", authority.tokens()?.display()),
        "--authorization-mode=RBAC".into(),
        format!("--service-cluster-ip-range={SERVICES}"),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        format!("--service-account-key-file={}", service_accounts.public.display()),
        format!("--service-account-signing-key-file={}", service_accounts.private.display()),
        // No pod could reach the loopback address, so it is not offered.
        "--endpoint-reconciler-type=none".into(),
    ];
    processes.start("kube-apiserver", &programs.kubernetes("kube-apiserver"), &arguments)?;
    Ok(ControlPlane { kubeconfig })
}

/// Ports that nothing listens on. They are free together, then given up for the programs to take.
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
