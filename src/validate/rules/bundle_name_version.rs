//! Names of bundles that contain a different version.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "bundle-name-version",
    severity: Severity::Warning,
    summary: "The name of a bundle ends in a version that is not the bundle's",
    docs: r#"
## What it does
Reports bundles whose name ends in `.v` and numbers (`demo.v1.2.0`) that differ from the bundle's version. Names without
such an end are not checked, nor are bundles with a release.

## Why is this bad?
People read the version from the name: in `kubectl get csv`, in a Subscription's `startingCSV`, in `replaces`. A wrong
name misleads them, and programs that sort or compare names.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1
---
schema: olm.bundle
package: demo
name: demo.v1
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
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
- [Bundles: naming](https://sdk.operatorframework.io/docs/best-practices/best-practices/#bundle-naming)
- [Building a CSV](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        let Some(version) = view.version().filter(|version| version.release.is_empty()) else { continue };
        let (name, version) = (&view.bundle.name, version.version);
        let Some(end) = named(name) else { continue };
        let numbers = [version.major, version.minor, version.patch];
        if end != numbers {
            let message = format!("bundle {name:?} has version {version}, but its name says otherwise");
            let help = "name the ClusterServiceVersion `<package>.v<version>`; users of a published name need an entry that skips it";
            findings.push(RULE.finding(view.name_place(), message).help(help));
        }
    }
}

/// The numbers after the last `.v` of a name. `None` if there are none.
fn named(name: &str) -> Option<Vec<u64>> {
    let (_, end) = name.rsplit_once(".v")?;
    let core = end.split(['-', '+', '_']).next()?;
    core.split('.').map(|number| number.parse().ok()).collect()
}
