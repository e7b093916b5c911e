//! Annotations in the wrong case.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "annotation-case",
    level: Level::Error,
    sets: &[],
    summary: "An annotation of OLM has the wrong case",
    docs: r#"
## What it does
Reports annotations of the ClusterServiceVersion that differ from OLM's annotations only in upper and lower case.

## Why is this bad?
OLM ignores them: with `olm.skiprange`, an upgrade path is silently lost.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    olm.skiprange: "<1.0.0"
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    olm.skipRange: "<1.0.0"
```

## References
- [Annotations of a ClusterServiceVersion](https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

/// The annotations whose case matters.
const KNOWN: [&str; 5] =
    ["olm.operatorGroup", "olm.operatorNamespace", "olm.targetNamespaces", "olm.providedAPIs", "olm.skipRange"];

/// The annotation that OLM reads, if one differs from it only in case.
pub(in crate::validate) fn known(name: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name) && *known != name)
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    for (name, annotation) in csv.at("metadata.annotations").entries() {
        if let Some(meant) = known(name) {
            let message = format!("OLM ignores the annotation {name}: it only reads {meant}");
            findings.push(RULE.finding(annotation.place(), message).help(format!("rename it to {meant}")));
        }
    }
}
