//! CRDs in API groups of Kubernetes.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "crd-approval",
    level: Level::Error,
    sets: &[],
    summary: "A CRD in an API group of Kubernetes has no approval",
    docs: r#"
## What it does
Reports CustomResourceDefinitions whose group is, or ends in, `k8s.io` or `kubernetes.io`, if their annotation
`api-approved.kubernetes.io` is missing, or is neither a URL nor starts with `unapproved`.

## Why is this bad?
These groups belong to the Kubernetes project. The API server rejects the CRD.

## Example
```yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.demo.k8s.io
spec:
  group: demo.k8s.io
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
```

Use instead:
```yaml
kind: CustomResourceDefinition
```

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
"#,
    check,
};

const APPROVED: &str = "api-approved.kubernetes.io";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for crd in context.crds() {
        let group = crd.at("spec.group");
        let protected = ["k8s.io", "kubernetes.io"].into_iter().any(|domain| {
            group.text().strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        let approval = crd.at("metadata.annotations").entry(APPROVED);
        let text = approval.text();
        let is_address = url::Url::parse(text).is_ok_and(|url| url.has_host());
        if protected && !is_address && !text.starts_with("unapproved") {
            let message = format!("the group {} is protected, but the annotation {APPROVED} does not approve it", group.text());
            let help = "use a group in your own domain; for an experiment, write \"unapproved, experimental-only\"";
            findings.push(RULE.finding(approval.place(), message).help(help));
        }
    }
}
