//! Constraints that OLM cannot parse.

use super::prelude::*;
use crate::validate::dependencies::{BadConstraint, bad_constraints};

pub(super) static RULE: Rule = Rule {
    id: "dependency-constraint",
    severity: Severity::Warning,
    summary: "An olm.constraint of a bundle is invalid",
    docs: r#"
## What it does
Reports `olm.constraint` properties that OLM cannot parse: those with an unknown kind of constraint (known are `gvk`,
`package`, `all`, `any`, `not`, `cel`), without any kind, with an unknown field or a field of the wrong type, with an
invalid version range, or larger than 128 KiB. CEL expressions are not checked.

## Why is this bad?
opm accepts any value. But when OLM considers such a bundle, dependency resolution fails for the whole namespace,
including other operators.

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

const HELP: &str = "a constraint has exactly one of gvk (group, version, kind), package (packageName, versionRange), cel (rule), \
                    all, any and not (constraints), and optionally failureMessage";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        for (i, BadConstraint { route, why }) in bad_constraints(view) {
            let value = Route::root().key("properties").index(i).key("value");
            let message = format!("OLM cannot parse a constraint of bundle {:?}: {why}", view.bundle.name);
            findings.push(RULE.finding(view.bundle.origin.place(value.join(&route)), message).help(HELP));
        }
    }
}
