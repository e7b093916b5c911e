//! Examples that cannot be read.

use super::prelude::*;
use crate::validate::bundle::examples;

pub(super) static RULE: Rule = Rule {
    id: "example-syntax",
    level: Level::Both,
    sets: &[],
    summary: "The examples of the ClusterServiceVersion are not a JSON list",
    docs: r#"
## What it does
Reports an annotation `alm-examples` (or `olm.examples`) that is not a JSON list of objects.

## Why is this bad?
Consoles show no example at all, and their forms for new resources stay empty.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: '[{"kind": "Widget",}]'
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
    let Some(annotation) = examples::annotation(context) else { return };
    if let Err(why) = examples::read(&annotation) {
        let message = format!("the examples are not a JSON list of objects: {why}");
        findings.push(RULE.finding(annotation.place(), message).help("write a JSON list with one object for each API"));
    }
    let both = context.csv_annotation(examples::OTHER).filter(|other| other.route != annotation.route);
    if let Some(other) = both {
        let message = "both alm-examples and olm.examples exist, but only alm-examples is read";
        findings.push(RULE.warning(other.place(), message).help("remove olm.examples"));
    }
}
