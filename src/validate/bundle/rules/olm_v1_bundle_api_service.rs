//! APIServices, which OLM v1 does not install.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-bundle-api-service",
    level: Level::Warning,
    sets: &[],
    summary: "The bundle owns APIServices, which OLM v1 does not install",
    docs: r#"
## What it does
Reports a ClusterServiceVersion with APIServices under `apiservicedefinitions.owned`. Runs with `--target olm-v1`.

## Why is this bad?
OLM v1 rejects such a bundle.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  apiservicedefinitions:
    owned:
    - group: other.example.com
      version: v1
      kind: Other
      name: others
      deploymentName: demo
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  apiservicedefinitions: null
```

## References
- [operator-controller: provider.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/applier/provider.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if let Some(service) = context.spec("apiservicedefinitions.owned").first() {
        let message = "OLM v1 does not install the bundle: it rejects bundles with APIServices";
        findings.push(RULE.finding(service.place(), message).help("provide the API with a CustomResourceDefinition"));
    }
}
