//! A registry on the node.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use olm_catalog::yaml;
use serde_json::json;

use super::process::Processes;

/// How long it may take to listen.
const LISTENS: Duration = Duration::from_secs(120);

/// Starts a registry on a port of the loopback address. Returns its name.
pub(super) fn start(processes: &mut Processes, folder: &Path, port: u16) -> Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let config = json!({
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"inmemory": {}},
        "http": {"addr": address},
    });
    let path = folder.join("registry.yaml");
    fs::write(&path, yaml::to_yaml(&config)?).with_context(|| format!("cannot write {}", path.display()))?;
    processes.start("registry", Path::new("docker-registry"), &["serve".into(), path.display().to_string()])?;
    let deadline = Instant::now() + LISTENS;
    while !answers(address) {
        processes.all_run()?;
        if Instant::now() > deadline {
            bail!("the registry does not answer after {LISTENS:?}, its log ends with:\n{}", processes.tail("registry"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(address.to_string())
}

/// The forwarding accepts every connection, and closes it if nobody listens at the other end.
fn answers(address: SocketAddr) -> bool {
    use std::io::{Read as _, Write as _};
    let mut answer = [0; 5];
    TcpStream::connect(address)
        .and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.write_all(b"GET /v2/ HTTP/1.0\r\n\r\n")?;
            stream.read_exact(&mut answer)
        })
        .is_ok_and(|()| &answer == b"HTTP/")
}
