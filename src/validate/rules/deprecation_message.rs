//! Messages of deprecations.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "deprecation-message",
    severity: Severity::Error,
    summary: "A deprecation has no message",
    docs: r#"
## What it does
Reports entries of `olm.deprecations` blobs without a `message`.

## Why is this bad?
The message is all that users see of a deprecation: it must say what to do. opm rejects the catalog.

## Example
```yaml
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.channel, name: alpha}
```

Use instead:
```yaml
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.channel, name: alpha}
    message: alpha has ended, follow stable
```

## References
- [operator-registry: the types of a catalog](https://github.com/operator-framework/operator-registry/blob/master/alpha/declcfg/declcfg.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for deprecations in context.packages.values().flat_map(|package| &package.deprecations) {
        for (i, entry) in deprecations.entries.iter().enumerate().filter(|(_, entry)| entry.message.is_empty()) {
            let (schema, name) = (&entry.reference.schema, &entry.reference.name);
            let what = if name.is_empty() { schema.clone() } else { format!("{schema} {name:?}") };
            findings.push(
                RULE.finding(
                    deprecations.origin.place(Route::root().key("entries").index(i).key("message")),
                    format!("the deprecation of {what} in package {:?} has no message", deprecations.package),
                )
                .help("describe in `message` what users should do instead"),
            );
        }
    }
}
