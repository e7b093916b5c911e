//! Duplicate deprecations.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "deprecations-duplicate",
    severity: Severity::Error,
    summary: "A package has two olm.deprecations blobs, or one names the same part twice",
    docs: r#"
## What it does
Reports each `olm.deprecations` blob of a package after the first, and each entry with the same `reference` as an
earlier entry.

## Why is this bad?
It would be undefined which message users see. opm rejects the catalog.

## Example
```yaml
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.channel, name: alpha}
    message: alpha has ended, follow stable
---
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.bundle, name: demo.v1.0.0}
    message: 1.0.0 loses data, upgrade to 1.0.1
```

Use instead:
```yaml
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.channel, name: alpha}
    message: alpha has ended, follow stable
  - reference: {schema: olm.bundle, name: demo.v1.0.0}
    message: 1.0.0 loses data, upgrade to 1.0.1
```

## References
- [operator-registry: the types of a catalog](https://github.com/operator-framework/operator-registry/blob/master/alpha/declcfg/declcfg.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        for (again, first) in duplicates(package.deprecations.iter().copied(), |_| ()) {
            findings.push(
                RULE.finding(
                    field(&again.origin, "package"),
                    format!("package {:?} has two olm.deprecations blobs", package.name),
                )
                .related(field(&first.origin, "package"), "the first is here")
                .help("move all entries into the first"),
            );
        }
        for deprecations in &package.deprecations {
            let place = |i| deprecations.origin.place(Route::root().key("entries").index(i).key("reference"));
            let entries = deprecations.entries.iter().enumerate();
            for ((again, entry), (first, _)) in duplicates(entries, |(_, entry)| &entry.reference) {
                let (schema, name) = (&entry.reference.schema, &entry.reference.name);
                let what = if name.is_empty() { schema.clone() } else { format!("{schema} {name:?}") };
                findings.push(
                    RULE.finding(place(again), format!("{what} of package {:?} is deprecated twice", package.name))
                        .related(place(first), "the first is here")
                        .help("keep one of the messages"),
                );
            }
        }
    }
}
