//! Versions of bundles.

use super::prelude::*;
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "bundle-version",
    severity: Severity::Error,
    summary: "The version of a bundle is not a semantic version",
    docs: r#"
## What it does
Reports bundles whose `olm.package` property has a `version` that is not a semantic version: three numbers without
leading zeros and without a `v`, optionally followed by a prerelease after `-` and build metadata after `+`.

## Why is this bad?
OLM compares versions to find upgrades and dependencies. opm rejects the catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: v1.0}
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
- [Semantic Versioning 2.0.0](https://semver.org/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        let Some(package) = view.package() else { continue };
        let Err(error) = version::parse(package.version) else { continue };
        let bundle = &view.bundle.name;
        let (text, reason) = (&error.text, &error.reason);
        let message = match text.is_empty() {
            true => format!("bundle {bundle:?} has no version"),
            false => format!("the version {text:?} of bundle {bundle:?} is not a semantic version: {reason}"),
        };
        findings.push(RULE.finding(view.property(package.index, "version"), message).help(help(text)));
    }
}

/// The version that was probably meant: without the `v`, with three numbers.
fn help(text: &str) -> String {
    match version::meant::version(text) {
        Some(version) => format!("write {version:?}"),
        None => "write three numbers separated by dots, as in \"1.2.3\"".into(),
    }
}
