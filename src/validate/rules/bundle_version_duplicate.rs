//! Versions that two bundles of a package share.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "bundle-version-duplicate",
    severity: Severity::Error,
    summary: "Two bundles of a package have the same version and release",
    docs: r#"
## What it does
Reports bundles of different names in one package whose `olm.package` properties have the same `version` and `release`.
Versions that differ only in build metadata count as different.

## Why is this bad?
It is undefined which of them is newer. opm rejects the catalog.

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
name: demo.v1.0.1
image: registry.example.com/demo-bundle:v1.0.1
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
        let versions = package.bundles.iter().filter_map(|view| Some((view, view.package()?, view.version()?.to_string())));
        let versions: Vec<_> = versions.collect();
        for (again, first) in duplicates(&versions, |(_, _, version)| version) {
            let (name, other) = (&again.0.bundle.name, &first.0.bundle.name);
            if name == other {
                continue;
            }
            findings.push(
                RULE.finding(
                    again.0.property(again.1.index, "version"),
                    format!("bundles {other:?} and {name:?} have the same version {}", again.2),
                )
                .related(first.0.property(first.1.index, "version"), format!("{other:?} has it here"))
                .help("give one of them a different version, or remove it"),
            );
        }
    }
}
