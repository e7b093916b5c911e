//! Duplicate entries of a channel.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "entry-duplicate",
    severity: Severity::Error,
    summary: "A channel has two entries with the same name",
    docs: r#"
## What it does
Reports each entry of a channel with the same name as an earlier entry of that channel.

## Why is this bad?
It would be undefined which `replaces`, `skips` and `skipRange` count. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.1.0
    skips: [demo.v1.0.0]
  - name: demo.v1.0.0
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
    skips: [demo.v1.0.0]
  - name: demo.v1.0.0
```

## References
- [File-based catalogs: olm.channel](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmchannel)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.channels() {
        let entries = view.channel.entries.iter().enumerate();
        for ((again, entry), (first, _)) in duplicates(entries, |(_, entry)| &entry.name) {
            findings.push(
                RULE.finding(
                    view.entry(again, "name"),
                    format!("channel {:?} has entry {:?} twice", view.channel.name, entry.name),
                )
                .related(view.entry(first, "name"), "the first is here")
                .help("merge them into one entry"),
            );
        }
    }
}
