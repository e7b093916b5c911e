//! Install modes that a newer version no longer supports.

use super::prelude::*;
use crate::safety::Step;
use crate::validate::upgrades;

pub(super) static RULE: Rule = Rule {
    id: "upgrade-install-modes",
    severity: Severity::Warning,
    summary: "An upgrade drops an install mode that users may use",
    docs: r#"
## What it does
Reports upgrades to the head of a channel if the head does not support an install mode that the older bundle supports.

## Why is this bad?
An OperatorGroup defines which namespaces an operator watches, and so which install mode it needs. OLM does not run a
version whose ClusterServiceVersion does not support that mode: for users with such an OperatorGroup, the upgrade fails
(`UnsupportedOperatorGroup`), and the operator stops.

## Example
```yaml
kind: ClusterServiceVersion
metadata: {name: demo.v1.1.0}
spec:
  installModes:
    - {type: OwnNamespace, supported: false}   # true in demo.v1.0.0
    - {type: AllNamespaces, supported: true}
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata: {name: demo.v1.1.0}
spec:
  installModes:
    - {type: OwnNamespace, supported: true}
    - {type: AllNamespaces, supported: true}
```

## References
- [OperatorGroups: install modes and supported OperatorGroups](https://olm.operatorframework.io/docs/advanced-tasks/operator-scoping-with-operatorgroups/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let describe = |step: &Step| {
        let lost = list(step.install_modes_lost.iter().map(String::as_str));
        let described = (!lost.is_empty()).then(|| format!("fails for users of the install mode {lost}, which it drops"));
        described.into_iter().collect()
    };
    let help = |_: &str| "keep supporting the mode, or offer the newer version in a separate channel".to_owned();
    upgrades::find(context, findings, &RULE, describe, help);
}
