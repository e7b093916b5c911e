//! Install modes.

use std::collections::BTreeMap;

use super::prelude::*;
use crate::bundle::csv::InstallModeType;

pub(super) static RULE: Rule = Rule {
    id: "install-modes",
    level: Level::Error,
    sets: &[],
    summary: "No install mode is supported, or one is unknown or listed twice",
    docs: r#"
## What it does
Reports a ClusterServiceVersion without `spec.installModes`, one that supports none of them, and modes that are unknown
or listed twice.

## Why is this bad?
OLM installs an operator only if its OperatorGroup matches a supported mode: without any, the ClusterServiceVersion
fails in every namespace. If a mode is listed twice, it is undefined which entry counts.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  installModes:
  - type: AllNamespaces
    supported: false
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  installModes:
  - type: AllNamespaces
    supported: true
```

## References
- [Install modes](https://olm.operatorframework.io/docs/advanced-tasks/operator-scoping-with-operatorgroups/)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let (modes, place) = (context.spec("installModes"), csv.at("spec.installModes").place());
    if modes.is_empty() {
        findings.push(RULE.finding(place, "spec.installModes is missing or empty").help(help()));
        return;
    }
    let mut first: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for mode in &modes {
        let kind = mode.get("type");
        if !InstallModeType::ALL.iter().any(|known| known.as_str() == kind.text()) {
            findings.push(RULE.finding(kind.place(), format!("{:?} is not an install mode", kind.text())).help(help()));
        }
        if let Some(first) = first.get(kind.text()) {
            let message = format!("the install mode {} is listed twice", kind.text());
            let finding = RULE.finding(kind.place(), message).help("remove one of the two");
            findings.push(finding.related(first.place(), "the first one is here"));
        }
        first.entry(kind.text()).or_insert(kind);
    }
    if !modes.iter().any(|mode| mode.get("supported").is_true()) {
        findings.push(RULE.finding(place, "the operator supports none of the install modes").help(help()));
    }
}

fn help() -> String {
    let modes = InstallModeType::ALL.map(InstallModeType::as_str).join(", ");
    format!("support at least one of {modes}")
}
