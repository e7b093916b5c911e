//! Channels that stand twice in a package.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "channel-duplicate",
    severity: Severity::Error,
    summary: "Two channels of a package have the same name",
    docs: r#"
## What it does
Reports each `olm.channel` blob whose name another channel of its package has already.

## Why is this bad?
A channel is one upgrade graph: its entries stand in one blob. opm refuses the catalog.

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
                .help("put all entries into one of them and remove the other, or rename it"),
            );
        }
    }
}
