//! The pod of a catalog and its other objects, as OLM 0.28 creates them.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Player;
use super::store::{self, Kind, Object, list, name, namespace, now, owned_by, text, uid};

impl Player {
    /// The pod, with its service account and Service, created if it does not exist. It is recreated for another image,
    /// and on request.
    pub(super) async fn catalog_pod(&mut self, source: &Object, again: bool) -> Result<Value> {
        let kind = Kind::new("v1", "Pod");
        let pods = self.server.list(&kind, namespace(source)).await?;
        let of = |pod: &&Value| {
            pod["metadata"]["labels"][LABEL] == name(source)
                && owner_of(pod) == Some(uid(source))
                && !store::is_going(pod)
        };
        let old = pods.iter().find(of);
        if let Some(old) = old {
            if !again && old["spec"]["containers"][0]["image"] == source["spec"]["image"] {
                return Ok(old.clone());
            }
            self.server.delete(&kind, namespace(source), name(old)).await?;
        }
        let metadata = |name: &str| {
            json!({"name": name, "namespace": namespace(source), "ownerReferences": [owned_by(source)],
                   "labels": {LABEL: source["metadata"]["name"], "olm.managed": "true"}})
        };
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name(source))});
        self.server.create(&account).await?;
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": metadata(&name(source).replace('.', "-")),
            "spec": {"ports": [{"name": "grpc", "port": 50051, "targetPort": 50051}],
                     "selector": {LABEL: name(source), "olm.managed": "true"}},
        });
        self.server.create(&service).await?;
        let mut pod = pod(source);
        pod["metadata"] = metadata(&format!("{}-{}", name(source), self.random.suffix()));
        let created = self.server.create(&pod).await?;
        created.with_context(|| format!("there is a pod {} already", name(&pod)))
    }

    /// Gives a pod the status that it would have on a node.
    pub(super) async fn play_pod(&self, source: &Value, pod: &Value, published: bool) -> Result<()> {
        if if published { is_ready(pod) } else { pull_error(pod).is_some() } {
            return Ok(());
        }
        let image = text(&source["spec"]["image"]);
        let kind = Kind::new("v1", "Pod");
        self.server.patch(&kind, pod, "/status", json!({"status": status(image, published)})).await?;
        if !published {
            self.server.create(&event(pod, image)).await?;
        }
        Ok(())
    }
}

const LABEL: &str = "olm.catalogSource";

fn owner_of(pod: &Value) -> Option<&str> {
    pod["metadata"]["ownerReferences"][0]["uid"].as_str()
}

pub(super) fn is_ready(pod: &Value) -> bool {
    let conditions = list(&pod["status"]["conditions"]);
    conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

/// Why the image does not exist.
pub(super) fn pull_error(pod: &Value) -> Option<&str> {
    let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
    let is_pull = ["ImagePullBackOff", "ErrImagePull"].contains(&text(&waiting["reason"]));
    is_pull.then(|| text(&waiting["message"]))
}

fn not_found(image: &str) -> String {
    format!(
        "Failed to pull image \"{image}\": rpc error: code = NotFound desc = failed to pull and unpack image \
         \"{image}\": failed to resolve reference \"{image}\": {image}: not found"
    )
}

fn event(pod: &Value, image: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": format!("{}.pull", name(pod)), "namespace": namespace(pod)},
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": name(pod), "namespace": namespace(pod),
                           "uid": uid(pod), "fieldPath": "spec.containers{registry-server}"},
        "type": "Warning", "reason": "Failed", "message": not_found(image),
        "source": {"component": "kubelet"}, "count": 1, "firstTimestamp": now(), "lastTimestamp": now(),
    })
}

fn pod(source: &Value) -> Value {
    let probe = |delay: u32, more: Value| {
        let mut probe = json!({"exec": {"command": ["grpc_health_probe", "-addr=:50051"]}, "timeoutSeconds": 5});
        if delay > 0 {
            probe["initialDelaySeconds"] = json!(delay);
        }
        for (key, value) in more.as_object().into_iter().flatten() {
            probe[key] = value.clone();
        }
        probe
    };
    let restricted = source["spec"]["grpcPodConfig"]["securityContextConfig"] == "restricted";
    let (mut pod_context, mut context) = (json!({}), json!({"readOnlyRootFilesystem": restricted}));
    if restricted {
        pod_context = json!({"runAsNonRoot": true, "runAsUser": 1001, "seccompProfile": {"type": "RuntimeDefault"}});
        context["allowPrivilegeEscalation"] = json!(false);
        context["capabilities"] = json!({"drop": ["ALL"]});
    }
    let image = &source["spec"]["image"];
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "spec": {
            "serviceAccountName": name(source),
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "securityContext": pod_context,
            "containers": [{
                "name": "registry-server",
                "image": image,
                "imagePullPolicy": if text(image).contains('@') { "IfNotPresent" } else { "Always" },
                "ports": [{"name": "grpc", "containerPort": 50051}],
                "readinessProbe": probe(5, Value::Null),
                "livenessProbe": probe(10, Value::Null),
                "startupProbe": probe(0, json!({"failureThreshold": 10, "periodSeconds": 10})),
                "resources": {"requests": {"cpu": "10m", "memory": "50Mi"}},
                "securityContext": context,
                "terminationMessagePolicy": "FallbackToLogsOnError",
            }],
        },
    })
}

fn status(image: &str, published: bool) -> Value {
    let state = if published {
        json!({"running": {"startedAt": now()}})
    } else {
        let message = format!("Back-off pulling image \"{image}\": {}", not_found(image));
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
