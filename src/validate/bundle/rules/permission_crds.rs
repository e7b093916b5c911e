//! Operators that install CRDs.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "permission-crds",
    level: Level::Warning,
    sets: &[Set::GoodPractices],
    summary: "The operator is allowed to create CRDs",
    docs: r#"
## What it does
Reports permissions to create or patch CustomResourceDefinitions.

## Why is this bad?
OLM installs and upgrades the CRDs of an operator, and checks that existing resources remain valid. It does not do this
for CRDs that the operator creates itself. Other operators should be dependencies.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      clusterPermissions:
      - serviceAccountName: demo
        rules:
        - apiGroups: [apiextensions.k8s.io]
          resources: [customresourcedefinitions]
          verbs: [create, get]
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      clusterPermissions:
      - serviceAccountName: demo
        rules:
        - apiGroups: [apiextensions.k8s.io]
          resources: [customresourcedefinitions]
          verbs: [get]
```

## References
- [operator-framework/api: the good practices validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/good_practices.go)
- [Dependency resolution](https://olm.operatorframework.io/docs/concepts/olm-architecture/dependency-resolution/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (_, rule) in context.permissions() {
        let has = |key: &str, wanted: &[&str]| rule.get(key).texts().iter().any(|text| wanted.contains(text));
        if has("apiGroups", &["apiextensions.k8s.io"])
            && has("resources", &["customresourcedefinitions", "*"])
            && let Some(verb) = rule.get("verbs").items().find(|verb| ["create", "patch", "*"].contains(&verb.text()))
        {
            let message = "the operator is allowed to create CRDs, which OLM should do";
            let help = "ship the CRDs in the bundle, or depend on the operator that owns them";
            findings.push(RULE.finding(verb.place(), message).help(help));
        }
    }
}
