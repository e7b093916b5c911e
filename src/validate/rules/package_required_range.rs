//! Version ranges of required packages.

use super::prelude::*;
use super::skip_range;
use crate::catalog::property;
use crate::version::Range;

pub(super) static RULE: Rule = Rule {
    id: "package-required-range",
    severity: Severity::Warning,
    summary: "The version range of a required package is invalid",
    docs: r#"
## What it does
Reports `olm.package.required` properties of bundles whose `versionRange` is empty, or not a range in the syntax of Go's
`blang/semver` library.

## Why is this bad?
opm accepts it, but OLM cannot resolve the dependency in the cluster: if a Subscription can lead to the bundle, nothing
in its namespace is installed or upgraded any more.

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
    value: {packageName: database, versionRange: ">=v2"}
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
  - type: olm.package.required
    value: {packageName: database, versionRange: ">=2.0.0"}
```

## References
- [Dependency resolution](https://olm.operatorframework.io/docs/concepts/olm-architecture/dependency-resolution/)
- [blang/semver: ranges](https://pkg.go.dev/github.com/blang/semver/v4#ParseRange)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        let properties = view.bundle.properties.iter().enumerate();
        for (i, property) in properties.filter(|(_, property)| property.kind == property::PACKAGE_REQUIRED) {
            let Some(text) = property.value.get("versionRange").and_then(serde_json::Value::as_str) else { continue };
            let Err(error) = text.parse::<Range>() else { continue };
            let required = property.value.get("packageName").and_then(serde_json::Value::as_str).unwrap_or_default();
            findings.push(
                RULE.finding(
                    view.property(i, "versionRange"),
                    format!("bundle {:?} requires package {required:?} with an invalid version range: {error}", view.bundle.name),
                )
                .help(skip_range::help(text, &error)),
            );
        }
    }
}
