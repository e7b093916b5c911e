//! Dependencies that nothing in the catalog provides.

use super::prelude::*;
use std::collections::BTreeMap;

use crate::validate::dependencies::{Answer, Provided, Required, Requirement, required};

pub(super) static RULE: Rule = Rule {
    id: "dependency-absent",
    severity: Severity::Warning,
    summary: "A bundle requires a package or API that nothing in the catalog provides",
    docs: r#"
## What it does
Reports packages and APIs that bundles require (`olm.package.required`, `olm.gvk.required`, `olm.constraint`) but that
the catalog does not have in any version. There is one finding per package of the catalog. CEL constraints are assumed
to be met.

## Why is this bad?
OLM looks for dependencies in all catalogs of a namespace and in the global ones. If no other catalog has them, nobody
can install the package. A catalog that is used alone must contain them.

If another catalog is always present, as on OpenShift, ignore this rule.

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
  - type: olm.gvk.required
    value: {group: base.example.com, version: v1, kind: Base}
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
  - name: base.v1.0.0
---
schema: olm.bundle
package: base
name: base.v1.0.0
image: registry.example.com/base-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: base, version: 1.0.0}
  - type: olm.gvk
    value: {group: base.example.com, version: v1, kind: Base}
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
  - type: olm.gvk.required
    value: {group: base.example.com, version: v1, kind: Base}
```

## References
- [OLM: dependency resolution](https://olm.operatorframework.io/docs/concepts/olm-architecture/dependency-resolution/)
- [operator-lifecycle-manager: resolver.go](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/registry/resolver/resolver.go)
"#,
    check,
};

/// How many requirements are named.
const SHOWN: usize = 4;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.complete() {
        return;
    }
    let provided = Provided::of(context);
    let mut absent: BTreeMap<&str, Vec<Required<'_, '_>>> = BTreeMap::new();
    for required in required(context) {
        if matches!(provided.answer(&required.requirement), Answer::Absent) {
            absent.entry(required.package).or_default().push(required);
        }
    }
    for (package, all) in absent {
        let Some((bundle, index)) = all.first().and_then(|first| Some((first.bundles.first()?, first.index))) else {
            continue;
        };
        let mut what: Vec<String> = all.iter().take(SHOWN).map(|required| required.requirement.to_string()).collect();
        if all.len() > SHOWN {
            what.push(format!("{} more", all.len() - SHOWN));
        }
        let message = format!("package {package:?} has requirements that the catalog does not provide: {}", what.join(", "));
        let mut finding = RULE.finding(bundle.property_place(index), message);
        let others = all.iter().skip(1).take(SHOWN - 1);
        for (bundle, index) in others.filter_map(|other| Some((other.bundles.first()?, other.index))) {
            finding = finding.related(bundle.property_place(index), "it also requires this");
        }
        let meant = all.iter().find_map(|required| match &required.requirement {
            Requirement::Package(name, _) => context.did_you_mean(name, provided.package_names()),
            _ => None,
        });
        let help = "add them to the catalog, or document which other catalog users need";
        findings.push(finding.help(meant.unwrap_or_else(|| help.into())));
    }
}
