//! Required fields of a ClusterServiceVersion.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "csv-fields",
    level: Level::Error,
    sets: &[],
    summary: "The ClusterServiceVersion lacks a required field",
    docs: r#"
## What it does
Reports a ClusterServiceVersion without `apiVersion`, `metadata.name`, `spec.displayName`, `spec.install.strategy` or
deployments.

## Why is this bad?
The API server rejects it, or OLM has nothing to install.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  displayName: null
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  displayName: Demo
```

## References
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

/// The fields that operator-framework/api's `checkEmptyFields` requires.
const TEXTS: [(&str, &str); 3] = [
    ("metadata.name", "upgrades refer to it"),
    ("spec.displayName", "consoles show it"),
    ("spec.install.strategy", "set `strategy: deployment`"),
];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    for (path, help) in TEXTS {
        let field = csv.at(path);
        if field.text().is_empty() {
            findings.push(RULE.finding(field.place(), format!("{path} is missing")).help(help));
        }
    }
    let strategy = csv.at("spec.install.strategy");
    if !matches!(strategy.text(), "" | "deployment") {
        let message = format!("{:?} is not an install strategy", strategy.text());
        findings.push(RULE.finding(strategy.place(), message).help("set `strategy: deployment`, the only valid one"));
    }
    let deployments = csv.at("spec.install.spec.deployments");
    if context.deployments().is_empty() {
        let message = "spec.install.spec.deployments is missing or empty";
        let help = "add the Deployment of the operator; OLM can only run operators as Deployments";
        findings.push(RULE.finding(deployments.place(), message).help(help));
    }
}
