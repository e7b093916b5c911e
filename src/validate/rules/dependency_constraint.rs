//! Constraints that OLM cannot read.

use super::prelude::*;
use crate::validate::dependencies::{BadConstraint, bad_constraints};

pub(super) static RULE: Rule = Rule {
    id: "dependency-constraint",
    severity: Severity::Warning,
    summary: "An olm.constraint of a bundle is not one",
    docs: r#"
## What it does
Reports `olm.constraint` properties that OLM cannot read: with a field that is not a kind of constraint (`gvk`,
`package`, `all`, `any`, `not`, `cel`), with none of these, with a field of these that is unknown or of a wrong type,
with a version range that is not one, or with more than 128 KiB. Expressions in CEL are not checked.

## Why is this bad?
opm takes any value. But where OLM comes to such a bundle, the resolution of the whole namespace fails, also that of
other operators.

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
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.constraint
    value: {all: {constraints: [{pkg: {packageName: base}}]}}
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
  - type: olm.constraint
    value: {all: {constraints: [{package: {packageName: base, versionRange: ">=2.0.0"}}]}}
```

## References
- [OLM: dependency resolution](https://olm.operatorframework.io/docs/concepts/olm-architecture/dependency-resolution/)
- [operator-framework/api: constraint.go](https://github.com/operator-framework/api/blob/master/pkg/constraints/constraint.go)
"#,
    check,
};

const HELP: &str = "a constraint has one of gvk (group, version, kind), package (packageName, versionRange), cel (rule), and all, \
                    any and not (constraints), and perhaps failureMessage";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        for (i, BadConstraint { route, why }) in bad_constraints(view) {
            let value = Route::root().key("properties").index(i).key("value");
            let message = format!("OLM cannot read a constraint of bundle {:?}: {why}", view.bundle.name);
            findings.push(RULE.finding(view.bundle.origin.place(value.join(&route)), message).help(HELP));
        }
    }
}
