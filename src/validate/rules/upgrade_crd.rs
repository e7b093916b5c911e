//! Upgrades that break resources of users.

use super::prelude::*;
use crate::crd::Class;
use crate::safety::{DefinitionStep, Step, by_version};
use crate::validate::upgrades;

/// How many changes are told.
const TOLD: usize = 3;

pub(super) static RULE: Rule = Rule {
    id: "upgrade-crd",
    severity: Severity::Warning,
    summary: "An upgrade loses data of resources that exist, or has them rejected",
    docs: r#"
## What it does
Compares the CustomResourceDefinitions of the head of each channel with those of the bundles that users upgrade from to
it: those in its `replaces` and `skips`, and those from which OLM chooses it by a `skipRange`. It reports changes that
are breaking for resources that exist: fields that are removed or get another type, new required fields, values that are
not allowed any more, versions that are not served any more, and definitions that the head does not have.

Only bundles are compared whose manifests the catalog holds. There is one finding for a definition. `catalog upgrades`
shows all changes, those between older versions too.

## Why is this bad?
What users wrote into removed fields is lost with the next write of the resource, by anybody. OLM checks the resources
that exist before it changes a definition, and stops the upgrade at the first that does not fit. From then on the
operator gets no upgrades until a user has found and changed the resource.

## Example
```yaml
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object}}}   # .spec.size was there before
```

Use instead:
```yaml
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}
```

## References
- [Kubernetes: changing the API](https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api_changes.md)
- [crdify, with which OLM v1 checks upgrades](https://github.com/kubernetes-sigs/crdify)
- [operator-lifecycle-manager: validateV1CRDCompatibility](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/operators/catalog/operator.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let help = |package: &str| {
        format!(
            "keep what users may have set, and serve old versions on; where the loss is meant, tell users, and ignore this \
             with the reason. `catalog upgrades --package {package}` shows all changes"
        )
    };
    upgrades::find(context, findings, &RULE, |step: &Step| step.definitions.iter().filter_map(told).collect(), help);
}

fn told(definition: &DefinitionStep) -> Option<String> {
    let all = by_version(&definition.changes);
    let breaking: Vec<_> = all.iter().filter(|(_, it)| it.class == Class::Breaking).collect();
    let one = |(versions, it): &&(Vec<&str>, &crate::safety::DefinitionChange)| {
        let place = format!("{} {}", versions.join(", "), it.change.path);
        match place.trim() {
            "" => it.effect.to_owned(),
            place => format!("{place}: {}", it.effect),
        }
    };
    let shown = breaking.iter().take(TOLD).map(one).collect::<Vec<_>>().join("; ");
    let more = match breaking.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let count = if breaking.len() == 1 { "1 change" } else { &format!("{} changes", breaking.len()) };
    (!breaking.is_empty()).then(|| format!("breaks resources of {} by {count}: {shown}{more}", definition.name))
}
