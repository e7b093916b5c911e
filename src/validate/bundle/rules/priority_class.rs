//! Priority classes that are the cluster's default.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "priority-class",
    level: Level::Error,
    sets: &[Set::BundleObjects],
    summary: "A PriorityClass becomes the default of the whole cluster",
    docs: r#"
## What it does
Reports PriorityClasses with `globalDefault: true`.

## Why is this bad?
All pods of the cluster without a class get this one, including other users' pods. There can only be one such class.

## Example
```yaml
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: demo
value: 1000
globalDefault: true
```

Use instead:
```yaml
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: demo
value: 1000
```

## References
- [OLM: priority classes in bundles](https://olm.operatorframework.io/docs/advanced-tasks/adding-priority-classes/)
- [operator-framework/api: the object validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/object.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for class in context.of_kind("PriorityClass") {
        let default = class.get("globalDefault");
        if default.is_true() {
            let message = "the PriorityClass becomes the default of all pods of the cluster";
            findings.push(RULE.finding(default.place(), message).help("remove globalDefault, and name the class in the pods"));
        }
    }
}
