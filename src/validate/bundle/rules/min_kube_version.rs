//! The oldest Kubernetes version on which an operator runs.

use super::prelude::*;
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "min-kube-version",
    level: Level::Both,
    sets: &[],
    summary: "spec.minKubeVersion is missing, or not a version",
    docs: r#"
## What it does
Reports a `spec.minKubeVersion` that is not a semantic version (an error), and a ClusterServiceVersion without one (a
warning).

## Why is this bad?
Without it, OLM installs the operator on a cluster of any version, even on one that lacks the APIs it needs. With an
invalid one, OLM does not install it at all. OLM also accepts a leading `v`, but the validators of operator-sdk and of
catalogs reject that.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  minKubeVersion: "1.25"
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  minKubeVersion: 1.25.0
```

## References
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let found = csv.at("spec.minKubeVersion");
    let text = found.text();
    if text.trim().is_empty() {
        let message = "spec.minKubeVersion is missing, so OLM installs the operator on any version of Kubernetes";
        let help = "set it to the oldest version that the operator is tested with, such as 1.25.0";
        findings.push(RULE.warning(found.place(), message).help(help));
    } else if let Err(error) = version::parse(text) {
        let bare = text.strip_prefix('v').filter(|bare| version::parse(bare).is_ok());
        let help = match bare {
            Some(bare) => format!("write it without the `v`: {bare}"),
            None => "write a version with three numbers, such as 1.25.0".to_owned(),
        };
        findings.push(RULE.finding(found.place(), error.to_string()).help(help));
    }
}
