//! Roles that can hurt a cluster.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "role-rights",
    level: Level::Both,
    sets: &[Set::BundleObjects],
    summary: "A role can change disruption budgets, or OpenShift's own security constraints",
    docs: r#"
## What it does
Reports Roles and ClusterRoles among the manifests that can create or change PodDisruptionBudgets (a warning), or change
or delete a SecurityContextConstraints object that comes with OpenShift (an error).

## Why is this bad?
A budget can prevent nodes from being drained. Other software relies on OpenShift's constraints as they are.

## Example
```yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: demo-extra
rules:
- apiGroups: [security.openshift.io]
  resources: [securitycontextconstraints]
  resourceNames: [privileged]
  verbs: [update]
```

Use instead:
```yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: demo-extra
rules:
- apiGroups: [security.openshift.io]
  resources: [securitycontextconstraints]
  resourceNames: [privileged]
  verbs: [use]
```

## References
- [operator-framework/api: the object validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/object.go)
- [Kubernetes: good practices for RBAC](https://kubernetes.io/docs/concepts/security/rbac-good-practices/)
"#,
    check,
};

/// The constraints that come with OpenShift.
const OWN: [&str; 8] = [
    "anyuid", "hostaccess", "hostmount-anyuid", "hostnetwork", "node-exporter", "nonroot", "privileged", "restricted",
];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let roles = context.objects().filter(|object| matches!(object.get("kind").text(), "Role" | "ClusterRole"));
    for rule in roles.flat_map(|role| role.get("rules").items()) {
        let has = |key: &str, wanted: &[&str]| rule.get(key).texts().iter().any(|text| wanted.contains(text));
        let verb = |wanted: &[&str]| rule.get("verbs").items().find(|verb| wanted.contains(&verb.text()));
        if has("apiGroups", &["policy"])
            && has("resources", &["poddisruptionbudgets"])
            && let Some(verb) = verb(&["*", "create", "update", "patch"])
        {
            let message = "the role can change PodDisruptionBudgets, which can prevent nodes from being drained";
            findings.push(RULE.warning(verb.place(), message).help("remove create, update and patch"));
        }
        if has("apiGroups", &["security.openshift.io"])
            && has("resources", &["securitycontextconstraints"])
            && has("resourceNames", &OWN)
            && let Some(verb) = verb(&["*", "delete", "update", "patch"])
        {
            let message = "the role can change SecurityContextConstraints that come with OpenShift";
            findings.push(RULE.finding(verb.place(), message).help("create your own constraints, or only `use` these"));
        }
    }
}
