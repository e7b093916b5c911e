//! Properties in an annotation.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "properties-annotation",
    level: Level::Warning,
    sets: &[],
    summary: "Properties are in the annotation olm.properties instead of metadata/properties.yaml",
    docs: r#"
## What it does
Reports the annotation `olm.properties` of a ClusterServiceVersion.

## Why is this bad?
It is JSON in a string, which is hard to read and review. `metadata/properties.yaml` is the usual place for properties.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    olm.properties: '[{"type": "olm.maxOpenShiftVersion", "value": "4.16"}]'
```

Use instead:
```yaml
properties:
- type: olm.maxOpenShiftVersion
  value: "4.16"
```

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if let Some(annotation) = context.csv_annotation("olm.properties") {
        let message = "the properties in the annotation olm.properties belong in metadata/properties.yaml";
        findings.push(RULE.finding(annotation.place(), message).help("move them there, under `properties:`"));
    }
}
