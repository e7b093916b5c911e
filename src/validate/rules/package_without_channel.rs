//! Packages without channels.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "package-without-channel",
    severity: Severity::Error,
    summary: "A package has no channel",
    docs: r#"
## What it does
Reports `olm.package` blobs of packages without an `olm.channel` blob.

## Why is this bad?
Bundles are installed from channels, so the package has nothing to install. opm rejects the catalog.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
```

Use instead:
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

## References
- [File-based catalogs: olm.channel](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmchannel)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.complete() {
        return;
    }
    for package in context.packages.values().filter(|package| package.channels.is_empty()) {
        for blob in &package.blobs {
            findings.push(
                RULE.finding(field(&blob.origin, "name"), format!("package {:?} has no channel", package.name))
                    .help("add an `olm.channel` blob with an entry for each bundle that can be installed"),
            );
        }
    }
}
