//! CatalogSources: the connection to their content, from a pod on a node, or from a program on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::super::cluster::Forward;
use super::Player;
use super::catalog_pod::{is_ready, pull_error};
use super::served::{Contents, Program, Programs, ask};
use super::store::{Kind, Object, is_going, name, namespace, now, text, uid};

/// The catalog in OLM's own manifests. It is far too large for a test, so here it is ready and empty.
const DEFAULT: &str = "quay.io/operatorhubio/catalog:latest";

/// The connections, by the CatalogSource's uid.
pub(super) struct Sources {
    programs: Programs,
    connected: BTreeMap<String, Source>,
}

/// A connection to a catalog.
pub(super) struct Source {
    /// The content of the connection: another image or folder needs another connection.
    image: String,
    folder: Option<PathBuf>,
    /// The pod at the other end, on a node.
    pod: String,
    /// A guard that keeps it open.
    _way: Way,
    pub(super) contents: Arc<Contents>,
    /// Whether its packages are shown.
    pub(super) shown: bool,
}

/// A connection, the pod's uid if there is one, and its content.
type Connected = (Way, String, Contents);

/// The source of a catalog's content.
enum Way {
    /// None: there is nothing to query.
    Nowhere,
    Program {
        _program: Arc<Program>,
    },
    Pod {
        _forward: Forward,
    },
}

impl Sources {
    pub(super) fn new() -> Self {
        Self { programs: Programs::new(), connected: BTreeMap::new() }
    }

    /// The content of a CatalogSource to which OLM is connected.
    pub(super) fn contents(&self, source: &Value) -> Option<&Arc<Contents>> {
        self.connected.get(uid(source)).map(|source| &source.contents)
    }

    pub(super) fn get_mut(&mut self, source: &Value) -> Option<&mut Source> {
        self.connected.get_mut(uid(source))
    }
}

impl Player {
    pub(super) async fn catalog_sources(&mut self) -> Result<()> {
        let sources: Vec<Object> = self.catalogs.all().filter(|source| !is_going(source)).cloned().collect();
        let there: BTreeSet<&str> = sources.iter().map(|source| uid(source)).collect();
        self.sources.connected.retain(|uid, _| there.contains(uid.as_str()));
        for source in &sources {
            self.catalog_source(source).await?;
        }
        Ok(())
    }

    async fn catalog_source(&mut self, source: &Object) -> Result<()> {
        let image = text(&source["spec"]["image"]).to_owned();
        let folder = self.settings.catalogs.get(&image).cloned();
        let known = self.sources.connected.get(uid(source));
        let same = known.is_some_and(|known| known.image == image && known.folder == folder);
        let known_folder = known.map(|known| known.folder.clone());
        if !same {
            self.sources.connected.remove(uid(source));
        }
        let is_default = image == DEFAULT && folder.is_none();
        if self.settings.catalog_never_ready && !is_default {
            self.sources.connected.remove(uid(source));
            return self.catalog_status(source, "CONNECTING", None).await;
        }
        let connected = if is_default {
            (!same).then(|| (Way::Nowhere, String::new(), Contents::default()))
        } else if self.has_node() {
            // A newer catalog under the same image needs another pod.
            let newer = known_folder.is_some_and(|known| known != folder);
            match self.by_pod(source, newer).await? {
                Some(connected) => connected,
                None => return Ok(()),
            }
        } else if same {
            None
        } else {
            match self.by_program(source, folder.clone()).await? {
                Some(connected) => Some(connected),
                None => return Ok(()),
            }
        };
        if let Some((way, pod, contents)) = connected {
            let (contents, shown) = (Arc::new(contents), false);
            let connection = Source { image, folder, pod, _way: way, contents, shown };
            self.sources.connected.insert(uid(source).to_owned(), connection);
        }
        self.catalog_status(source, "READY", None).await
    }

    /// Connects to a program on this machine. None if there is nothing to serve.
    async fn by_program(&mut self, source: &Object, folder: Option<PathBuf>) -> Result<Option<Connected>> {
        let pod = self.catalog_pod(source, false).await?;
        self.play_pod(source, &pod, folder.is_some()).await?;
        let Some(folder) = folder else {
            self.catalog_status(source, "TRANSIENT_FAILURE", None).await?;
            return Ok(None);
        };
        self.catalog_status(source, "CONNECTING", None).await?;
        match self.sources.programs.serve(&folder).await {
            Ok(program) => {
                let contents = ask(program.addr).await?;
                Ok(Some((Way::Program { _program: program }, String::new(), contents)))
            }
            Err(error) => {
                let message = format!("couldn't ensure registry server - {error:#}");
                self.catalog_status(source, "TRANSIENT_FAILURE", Some(&message)).await?;
                Ok(None)
            }
        }
    }

    /// Connects to the catalog's pod through its Service, unless it is connected already. None if the pod is not ready.
    async fn by_pod(&mut self, source: &Object, newer: bool) -> Result<Option<Option<Connected>>> {
        let pod = self.catalog_pod(source, newer).await?;
        if !is_ready(&pod) {
            self.sources.connected.remove(uid(source));
            let state = if pull_error(&pod).is_some() { "TRANSIENT_FAILURE" } else { "CONNECTING" };
            self.catalog_status(source, state, None).await?;
            return Ok(None);
        }
        if self.sources.connected.get(uid(source)).is_some_and(|known| known.pod == uid(&pod)) {
            return Ok(Some(None));
        }
        self.sources.connected.remove(uid(source));
        self.catalog_status(source, "CONNECTING", None).await?;
        let (kind, service) = (Kind::new("v1", "Service"), name(source).replace('.', "-"));
        let address = self.server.get(&kind, namespace(source), &service).await?.unwrap_or_default();
        let address: IpAddr = text(&address["spec"]["clusterIP"]).parse().context("a Service without an address")?;
        let network = self.network.as_ref().context("a cluster without a node")?;
        let forward = network.reach(SocketAddr::new(address, 50051))?;
        let contents = ask(SocketAddr::from((Ipv4Addr::LOCALHOST, forward.port()))).await?;
        Ok(Some(Some((Way::Pod { _forward: forward }, uid(&pod).to_owned(), contents))))
    }

    async fn catalog_status(&self, source: &Object, state: &str, error: Option<&str>) -> Result<()> {
        let (name, namespace) = (name(source), namespace(source));
        let old = &source["status"];
        if old["connectionState"]["lastObservedState"] == state && old["message"].as_str() == error {
            return Ok(());
        }
        let mut status = json!({
            "connectionState": {
                "address": format!("{name}.{namespace}.svc:50051"),
                "lastConnect": now(),
                "lastObservedState": state,
            },
            "registryService": {
                "createdAt": now(), "port": "50051", "protocol": "grpc",
                "serviceName": name.replace('.', "-"), "serviceNamespace": namespace,
            },
        });
        if let Some(error) = error {
            (status["message"], status["reason"]) = (json!(error), json!("RegistryServerError"));
        }
        // A CatalogSource without a status has had no other state yet.
        if state != "CONNECTING" && old.is_null() {
            let mut first = status.clone();
            first["connectionState"]["lastObservedState"] = json!("CONNECTING");
            self.server.set_status(&Kind::olm("CatalogSource"), source, &first).await?;
        }
        self.server.set_status(&Kind::olm("CatalogSource"), source, &status).await.map(drop)
    }
}
