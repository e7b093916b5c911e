//! Labels of architectures.

use super::prelude::*;
use crate::bundle::csv::annotation::{ARCHITECTURE, OPERATING_SYSTEM};

pub(super) static RULE: Rule = Rule {
    id: "arch-labels",
    level: Level::Warning,
    sets: &[Set::MultiArch],
    summary: "A label for an architecture or operating system has the wrong name or value",
    docs: r#"
## What it does
Reports labels `operatorframework.io/arch.…` and `operatorframework.io/os.…` whose value is not `supported`, or whose
architecture or operating system does not have the name that Kubernetes uses in node labels.

## Why is this bad?
Consoles hide the operator on clusters of that architecture.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  labels:
    operatorframework.io/arch.x86_64: supported
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  labels:
    operatorframework.io/arch.amd64: supported
```

## References
- [Operators for several architectures](https://olm.operatorframework.io/docs/advanced-tasks/ship-operator-supporting-multiarch/)
"#,
    check,
};

const ARCHITECTURES: [&str; 6] = ["amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x"];
const SYSTEMS: [&str; 2] = ["linux", "windows"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    for (name, label) in csv.at("metadata.labels").entries() {
        for (start, known) in [(ARCHITECTURE, &ARCHITECTURES[..]), (OPERATING_SYSTEM, &SYSTEMS[..])] {
            let Some(of) = name.strip_prefix(start) else { continue };
            if !known.contains(&of) {
                let message = format!("{of:?} is not a name that Kubernetes uses in node labels");
                findings.push(RULE.finding(label.place(), message).help(format!("use one of {}", known.join(", "))));
            }
            if label.text() != "supported" {
                let message = format!("the label {name} must have the value supported");
                findings.push(RULE.finding(label.place(), message).help("write `supported`, or remove the label"));
            }
        }
    }
}
