//! Upgrades that grant full permissions.

use super::prelude::*;
use crate::safety::{Scope, Step};
use crate::validate::upgrades;

pub(super) static RULE: Rule = Rule {
    id: "upgrade-permissions",
    severity: Severity::Warning,
    summary: "An upgrade gives the operator the right to do everything",
    docs: r#"
## What it does
Reports upgrades to the head of a channel that give a service account of the operator the right to do everything with
all resources (`*` for verbs, resources and groups), in its namespaces or on the whole cluster. `catalog upgrades` shows
all permissions that an operator gains.

## Why is this bad?
Users checked the operator's permissions when they installed it. With automatic approval nobody checks again: the
operator, and anybody who takes it over, controls the cluster.

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
    let describe = |step: &Step| {
        let all = step.permissions.iter().filter(|gained| gained.is_everything());
        let described = all.map(|gained| {
            let place = if gained.scope == Scope::Cluster { "on the whole cluster" } else { "in its namespaces" };
            let accounts = list(gained.accounts.iter().map(String::as_str));
            format!("gives {accounts} the right to do everything {place}")
        });
        described.collect()
    };
    let help = |package: &str| {
        format!("list only what the operator really uses; `catalog upgrades --package {package}` shows everything it gains")
    };
    upgrades::find(context, findings, &RULE, describe, help);
}
