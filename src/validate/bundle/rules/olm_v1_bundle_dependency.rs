//! Dependencies, which OLM v1 does not support.

use super::prelude::*;
use crate::catalog::property;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-bundle-dependency",
    level: Level::Warning,
    sets: &[],
    summary: "The bundle requires packages or APIs, and OLM v1 does not install such bundles",
    docs: r#"
## What it does
Reports a bundle with `dependencies`, with a property that requires something (`olm.package.required`,
`olm.gvk.required`, `olm.constraint`), or with CustomResourceDefinitions or APIServices that its ClusterServiceVersion
requires: in a catalog all of these become such properties. Runs with `--target olm-v1`.

## Why is this bad?
OLM v1 does not resolve dependencies. It rejects a bundle that has any, even if the cluster provides them.

## Example
```yaml
dependencies:
- type: olm.package
  value:
    packageName: other
    version: ">=1.0.0"
```

Use instead:
```yaml
dependencies: []
```

## References
- [operator-controller: validation.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/resolve/validation.go)
- [OLM v1 limitations](https://github.com/operator-framework/operator-controller/blob/main/docs/project/olmv1_limitations.md)
"#,
    check,
};

/// The properties for which operator-controller rejects a bundle.
const REFUSED: [&str; 3] = [property::PACKAGE_REQUIRED, property::GVK_REQUIRED, property::CONSTRAINT];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let properties = context.metadata_list("properties").into_iter();
    let required = ["customresourcedefinitions.required", "apiservicedefinitions.required"];
    let all = context.metadata_list("dependencies").into_iter();
    let all = all.chain(properties.filter(|property| REFUSED.contains(&property.get("type").text())));
    for dependency in all.chain(required.iter().flat_map(|list| context.spec(list))) {
        let message = "OLM v1 does not install the bundle: it rejects bundles with dependencies";
        let help = "make the operator work without the dependency, and document that users must install it first";
        findings.push(RULE.finding(dependency.place(), message).help(help));
    }
}
