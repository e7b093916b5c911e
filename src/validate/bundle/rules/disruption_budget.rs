//! Disruption budgets that block draining.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "disruption-budget",
    level: Level::Error,
    sets: &[Set::BundleObjects],
    summary: "A PodDisruptionBudget prevents nodes from being drained",
    docs: r#"
## What it does
Reports PodDisruptionBudgets with `maxUnavailable` of 0 or 0%, or `minAvailable` of 100%.

## Why is this bad?
No pod can be evicted then: draining a node, and so upgrading the cluster, waits forever.

## Example
```yaml
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: demo
spec:
  maxUnavailable: 0
```

Use instead:
```yaml
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: demo
spec:
  maxUnavailable: 1
```

## References
- [OLM: pod disruption budgets in bundles](https://olm.operatorframework.io/docs/advanced-tasks/adding-pod-disruption-budgets/)
- [operator-framework/api: the object validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/object.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for budget in context.of_kind("PodDisruptionBudget") {
        let (most, least) = (budget.at("spec.maxUnavailable"), budget.at("spec.minAvailable"));
        if most.value == 0 || most.text() == "0%" {
            let message = "maxUnavailable of 0 prevents nodes from being drained";
            findings.push(RULE.finding(most.place(), message).help("allow at least one pod to be unavailable"));
        }
        if least.text() == "100%" {
            let message = "minAvailable of 100% prevents nodes from being drained";
            findings.push(RULE.finding(least.place(), message).help("allow at least one pod to be unavailable"));
        }
    }
}
