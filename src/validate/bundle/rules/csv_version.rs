//! Versions of ClusterServiceVersions.

use super::prelude::*;
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "csv-version",
    level: Level::Error,
    sets: &[],
    summary: "spec.version is missing, or not a semantic version",
    docs: r#"
## What it does
Reports a ClusterServiceVersion whose `spec.version` is missing, 0.0.0, or not `MAJOR.MINOR.PATCH`.

## Why is this bad?
opm and OLM order the bundles of a package by their versions, and reject one without.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  version: v1.0
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  version: 1.0.0
```

## References
- [Semantic Versioning](https://semver.org/)
- [operator-framework/api: the OperatorHub validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/operatorhubv2.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let found = csv.at("spec.version");
    let message = match version::parse(found.text()) {
        _ if found.is_null() => "spec.version is missing".to_owned(),
        Ok(version) if version == semver::Version::new(0, 0, 0) => "spec.version is 0.0.0: OLM ignores it".to_owned(),
        Ok(_) => return,
        Err(error) => error.to_string(),
    };
    findings.push(RULE.finding(found.place(), message).help("write a version with three numbers, such as 1.0.0"));
}
