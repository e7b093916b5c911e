//! Images that change.

use super::prelude::*;
use crate::validate::bundle::images;

pub(super) static RULE: Rule = Rule {
    id: "image-latest",
    level: Level::Warning,
    sets: &[],
    summary: "An image has the tag latest, or no tag and no digest",
    docs: r#"
## What it does
Reports images of containers, and related images, with the tag `latest`, or with neither a tag nor a digest, which is
the same.

## Why is this bad?
The tag can point to a different image tomorrow: one version of the operator then runs different programs on different
clusters.

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
                image: registry.example.com/demo
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
- [distribution/reference](https://pkg.go.dev/github.com/distribution/reference)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for image in images::all(context) {
        let Some(reference) = images::reference(&image) else { continue };
        if reference.digest.is_none() && matches!(reference.tag.as_deref(), None | Some("latest")) {
            let message = format!("{:?} can change with every push", image.text());
            findings.push(RULE.finding(image.place(), message).help("use the image's digest, or the tag of a release"));
        }
    }
}
