//! CRDs that the ClusterServiceVersion does not own.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::validate::bundle::apis;

pub(super) static RULE: Rule = Rule {
    id: "crd-not-owned",
    level: Level::Error,
    sets: &[],
    summary: "A CRD of the bundle is not owned by the ClusterServiceVersion",
    docs: r#"
## What it does
Reports CustomResourceDefinitions among the manifests that `spec.customresourcedefinitions.owned` does not contain in
any version.

## Why is this bad?
OLM installs the CRD, but does not know that the operator provides the API: dependencies on it cannot be resolved,
consoles do not show it, and another operator could ship it too.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: null
spec:
  customresourcedefinitions:
    owned: []
```

Use instead:
```yaml
kind: ClusterServiceVersion
```

## References
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
- [operator-framework/api: the bundle validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/bundle.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.csv().is_none() {
        return;
    }
    let (owned, crds) = (apis::owned(context), apis::of_crds(context));
    // If it owns one version of a CRD, it does not have to own the others.
    let kinds: BTreeSet<(&str, &str)> =
        crds.iter().filter(|(api, _)| owned.contains(api)).map(|(api, _)| (&*api.group, &*api.kind)).collect();
    for (api, crd) in &crds {
        if !kinds.contains(&(&*api.group, &*api.kind)) {
            let message = format!("the ClusterServiceVersion does not own {api}, which this CRD defines");
            let help = "add it to spec.customresourcedefinitions.owned";
            findings.push(RULE.finding(crd.at("spec.names.kind").place(), message).help(help));
        }
    }
}
