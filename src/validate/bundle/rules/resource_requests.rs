//! Resource requests of containers.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "resource-requests",
    level: Level::Warning,
    sets: &[Set::GoodPractices],
    summary: "A container has no resource requests",
    docs: r#"
## What it does
Reports containers of the deployments that request no CPU or no memory.

## Why is this bad?
The scheduler can put the pod on any node, however full, and the operator is the first to be evicted. A quota can reject
such a pod.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      deployments:
      - name: demo
        spec:
          selector:
            matchLabels: {app: demo}
          template:
            metadata:
              labels: {app: demo}
            spec:
              serviceAccountName: demo
              containers:
              - name: demo
                image: registry.example.com/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      deployments:
      - name: demo
        spec:
          selector:
            matchLabels: {app: demo}
          template:
            metadata:
              labels: {app: demo}
            spec:
              serviceAccountName: demo
              containers:
              - name: demo
                image: registry.example.com/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000
                resources:
                  requests: {cpu: 10m, memory: 32Mi}
```

## References
- [operator-framework/api: the good practices validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/good_practices.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for container in context.containers(false) {
        let requests = container.at("resources.requests");
        let missing: Vec<&str> =
            ["cpu", "memory"].into_iter().filter(|resource| requests.get(resource).is_null()).collect();
        if !missing.is_empty() {
            let message = format!("the container {} requests no {}", container.get("name").text(), missing.join(" and no "));
            let help = "set resources.requests for `cpu` and `memory`";
            findings.push(RULE.finding(requests.place(), message).help(help));
        }
    }
}
