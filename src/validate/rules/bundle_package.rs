//! The olm.package property of bundles.

use super::prelude::*;
use crate::catalog::property;

pub(super) static RULE: Rule = Rule {
    id: "bundle-package",
    severity: Severity::Error,
    summary: "A bundle has no olm.package property, several, or one of another package",
    docs: r#"
## What it does
Reports `olm.bundle` blobs that do not have exactly one property of type `olm.package`, and those whose property names a
different package than the blob.

## Why is this bad?
This property contains the bundle's version, which OLM uses to resolve dependencies and upgrades. opm rejects the
catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
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
- [File-based catalogs: olm.package property](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#properties)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        let BundleView { bundle, packages, .. } = view;
        let (name, kind) = (&bundle.name, property::PACKAGE);
        match &packages[..] {
            [] => findings.push(
                RULE.finding(field(&bundle.origin, "properties"), format!("bundle {name:?} has no {kind} property"))
                    .help(format!(
                        "add {{type: {kind}, value: {{packageName: {}, version: …}}}} to its `properties`",
                        bundle.package
                    )),
            ),
            [package] if package.name != bundle.package => findings.push(
                RULE.finding(
                    view.property(package.index, "packageName"),
                    format!(
                        "bundle {name:?} belongs to package {:?}, but its {kind} property says {:?}",
                        bundle.package, package.name
                    ),
                )
                .related(field(&bundle.origin, "package"), "the bundle's package is here")
                .help("name the same package in both places"),
            ),
            [_] => {}
            [first, others @ ..] => {
                let place = |index| bundle.origin.place(Route::root().key("properties").index(index));
                let count = packages.len();
                findings.push(
                    RULE.finding(place(others[0].index), format!("bundle {name:?} has {count} {kind} properties"))
                        .related(place(first.index), "the first is here")
                        .help("remove all but one"),
                );
            }
        }
    }
}
