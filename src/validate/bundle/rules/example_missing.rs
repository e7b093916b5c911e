//! APIs without an example.

use super::prelude::*;
use crate::validate::bundle::examples;

pub(super) static RULE: Rule = Rule {
    id: "example-missing",
    level: Level::Warning,
    sets: &[],
    summary: "An API that the operator owns has no example",
    docs: r#"
## What it does
Reports owned APIs without an example in the annotation `alm-examples`.

## Why is this bad?
Consoles have no template for users who create such a resource.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: "[]"
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: '[{"apiVersion": "demo.example.com/v1", "kind": "Widget"}]'
```

## References
- [Annotations of a ClusterServiceVersion](https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let help = "add an example to the annotation alm-examples";
    let Some(annotation) = examples::annotation(context) else {
        let message = "the ClusterServiceVersion has no examples: the annotation alm-examples is missing";
        findings.push(RULE.finding(csv.at("metadata.annotations").place(), message).help(help));
        return;
    };
    // `example-syntax` reports examples that cannot be read.
    let Ok(examples) = examples::read(&annotation) else { return };
    for (api, node) in examples::owned(context) {
        if !examples.contains(&api) {
            findings.push(RULE.finding(node.place(), format!("{api} has no example")).help(help));
        }
    }
}
