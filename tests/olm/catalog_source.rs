//! CatalogSources: their pod, their Service, and the connection to what they serve.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::served::{Contents, Program, Programs, ask};
use super::store::{Kind, Object, is_going, name, namespace, now, owned_by, text, uid};

/// The catalog that OLM's own manifests bring. It is far too large for a test: it is ready, and empty.
const DEFAULT: &str = "quay.io/operatorhubio/catalog:latest";

/// The connections, by the CatalogSource's uid.
pub(super) struct Sources {
    programs: Programs,
    connected: BTreeMap<String, Source>,
}

/// A connection to a catalog.
pub(super) struct Source {
    /// What the connection is for: another image or folder needs another one.
    image: String,
    folder: Option<PathBuf>,
    program: Option<Arc<Program>>,
    pub(super) contents: Arc<Contents>,
    pub(super) package_manifests: bool,
}

impl Sources {
    pub(super) fn new() -> Self {
        Self { programs: Programs::new(), connected: BTreeMap::new() }
    }

    /// What a CatalogSource serves, where OLM is connected to it.
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
        if !same {
            self.sources.connected.remove(uid(source));
        }
        let is_default = image == DEFAULT && folder.is_none();
        if self.settings.catalog_never_ready && !is_default {
            self.sources.connected.remove(uid(source));
            return self.catalog_status(source, "CONNECTING", None).await;
        }
        if same {
            return self.catalog_status(source, "READY", None).await;
        }
        if !self.has_node && !is_default {
            self.catalog_objects(source, folder.is_some()).await?;
        }
        let (program, contents) = match &folder {
            None if is_default => (None, Contents::default()),
            None => return self.catalog_status(source, "TRANSIENT_FAILURE", None).await,
            Some(folder) => {
                self.catalog_status(source, "CONNECTING", None).await?;
                let program = match self.sources.programs.serve(folder).await {
                    Ok(program) => program,
                    Err(error) => {
                        let message = format!("couldn't ensure registry server - {error:#}");
                        return self.catalog_status(source, "TRANSIENT_FAILURE", Some(&message)).await;
                    }
                };
                let contents = ask(program.addr).await?;
                (Some(program), contents)
            }
        };
        let (contents, package_manifests) = (Arc::new(contents), false);
        let connection = Source { image, folder, program, contents, package_manifests };
        self.sources.connected.insert(uid(source).to_owned(), connection);
        self.catalog_status(source, "READY", None).await
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

    /// The service account, the Service and the pod of a catalog, on a cluster where no pod runs.
    async fn catalog_objects(&mut self, source: &Object, published: bool) -> Result<()> {
        let (name, namespace) = (name(source), namespace(source));
        let metadata = |name: &str| {
            json!({"name": name, "namespace": namespace, "ownerReferences": [owned_by(source)],
                   "labels": {"olm.catalogSource": source["metadata"]["name"], "olm.managed": "true"}})
        };
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name)});
        self.server.create(&account).await?;
        self.server
            .create(&json!({
                "apiVersion": "v1", "kind": "Service", "metadata": metadata(&name.replace('.', "-")),
                "spec": {"ports": [{"name": "grpc", "port": 50051, "targetPort": 50051}],
                         "selector": {"olm.catalogSource": name, "olm.managed": "true"}},
            }))
            .await?;
        let kind = Kind::new("v1", "Pod");
        let pods = self.server.list(&kind, namespace).await?;
        let old = pods.into_iter().find(|pod| pod["metadata"]["labels"]["olm.catalogSource"] == name);
        let image = &source["spec"]["image"];
        let mut pod = match old {
            Some(pod) if pod["spec"]["containers"][0]["image"] == *image => pod,
            old => {
                if let Some(old) = old {
                    self.server.delete(&kind, namespace, super::store::name(&old)).await?;
                }
                let pod_name = format!("{name}-{}", self.random.suffix());
                let mut pod = pod(source);
                pod["metadata"] = metadata(&pod_name);
                let Some(created) = self.server.create(&pod).await? else { return Ok(()) };
                created
            }
        };
        (pod["apiVersion"], pod["kind"]) = (json!("v1"), json!("Pod"));
        let waiting = text(&pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"]) == "ImagePullBackOff";
        let runs = text(&pod["status"]["phase"]) == "Running";
        if if published { runs } else { waiting } {
            return Ok(());
        }
        self.server.patch(&kind, &pod, "/status", json!({"status": pod_status(image, published)})).await?;
        if !published {
            self.server.create(&self.pull_event(&pod, text(image))).await?;
        }
        Ok(())
    }

    fn pull_event(&self, pod: &Value, image: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": format!("{}.pull", name(pod)), "namespace": namespace(pod)},
            "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": name(pod), "namespace": namespace(pod),
                               "uid": uid(pod), "fieldPath": "spec.containers{registry-server}"},
            "type": "Warning", "reason": "Failed", "message": pull_error(image),
            "source": {"component": "kubelet"}, "count": 1, "firstTimestamp": now(), "lastTimestamp": now(),
        })
    }
}

fn pull_error(image: &str) -> String {
    format!(
        "Failed to pull image \"{image}\": rpc error: code = NotFound desc = failed to pull and unpack image \
         \"{image}\": failed to resolve reference \"{image}\": {image}: not found"
    )
}

/// The pod of a catalog, as OLM 0.28 makes it.
fn pod(source: &Value) -> Value {
    let probe = json!({"exec": {"command": ["grpc_health_probe", "-addr=:50051"]}, "timeoutSeconds": 5});
    let with = |more: Value| {
        let mut probe = probe.clone();
        for (key, value) in more.as_object().into_iter().flatten() {
            probe[key] = value.clone();
        }
        probe
    };
    let restricted = source["spec"]["grpcPodConfig"]["securityContextConfig"] == "restricted";
    let (mut pod_context, mut context) = (json!({}), json!({"readOnlyRootFilesystem": false}));
    if restricted {
        pod_context = json!({"runAsNonRoot": true, "runAsUser": 1001, "seccompProfile": {"type": "RuntimeDefault"}});
        context["allowPrivilegeEscalation"] = json!(false);
        context["capabilities"] = json!({"drop": ["ALL"]});
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "spec": {
            "serviceAccountName": name(source),
            "automountServiceAccountToken": false,
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "securityContext": pod_context,
            "containers": [{
                "name": "registry-server",
                "image": source["spec"]["image"],
                "imagePullPolicy": if text(&source["spec"]["image"]).contains('@') { "IfNotPresent" } else { "Always" },
                "ports": [{"name": "grpc", "containerPort": 50051}],
                "readinessProbe": with(json!({"initialDelaySeconds": 5})),
                "livenessProbe": with(json!({"initialDelaySeconds": 10})),
                "startupProbe": with(json!({"failureThreshold": 10, "periodSeconds": 10})),
                "resources": {"requests": {"cpu": "10m", "memory": "50Mi"}},
                "securityContext": context,
                "terminationMessagePolicy": "FallbackToLogsOnError",
            }],
        },
    })
}

fn pod_status(image: &Value, published: bool) -> Value {
    let state = if published {
        json!({"running": {"startedAt": now()}})
    } else {
        let message = format!("Back-off pulling image \"{}\": {}", text(image), pull_error(text(image)));
        json!({"waiting": {"reason": "ImagePullBackOff", "message": message}})
    };
    let ready = if published { "True" } else { "False" };
    let mut condition = json!({"type": "Ready", "status": ready, "lastTransitionTime": now()});
    if !published {
        condition["reason"] = json!("ContainersNotReady");
        condition["message"] = json!("containers with unready status: [registry-server]");
    }
    json!({
        "phase": if published { "Running" } else { "Pending" },
        "conditions": [condition],
        "containerStatuses": [{
            "name": "registry-server", "image": image, "imageID": "", "ready": published, "started": published,
            "restartCount": 0, "state": state,
        }],
    })
}
