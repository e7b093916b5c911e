//! Bundles that are in no channel.

use std::collections::BTreeSet;

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "bundle-without-entry",
    severity: Severity::Error,
    summary: "A bundle is in no channel",
    docs: r#"
## What it does
Reports `olm.bundle` blobs that are not an entry of any channel of their package. Being named by `replaces` or `skips`
is not enough.

## Why is this bad?
The bundle cannot be installed. opm rejects the catalog.

## Example
```yaml
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
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
---
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
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
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
    for package in context.packages.values() {
        let channels = package.channels.iter();
        let entries: BTreeSet<&str> =
            channels.flat_map(|view| &view.channel.entries).map(|entry| entry.name.as_str()).collect();
        for view in package.bundles.iter().filter(|view| !entries.contains(view.bundle.name.as_str())) {
            findings.push(
                RULE.finding(
                    view.name_place(),
                    format!("bundle {:?} is in no channel of package {:?}", view.bundle.name, package.name),
                )
                .help("add it to the `entries` of a channel, or remove it"),
            );
        }
    }
}
