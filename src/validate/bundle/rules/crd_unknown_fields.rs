//! CRDs that keep unknown fields.

use super::prelude::*;
use crate::validate::bundle::apis::is_v1beta1;

pub(super) static RULE: Rule = Rule {
    id: "crd-unknown-fields",
    level: Level::Error,
    sets: &[],
    summary: "A CRD keeps unknown fields in all of its resources, which the API server no longer accepts",
    docs: r#"
## What it does
Reports CustomResourceDefinitions with `spec.preserveUnknownFields: true`, and v1beta1 ones without the field, where
`true` is the default.

## Why is this bad?
Since apiextensions.k8s.io/v1, the API server does not create such a CRD: the schema must say where unknown fields are
kept.

## Example
```yaml
kind: CustomResourceDefinition
spec:
  preserveUnknownFields: true
```

Use instead:
```yaml
kind: CustomResourceDefinition
spec:
  preserveUnknownFields: false
```

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for crd in context.crds() {
        let field = crd.at("spec.preserveUnknownFields");
        let message = match field.value {
            serde_json::Value::Bool(true) => "spec.preserveUnknownFields must not be true",
            serde_json::Value::Null if is_v1beta1(&crd) => "spec.preserveUnknownFields is missing: v1beta1 defaults to true",
            _ => continue,
        };
        let help = "write `preserveUnknownFields: false`, and use x-kubernetes-preserve-unknown-fields in the schema where \
                    needed";
        findings.push(RULE.finding(field.place(), message).help(help));
    }
}
