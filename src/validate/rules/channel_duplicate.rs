//! Channels that are defined twice.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "channel-duplicate",
    severity: Severity::Error,
    summary: "Two channels of a package have the same name",
    docs: r#"
## What it does
Reports each `olm.channel` blob with the same name as an earlier channel of its package.

## Why is this bad?
A channel is one upgrade graph: all of its entries must be in one blob. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
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
```

## References
- [File-based catalogs: olm.channel](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmchannel)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let channels = package.channels.iter().map(|view| view.channel);
        for (again, first) in duplicates(channels, |channel| &channel.name) {
            findings.push(
                RULE.finding(
                    field(&again.origin, "name"),
                    format!("package {:?} has channel {:?} twice", package.name, again.name),
                )
                .related(field(&first.origin, "name"), "the first is here")
                .help("move all entries into one of them and remove the other, or rename it"),
            );
        }
    }
}
