//! Permissions for everything.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "permission-wildcard",
    level: Level::Warning,
    sets: &[Set::Security],
    summary: "A permission has `*` for verbs, resources or groups",
    docs: r#"
## What it does
Reports permissions whose `verbs`, `resources` or `apiGroups` are `*`.

## Why is this bad?
Anybody who takes over the operator has all of these permissions, including those for kinds that do not exist yet. `*`
for all three is full control of the cluster.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      clusterPermissions:
      - serviceAccountName: demo
        rules:
        - apiGroups: ["*"]
          resources: ["*"]
          verbs: ["*"]
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      clusterPermissions:
      - serviceAccountName: demo
        rules:
        - apiGroups: [demo.example.com]
          resources: [widgets]
          verbs: [get, list, watch]
```

## References
- [Kubernetes: good practices for RBAC](https://kubernetes.io/docs/concepts/security/rbac-good-practices/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (cluster, rule) in context.permissions() {
        let wide: Vec<(&str, Node<'_>)> = ["verbs", "resources", "apiGroups"]
            .into_iter()
            .filter_map(|key| Some((key, rule.get(key).items().find(|item| item.text() == "*")?)))
            .collect();
        let Some((_, first)) = wide.first() else { continue };
        let keys: Vec<&str> = wide.iter().map(|(key, _)| *key).collect();
        let scope = if cluster { "on the whole cluster" } else { "in its namespaces" };
        let message = format!("a permission has `*` as {}, {scope}", keys.join(" and "));
        findings.push(RULE.finding(first.place(), message).help("list only what the operator really uses"));
    }
}
