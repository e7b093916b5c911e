//! Bundles that are defined twice.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "bundle-duplicate",
    severity: Severity::Error,
    summary: "Two bundles of a package have the same name",
    docs: r#"
## What it does
Reports each `olm.bundle` blob with the same name as an earlier bundle of its package.

## Why is this bad?
It would be undefined which of them is installed. opm rejects the catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.1}
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
---
schema: olm.bundle
package: demo
name: demo.v1.0.1
image: registry.example.com/demo-bundle:v1.0.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.1}
```

## References
- [File-based catalogs: olm.bundle](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmbundle)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        for (again, first) in duplicates(&package.bundles, |view| &view.bundle.name) {
            findings.push(
                RULE.finding(
                    again.name_place(),
                    format!("package {:?} has bundle {:?} twice", package.name, again.bundle.name),
                )
                .related(first.name_place(), "the first is here")
                .help("remove one of them, or rename it"),
            );
        }
    }
}
