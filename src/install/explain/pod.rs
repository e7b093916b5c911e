//! Why a pod does not run.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};

use super::Trouble;
use super::found::{Topic, title, words};
use super::pull::{self, Whose};
use crate::install::evidence::Evidence;

/// Whether a pod is healthy: its containers run and are ready, or it has completed.
pub(super) fn is_well(pod: &Pod) -> bool {
    pod.status.as_ref().is_some_and(|status| status.phase.as_deref() == Some("Succeeded")) || is_ready(pod)
}

/// Whether all containers of a pod are ready, according to the kubelet.
pub(in crate::install) fn is_ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The problem of a pod; `None` if it is healthy, being deleted, or starting.
pub(super) fn explain(evidence: &Evidence, pod: &Pod, whose: Whose<'_>) -> Option<(Topic, Trouble)> {
    let status = pod.status.as_ref()?;
    if is_well(pod) || pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let told = |topic, (message, help)| Some((topic, Trouble { object: title("Pod", &pod.metadata), message, help }));
    let unscheduled = status
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
    if let Some(condition) = unscheduled {
        let said = words(condition.message.as_deref().unwrap_or_default());
        return told(Topic::Unschedulable, (format!("no node can schedule the pod: {said}"), room(&said)));
    }
    if status.reason.as_deref() == Some("Evicted") {
        let said = words(status.message.as_deref().unwrap_or_default());
        let help = "free resources on the node, or set the pod's requests to what it needs".to_owned();
        return told(Topic::Evicted, (format!("the node has evicted the pod: {said}"), help));
    }
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    for container in containers {
        if let Some((topic, text)) = container_trouble(evidence, pod, container, whose) {
            return told(topic, text);
        }
    }
    // Containers are not started until the node has prepared the pod.
    let starting = status.phase.as_deref().is_none_or(|phase| phase == "Pending");
    let mut warnings = evidence.warnings("Pod", &pod.metadata);
    if starting {
        let (reason, said) =
            warnings.find(|(reason, _)| reason.starts_with("Failed") || *reason == "NetworkNotReady")?;
        let help = match reason {
            "FailedMount" | "FailedAttachVolume" => {
                "create the object that the volume names (Secret, ConfigMap, PersistentVolumeClaim)".to_owned()
            }
            _ => format!("check the node: `kubectl describe node {}`", node(pod)),
        };
        return told(Topic::PodStart, (format!("the node cannot start the pod: {}", words(said)), help));
    }
    let (_, said) = warnings.find(|(reason, _)| *reason == "Unhealthy")?;
    let help = format!("check its log: {}", logs(pod, None));
    told(Topic::Probe, (format!("it runs, but is not ready: {}", words(said)), help))
}

fn container_trouble(
    evidence: &Evidence,
    pod: &Pod,
    container: &ContainerStatus,
    whose: Whose<'_>,
) -> Option<(Topic, (String, String))> {
    let state = container.state.as_ref()?;
    if let Some(ended) = &state.terminated {
        return (ended.exit_code != 0).then(|| crashed(pod, container, ended, whose));
    }
    let waiting = state.waiting.as_ref()?;
    let reason = waiting.reason.as_deref().unwrap_or_default();
    let said = waiting.message.as_deref().unwrap_or_default();
    match reason {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "ImageInspectError"
        | "RegistryUnavailable" => {
            // Older kubelets give the reason only in an event.
            let mut events = evidence.warnings("Pod", &pod.metadata);
            let event = events.find(|(reason, said)| *reason == "Failed" && said.starts_with("Failed to pull image"));
            let silent = said.is_empty() || (said.starts_with("Back-off") && !said.contains(": "));
            let said = match event {
                Some((_, event)) if silent => event,
                _ => said,
            };
            Some((Topic::ImagePull, pull::explain(image(pod, container), reason, said, whose)))
        }
        "CrashLoopBackOff" => {
            let ended = container.last_state.as_ref().and_then(|state: &ContainerState| state.terminated.as_ref());
            Some(match ended {
                Some(ended) => crashed(pod, container, ended, whose),
                None => (
                    Topic::CrashLoop,
                    (
                        format!("container {} keeps crashing", container.name),
                        format!("check its log: {}", logs(pod, Some(container))),
                    ),
                ),
            })
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" | "PostStartHookError" => Some((
            Topic::Container,
            (
                format!("container {} cannot be started: {}", container.name, words(said)),
                if said.contains("not found") {
                    "create the missing object; the kubelet retries automatically".to_owned()
                } else {
                    format!("check the pod's events: `kubectl describe pod {}`", at(pod))
                },
            ),
        )),
        _ => None,
    }
}

/// A container that failed, or ended although it should run.
fn crashed(
    pod: &Pod,
    container: &ContainerStatus,
    ended: &ContainerStateTerminated,
    whose: Whose<'_>,
) -> (Topic, (String, String)) {
    let name = &container.name;
    if ended.reason.as_deref() == Some("OOMKilled") {
        let limit = pod.spec.iter().flat_map(|spec| &spec.containers).find(|spec| spec.name == *name);
        let limit = limit.and_then(|spec| spec.resources.as_ref()?.limits.as_ref()?.get("memory"));
        let limit = limit.map(|limit| format!(" of {}", limit.0)).unwrap_or_default();
        return (
            Topic::OutOfMemory,
            (
                format!("container {name} exceeded its memory limit{limit} and was killed"),
                match whose {
                    Whose::Operator(_) => "raise the limit: spec.config.resources of its Subscription".into(),
                    Whose::Catalog(source) => {
                        format!("raise spec.grpcPodConfig.memoryTarget of CatalogSource {source}")
                    }
                    Whose::Olm | Whose::Unpack(_) => {
                        "raise the limit in its Deployment or the namespace's LimitRange".into()
                    }
                },
            ),
        );
    }
    let how = match (ended.exit_code, ended.signal) {
        (_, Some(signal)) if signal > 0 => format!("by signal {signal}"),
        (code, _) if code > 128 => format!("with exit code {code} (signal {})", code - 128),
        (code, _) => format!("with exit code {code}"),
    };
    let said = match (ended.message.as_deref().map(words), ended.reason.as_deref()) {
        (Some(message), _) if !message.is_empty() => format!(": {message}"),
        (_, Some(reason)) if reason != "Error" && reason != "Completed" => format!(": {reason}"),
        _ => String::new(),
    };
    let times = match container.restart_count {
        0 | 1 => String::new(),
        number => format!(", {number} times so far"),
    };
    let previous = if container.restart_count > 0 { " --previous" } else { "" };
    let help = format!("check its log: `kubectl logs {} -c {name}{previous}`", at(pod));
    (Topic::CrashLoop, (format!("container {name} ended {how}{times}{said}"), help))
}

/// The image as requested. The status may have another name for it.
fn image<'a>(pod: &'a Pod, container: &'a ContainerStatus) -> &'a str {
    let spec = pod.spec.as_ref();
    let init = spec.and_then(|spec| spec.init_containers.as_ref()).into_iter().flatten();
    let mut all = spec.into_iter().flat_map(|spec| &spec.containers).chain(init);
    let found = all.find(|one| one.name == container.name).and_then(|one| one.image.as_deref());
    found.unwrap_or(&container.image)
}

/// The remedy if no node can schedule a pod, by the scheduler's message.
fn room(said: &str) -> String {
    let said = said.to_lowercase();
    if said.contains("persistentvolumeclaim") {
        return "check why the claim is not bound: `kubectl get pvc,storageclass`".into();
    }
    if said.contains("no nodes available") || said.starts_with("0/0") {
        return "add a node: the cluster has none".into();
    }
    let mut help = Vec::new();
    if said.contains("insufficient") || said.contains("too many pods") {
        help.push("add a node, or remove other pods");
    }
    if said.contains("taint") {
        help.push("remove the taint, or add tolerations to the Subscription's spec.config");
    }
    if said.contains("affinity") || said.contains("selector") {
        help.push("label a node to match the pod's node selector");
    }
    if said.contains("unschedulable") {
        help.push("make the nodes schedulable again: `kubectl uncordon`");
    }
    if help.is_empty() { "check the nodes: `kubectl describe nodes`".into() } else { help.join("; ") }
}

/// `-n olm dbaas-catalog-x7k2p`
fn at(pod: &Pod) -> String {
    let meta = &pod.metadata;
    format!("-n {} {}", meta.namespace.as_deref().unwrap_or("default"), meta.name.as_deref().unwrap_or_default())
}

fn logs(pod: &Pod, container: Option<&ContainerStatus>) -> String {
    let container = container.map(|container| format!(" -c {}", container.name)).unwrap_or_default();
    format!("`kubectl logs {}{container}`", at(pod))
}

fn node(pod: &Pod) -> &str {
    pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()).unwrap_or_default()
}
