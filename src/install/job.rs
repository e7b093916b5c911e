//! The installer as a Job in the cluster that it installs to.

use serde_json::{Value, json};

use super::marks::OWNER;
use super::rbac::Grant;

/// A Job that runs the installer in this image with these arguments, once. It complies with the restricted Pod Security
/// Standard, and is deleted a day after it ended.
#[must_use]
pub fn job(grant: &Grant, image: &str, arguments: &[String]) -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": OWNER, "namespace": grant.namespace},
        "spec": {
            // A second run resumes where the first one stopped.
            "backoffLimit": 3,
            "ttlSecondsAfterFinished": 86400,
            "template": {
                "metadata": {"labels": {"app.kubernetes.io/name": OWNER}},
                "spec": {
                    "serviceAccountName": grant.account,
                    "restartPolicy": "Never",
                    "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [{
                        "name": OWNER,
                        "image": image,
                        "args": arguments,
                        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
                        "securityContext": {
                            "allowPrivilegeEscalation": false,
                            "readOnlyRootFilesystem": true,
                            "capabilities": {"drop": ["ALL"]},
                        },
                    }],
                },
            },
        },
    })
}
