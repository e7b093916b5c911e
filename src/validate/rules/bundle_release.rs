//! Releases of bundles.

use super::prelude::*;
use crate::version::{self, Release};

pub(super) static RULE: Rule = Rule {
    id: "bundle-release",
    severity: Severity::Error,
    summary: "A bundle's release is invalid, or its version also has build metadata",
    docs: r#"
## What it does
Reports bundles whose `olm.package` property has an invalid `release`. A release has up to 20 characters: identifiers of
letters, digits and hyphens, separated by dots; numbers have no leading zeros. Also reports bundles that have both a
release and a version with build metadata (`1.0.0+2`).

## Why is this bad?
Bundles of the same version are ordered by their release; build metadata is the old way to do the same. opm rejects
the catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo-v1.0.0+2-2
image: registry.example.com/demo-bundle:v1.0.0-2
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0+2, release: "2"}
```

Use instead:
```yaml
schema: olm.bundle
package: demo
name: demo-v1.0.0-2
image: registry.example.com/demo-bundle:v1.0.0-2
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0, release: "2"}
```

## References
- [operator-registry: versionrelease.go](https://github.com/operator-framework/operator-registry/blob/master/alpha/model/versionrelease.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        let Some(package) = view.package().filter(|package| !package.release.is_empty()) else { continue };
        let place = view.property(package.index, "release");
        let bundle = &view.bundle.name;
        if let Err(error) = package.release.parse::<Release>() {
            findings.push(
                RULE.finding(place, format!("the release of bundle {bundle:?} is invalid: {error}"))
                    .help("write a number, as in \"2\", or identifiers separated by dots, as in \"rc.1\""),
            );
        } else if version::parse(package.version).is_ok_and(|version| !version.build.is_empty()) {
            findings.push(
                RULE.finding(
                    place,
                    format!("bundle {bundle:?} has both a release and build metadata in its version {:?}", package.version),
                )
                .help("remove the `+` and everything after it from the version"),
            );
        }
    }
}
