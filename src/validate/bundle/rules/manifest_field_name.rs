//! Misspelt fields of manifests.

use super::field_type::shape;
use super::prelude::*;
use crate::validate::bundle::near::near_misses;

pub(super) static RULE: Rule = Rule {
    id: "manifest-field-name",
    level: Level::Warning,
    sets: &[],
    summary: "A field of the ClusterServiceVersion or a CRD has nearly the name of one that exists",
    docs: r#"
## What it does
Reports fields of the ClusterServiceVersion and of CustomResourceDefinitions that OLM and Kubernetes do not define, and
whose names are nearly those of fields that they do: `installMode`, `relatedImage`, `maximium`.

## Why is this bad?
The API server drops fields that it does not know, without an error. What a misspelt field says has no effect.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  installMode:
  - type: AllNamespaces
    supported: true
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  installModes:
  - type: AllNamespaces
    supported: true
```

## References
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
- [Kubernetes: CustomResourceDefinition](https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for object in context.objects() {
        for near in shape(&object).into_iter().flat_map(|shape| near_misses(object.value, shape)) {
            let message = format!("the {} has no field {:?} here, so the API server drops it", object.get("kind").text(), near.found);
            let finding = RULE.finding(context.place(object.file, near.route), message);
            findings.push(finding.help(format!("did you mean {:?}?", near.meant)));
        }
    }
}
