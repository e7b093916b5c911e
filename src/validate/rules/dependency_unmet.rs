//! Dependencies that the catalog offers only in other versions.

use super::prelude::*;
use crate::validate::dependencies::{Answer, Provided, Required, Requirement, names, required};

pub(super) static RULE: Rule = Rule {
    id: "dependency-unmet",
    severity: Severity::Warning,
    summary: "A bundle requires a version of a package or API that the catalog does not offer",
    docs: r#"
## What it does
Reports bundles that require a package (`olm.package.required`, `olm.constraint`) that the catalog has, but in no
version of the required range; and bundles that require an API (`olm.gvk.required`, `olm.constraint`) that the catalog
provides only in other versions. A requirement shared by several bundles of a package is reported once, at the newest of
them. Bundles that another entry skips, or that are in no channel, do not count: OLM does not install them as
dependencies.

## Why is this bad?
OLM installs a bundle together with its dependencies, or not at all. The catalog has the package, so it was probably
meant to come from there. But no version matches, and dependency resolution fails for the whole namespace.

## Example
```yaml
schema: olm.package
name: base
defaultChannel: stable
---
schema: olm.channel
package: base
name: stable
entries:
  - name: base.v1.0.0
---
schema: olm.bundle
package: base
name: base.v1.0.0
image: registry.example.com/base-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: base, version: 1.0.0}
---
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
  - type: olm.package.required
    value: {packageName: base, versionRange: ">=2.0.0"}
```

Use instead:
```yaml
schema: olm.package
name: base
defaultChannel: stable
---
schema: olm.channel
package: base
name: stable
entries:
  - name: base.v2.1.0
---
schema: olm.bundle
package: base
name: base.v2.1.0
image: registry.example.com/base-bundle:v2.1.0
properties:
  - type: olm.package
    value: {packageName: base, version: 2.1.0}
---
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
  - type: olm.package.required
    value: {packageName: base, versionRange: ">=2.0.0"}
```

## References
- [OLM: dependency resolution](https://olm.operatorframework.io/docs/concepts/olm-architecture/dependency-resolution/)
- [operator-lifecycle-manager: resolver.go](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/registry/resolver/resolver.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.complete() {
        return;
    }
    let provided = Provided::of(context);
    for Required { package, requirement, index, bundles } in required(context) {
        let Answer::Wrong(versions) = provided.answer(&requirement) else { continue };
        let versions = some(versions.iter().map(String::as_str));
        let (what, help) = match requirement {
            Requirement::Package(name, range) => (
                format!("package {name:?} in {range:?}, and the catalog offers {versions}"),
                "widen the range, or add a matching version to a channel",
            ),
            Requirement::Api(api) => (
                format!("the API {api}, which the catalog provides as {versions}"),
                "require a version that is provided, or add a bundle that provides this one",
            ),
            Requirement::Compound(_) => continue,
        };
        let Some(bundle) = bundles.first() else { continue };
        let verb = if bundles.len() == 1 { "requires" } else { "require" };
        let message = format!("{} of package {package:?} {verb} {what}", names(&bundles));
        findings.push(RULE.finding(bundle.property_place(index), message).help(help));
    }
}
