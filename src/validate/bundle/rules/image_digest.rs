//! Images without a digest.

use super::prelude::*;
use crate::validate::bundle::images;

pub(super) static RULE: Rule = Rule {
    id: "image-digest",
    level: Level::Warning,
    sets: &[Set::Disconnected],
    summary: "An image is not named by its digest",
    docs: r#"
## What it does
Reports images of containers, of their variables `RELATED_IMAGE_…`, and related images without a digest.

## Why is this bad?
In a disconnected cluster, images are pulled from a mirror only by digest. Also, a tag can be pushed again.

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
                image: registry.example.com/demo:v1.0.0
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
    for image in images::all(context) {
        if images::reference(&image).is_some_and(|reference| reference.digest.is_none()) {
            let message = format!("{:?} has no digest", image.text());
            findings.push(RULE.finding(image.place(), message).help("write repository@sha256:…"));
        }
    }
}
