//! Images that no mirror knows.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::validate::bundle::images;

pub(super) static RULE: Rule = Rule {
    id: "image-unlisted",
    level: Level::Warning,
    sets: &[Set::Disconnected],
    summary: "An image that the operator runs is not among the related images",
    docs: r#"
## What it does
Reports images of containers, and of their variables `RELATED_IMAGE_…`, that `spec.relatedImages` does not list.

## Why is this bad?
Tools that mirror a catalog only copy the related images. In a disconnected cluster, the image cannot be pulled.

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
                image: registry.example.com/other@sha256:1111111111111111111111111111111111111111111111111111111111111111
                resources:
                  requests: {cpu: 10m, memory: 32Mi}
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
- [OpenShift: operators in disconnected clusters](https://docs.openshift.com/container-platform/latest/operators/operator_sdk/osdk-generating-csvs.html)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let related = context.spec("relatedImages");
    let listed: BTreeSet<&str> = related.iter().map(|related| related.get("image").text()).collect();
    for image in images::run(context).into_iter().filter(|image| !listed.contains(image.text())) {
        let message = format!("{:?} is not in spec.relatedImages", image.text());
        findings.push(RULE.finding(image.place(), message).help("add it there with a name"));
    }
}
