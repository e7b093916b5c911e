//! Upgrades that break users' resources.

use super::prelude::*;
use crate::crd::Class;
use crate::safety::{DefinitionStep, Step, by_version};
use crate::validate::upgrades;

/// How many changes are shown.
const TOLD: usize = 3;

pub(super) static RULE: Rule = Rule {
    id: "upgrade-crd",
    severity: Severity::Warning,
    summary: "An upgrade loses data of existing resources, or makes them invalid",
    docs: r#"
## What it does
Compares the CustomResourceDefinitions of the head of each channel with those of the bundles that users upgrade from:
those in its `replaces` and `skips`, and those in its `skipRange`. Reports changes that break existing resources:
removed fields, changed types, new required fields, values that are no longer allowed, versions that are no longer
served, and definitions that the head does not have.

Compares only bundles whose manifests are in the catalog. There is one finding per definition. `catalog upgrades` shows
all changes, including those between older versions.

## Why is this bad?
The values of removed fields are lost the next time anybody writes the resource. OLM checks the existing resources
before it changes a definition, and stops the upgrade at the first invalid one. From then on the operator gets no
upgrades until a user finds and corrects the resource.

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
            "keep the fields that users may have set, and keep serving old versions; if the loss is intended, tell users, \
             and ignore this with the reason. `catalog upgrades --package {package}` shows all changes"
        )
    };
    upgrades::find(context, findings, &RULE, |step: &Step| step.definitions.iter().filter_map(describe).collect(), help);
}

fn describe(definition: &DefinitionStep) -> Option<String> {
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
    (!breaking.is_empty()).then(|| format!("breaks resources of {} with {count}: {shown}{more}", definition.name))
}
