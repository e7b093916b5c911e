//! The provider of an operator.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "provider",
    level: Level::Error,
    sets: &[Set::OperatorHub],
    summary: "spec.provider.name is missing",
    docs: r#"
## What it does
Reports a ClusterServiceVersion without `spec.provider.name`.

## Why is this bad?
operatorhub.io does not accept it: users want to know whose operator they install.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  provider: null
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  provider:
    name: Example
```

## References
- [operator-framework/api: the OperatorHub validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/operatorhubv2.go)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let name = csv.at("spec.provider.name");
    if name.text().trim().is_empty() {
        let message = "spec.provider.name is missing";
        findings.push(RULE.finding(name.place(), message).help("name the company or project that provides the operator"));
    }
}
