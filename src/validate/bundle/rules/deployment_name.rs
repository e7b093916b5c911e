//! Names of deployments.

use std::collections::BTreeMap;

use super::prelude::*;
use crate::validate::bundle::text::subdomain;

pub(super) static RULE: Rule = Rule {
    id: "deployment-name",
    level: Level::Error,
    sets: &[],
    summary: "A deployment has no name, an invalid one, or one that is used twice",
    docs: r#"
## What it does
Reports deployments of the ClusterServiceVersion that have no name, a name that is invalid in Kubernetes, or the same
name as another one.

## Why is this bad?
OLM creates them by name: an invalid name fails, and of two with the same name only one runs.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      deployments:
      - name: Demo
        spec:
          selector:
            matchLabels: {app: demo}
          template:
            metadata:
              labels: {app: demo}
            spec:
              serviceAccountName: demo
              containers: []
```

Use instead:
```yaml
kind: ClusterServiceVersion
```

## References
- [Kubernetes: names of objects](https://kubernetes.io/docs/concepts/overview/working-with-objects/names/)
- [OLM v1: the checks of registry+v1 bundles](https://github.com/operator-framework/operator-controller/tree/main/internal/operator-controller/rukpak/render/registryv1)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for deployment in context.deployments() {
        let name = deployment.get("name");
        if let Some(why) = subdomain(name.text()) {
            let message = format!("{:?} is not a valid name for a deployment: {why}", name.text());
            findings.push(RULE.finding(name.place(), message).help("give it a name such as demo-controller-manager"));
        } else if let Some(first) = first.get(name.text()) {
            let message = format!("two deployments have the name {}", name.text());
            let finding = RULE.finding(name.place(), message).help("give each a different name");
            findings.push(finding.related(first.place(), "the first one is here"));
        }
        first.entry(name.text()).or_insert(name);
    }
}
