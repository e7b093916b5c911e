//! Bundles without anything to install.

use super::prelude::*;
use crate::catalog::property;

pub(super) static RULE: Rule = Rule {
    id: "bundle-image",
    severity: Severity::Error,
    summary: "A bundle has neither an image nor its objects",
    docs: r#"
## What it does
Reports `olm.bundle` blobs whose `image` is empty and that have no `olm.bundle.object` property.

## Why is this bad?
OLM takes the manifests of a bundle from its image or from these properties. With neither, there is nothing to install.
opm rejects the catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

Use instead:
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

## References
- [File-based catalogs: olm.bundle](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmbundle)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for BundleView { bundle, .. } in context.bundles() {
        let objects = bundle.properties.iter().any(|property| property.kind == property::BUNDLE_OBJECT);
        if bundle.image.is_empty() && !objects {
            findings.push(
                RULE.finding(
                    field(&bundle.origin, "image"),
                    format!("bundle {:?} has neither an image nor objects", bundle.name),
                )
                .help("set `image` to the bundle's image"),
            );
        }
    }
}
