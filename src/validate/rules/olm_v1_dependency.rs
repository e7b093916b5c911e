//! Dependencies, which OLM v1 does not support.

use super::prelude::*;
use crate::catalog::property;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-dependency",
    severity: Severity::Warning,
    summary: "A bundle requires packages or APIs, and OLM v1 does not install such bundles",
    docs: r#"
## What it does
Reports bundles with a property `olm.package.required`, `olm.gvk.required` or `olm.constraint`. There is one finding per
package. Runs with `--target olm-v1`.

## Why is this bad?
OLM v1 does not resolve dependencies. It rejects a bundle that has any, even if the cluster provides them.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.package.required
    value: {packageName: other, versionRange: '>=1.0.0'}
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
- [operator-controller: validation.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/resolve/validation.go)
- [OLM v1 limitations](https://github.com/operator-framework/operator-controller/blob/main/docs/project/olmv1_limitations.md)
"#,
    check,
};

/// The properties for which operator-controller rejects a bundle.
const REFUSED: [&str; 3] = [property::PACKAGE_REQUIRED, property::GVK_REQUIRED, property::CONSTRAINT];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let first = |view: &BundleView<'_>| {
            view.bundle.properties.iter().position(|property| REFUSED.contains(&property.kind.as_str()))
        };
        let bundles: Vec<(usize, &BundleView<'_>)> =
            package.bundles.iter().filter_map(|view| Some((first(view)?, view))).collect();
        let Some((index, view)) = bundles.first() else { continue };
        let names = some(bundles.iter().map(|(_, view)| view.bundle.name.as_str()));
        let kind = &view.bundle.properties[*index].kind;
        let message = format!("OLM v1 does not install {names}: it rejects bundles with {kind:?}");
        let help = "make the operator work without the dependency, and document that users must install it first";
        findings.push(RULE.finding(view.property_place(*index), message).help(help));
    }
}
