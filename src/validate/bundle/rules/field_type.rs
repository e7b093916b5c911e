//! Values of a wrong type.

use super::prelude::*;
use crate::bundle::Error;

pub(super) static RULE: Rule = Rule {
    id: "field-type",
    level: Level::Error,
    sets: &[],
    summary: "A field has a value of a type that it does not take",
    docs: r#"
## What it does
Reports values that are missing or of a wrong type where opm and OLM read them: a number where text belongs, a mapping
where a list belongs.

## Why is this bad?
opm cannot make a catalog of the bundle, and `catalog build` stops.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  relatedImages: registry.example.com/demo:v1.0.0
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  relatedImages:
  - name: demo
    image: registry.example.com/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000
```

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut told: Vec<&Error> = Vec::new();
    for error in &context.refused {
        let Error::Value { file, route, message } = error else { continue };
        // `crd-owned-missing` tells this of all of them.
        if route.to_string().starts_with("spec.customresourcedefinitions.") && message.contains("<plural>.<group>") {
            continue;
        }
        // A value that two parts of the reader ask for is told once.
        let again = told.iter().any(|other| matches!(other, Error::Value { route: known, file: of, .. } if known == route && of == file));
        if !again {
            let finding = RULE.finding(context.place(file, route.clone()), message.clone());
            findings.push(finding.help("opm cannot read the bundle before this is corrected"));
        }
        told.push(error);
    }
}
