//! Why the API server rejects a pod: a quota, Pod Security, or an admission webhook.

use super::Trouble;
use super::found::{Topic, words};

/// The problem in the API server's answer to a creation; `object` is the creator.
pub(super) fn explain(object: String, namespace: &str, said: &str) -> (Topic, Trouble) {
    let said = words(said);
    let (topic, message, help) = if let Some(at) = said.find("exceeded quota: ") {
        let rest = &said[at + "exceeded quota: ".len()..];
        let (name, numbers) = rest.split_once(", ").unwrap_or((rest, ""));
        (
            Topic::Quota,
            format!("no pod can be created: ResourceQuota {namespace}/{name} is exceeded ({numbers})"),
            format!(
                "raise it with `kubectl edit resourcequota {name} -n {namespace}`, or remove other pods from that \
                 namespace"
            ),
        )
    } else if let Some(at) = said.find("failed quota: ") {
        let rest = &said[at + "failed quota: ".len()..];
        let (name, demand) = rest.split_once(": ").unwrap_or((rest, ""));
        (
            Topic::Quota,
            format!("no pod can be created: ResourceQuota {namespace}/{name} requires more fields: {demand}"),
            format!(
                "set defaults for the namespace with a LimitRange, or remove the quota: `kubectl get resourcequota \
                 {name} -n {namespace} -o yaml`"
            ),
        )
    } else if let Some(at) = said.find("violates PodSecurity ") {
        let rest = &said[at + "violates PodSecurity ".len()..];
        let (level, what) = rest.split_once(": ").unwrap_or((rest, ""));
        let level = level.trim_matches('"');
        (
            Topic::PodSecurity,
            format!("Pod Security {level} of namespace {namespace} forbids the pod: {what}"),
            format!(
                "if you trust the pod, allow more: `kubectl label namespace {namespace} --overwrite \
                 pod-security.kubernetes.io/enforce=baseline` (or privileged)"
            ),
        )
    } else if said.contains("admission webhook") {
        (
            Topic::Refused,
            format!("a policy of the cluster forbids it: {said}"),
            "ask the owner of that policy for an exception, or change what it rejects".into(),
        )
    } else if said.contains("serviceaccount") && said.contains("not found") {
        (
            Topic::Refused,
            format!("it cannot be created: {said}"),
            "OLM creates the ServiceAccount when it installs the operator: delete the ClusterServiceVersion to make \
             OLM install it again"
                .into(),
        )
    } else {
        (
            Topic::Refused,
            format!("it cannot be created: {said}"),
            "change what the API server rejects; the creation is retried automatically".into(),
        )
    };
    (topic, Trouble { object, message, help })
}
