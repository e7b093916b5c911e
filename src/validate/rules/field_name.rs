//! Misspelled fields and schemas.

use super::prelude::*;
use crate::catalog::{self, NearMiss, schema};

pub(super) static RULE: Rule = Rule {
    id: "field-name",
    severity: Severity::Warning,
    summary: "A field or schema is nearly named like one that OLM defines",
    docs: r#"
## What it does
Reports unknown fields of OLM's blobs whose names are nearly those of known fields: `replace`, `skip_range`,
`defaultchanel`. Also reports blobs whose schema is nearly one of OLM's: `olm.channels`, `bundle`. Other unknown fields
and schemas are fine: other programs may read them.

## Why is this bad?
opm ignores what it does not know. So a misspelled field has no effect: an entry with `replace` replaces nothing, and a
channel under `olm.chanel` does not exist.

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
  - name: demo.v1.1.0
    skip: [demo.v1.0.0]
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
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    skips: [demo.v1.0.0]
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
- [File-based catalogs: schema](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#schema)
"#,
    check,
};

const SCHEMAS: [&str; 4] = [schema::PACKAGE, schema::CHANNEL, schema::BUNDLE, schema::DEPRECATIONS];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for NearMiss { place, found, meant } in &context.scan.near_misses {
        let message = format!("{found:?} is not a field that OLM knows, so opm ignores it");
        findings.push(RULE.finding(place.clone(), message).help(format!("did you mean {meant:?}?")));
    }
    for other in &context.scan.catalog.others {
        let bare = || catalog::meant(&format!("olm.{}", other.schema), &SCHEMAS);
        if let Some(meant) = catalog::meant(&other.schema, &SCHEMAS).or_else(bare) {
            let message = format!("{:?} is not a schema that OLM knows, so it ignores this blob", other.schema);
            findings.push(
                RULE.finding(field(&other.origin, "schema"), message).help(format!("did you mean {meant:?}?")),
            );
        }
    }
}
