//! Examples of unknown APIs.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::bundle::Gvk;
use crate::validate::bundle::examples;

pub(super) static RULE: Rule = Rule {
    id: "example-unknown",
    level: Level::Error,
    sets: &[],
    summary: "An example is for an API that the operator does not own",
    docs: r#"
## What it does
Reports examples whose group, version and kind are not those of a CRD or API service that the ClusterServiceVersion
owns.

## Why is this bad?
Consoles cannot show it, and users who copy it get an error from the API server.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: |
      [{"apiVersion": "demo.example.com/v1", "kind": "Widget"},
       {"apiVersion": "demo.example.com/v1alpha1", "kind": "Widget"}]
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: |
      [{"apiVersion": "demo.example.com/v1", "kind": "Widget"}]
```

## References
- [Annotations of a ClusterServiceVersion](https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(annotation) = examples::annotation(context) else { return };
    let owned: BTreeSet<Gvk> = examples::owned(context).into_iter().map(|(api, _)| api).collect();
    for example in examples::read(&annotation).unwrap_or_default() {
        if !owned.contains(&example) {
            let message = format!("the example is for {example}, which the ClusterServiceVersion does not own");
            let help = "correct its apiVersion and kind, or add the API under customresourcedefinitions.owned";
            findings.push(RULE.finding(annotation.place(), message).help(help));
        }
    }
}
