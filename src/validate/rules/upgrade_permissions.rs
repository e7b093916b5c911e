//! Permissions to do everything that come with an upgrade.

use super::prelude::*;
use crate::safety::{Scope, Step};
use crate::validate::upgrades;

pub(super) static RULE: Rule = Rule {
    id: "upgrade-permissions",
    severity: Severity::Warning,
    summary: "By an upgrade the operator gains the right to do everything",
    docs: r#"
## What it does
Reports upgrades to the head of a channel by which a service account of the operator gains the right to do everything
with all resources (`*` for verbs, resources and groups), in its namespaces or on the whole cluster. `catalog upgrades`
shows all permissions that an operator gains.

## Why is this bad?
Users looked at what the operator may do when they installed it. With automatic approval nobody looks again: the
operator, and whoever takes it over, owns the cluster.

## Example
```yaml
kind: ClusterServiceVersion
metadata: {name: demo.v1.1.0}
spec:
  install:
    spec:
      clusterPermissions:
        - serviceAccountName: demo
          rules:
            - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}   # not in demo.v1.0.0
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata: {name: demo.v1.1.0}
spec:
  install:
    spec:
      clusterPermissions:
        - serviceAccountName: demo
          rules:
            - {apiGroups: [apps], resources: [deployments], verbs: [get, list, watch, create, update]}
```

## References
- [Kubernetes: good practices for RBAC](https://kubernetes.io/docs/concepts/security/rbac-good-practices/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let told = |step: &Step| {
        let all = step.permissions.iter().filter(|gained| gained.is_everything());
        let told = all.map(|gained| {
            let place = if gained.scope == Scope::Cluster { "on the whole cluster" } else { "in its namespaces" };
            let accounts = list(gained.accounts.iter().map(String::as_str));
            format!("gives {accounts} the right to do everything {place}")
        });
        told.collect()
    };
    let help = |package: &str| {
        format!("name what the operator really uses; `catalog upgrades --package {package}` shows all that it gains")
    };
    upgrades::find(context, findings, &RULE, told, help);
}
