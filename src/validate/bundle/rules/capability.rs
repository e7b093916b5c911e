//! The capability level of an operator.

use super::prelude::*;
use crate::bundle::csv::annotation::CAPABILITIES;

pub(super) static RULE: Rule = Rule {
    id: "capability",
    level: Level::Error,
    sets: &[Set::Capabilities],
    summary: "The annotation capabilities is not one of the five levels",
    docs: r#"
## What it does
Reports an annotation `capabilities` that is not one of: Basic Install, Seamless Upgrades, Full Lifecycle, Deep
Insights, Auto Pilot.

## Why is this bad?
Consoles and operatorhub.io show no level for it, and filters hide the operator.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    capabilities: Full
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    capabilities: Full Lifecycle
```

## References
- [Annotations of a ClusterServiceVersion](https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields)
"#,
    check,
};

const LEVELS: [&str; 5] = ["Basic Install", "Seamless Upgrades", "Full Lifecycle", "Deep Insights", "Auto Pilot"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(level) = context.csv_annotation(CAPABILITIES) else { return };
    if !LEVELS.contains(&level.text()) {
        let message = format!("{:?} is not a capability level", level.text());
        findings.push(RULE.finding(level.place(), message).help(format!("write one of {}", LEVELS.join(", "))));
    }
}
