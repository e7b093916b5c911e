//! Empty names in skips.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "entry-skips",
    severity: Severity::Error,
    summary: "An item of an entry's skips is empty",
    docs: r#"
## What it does
Reports empty items of the `skips` of an entry.

## Why is this bad?
It names no bundle. Usually a name was left out. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    skips: [""]
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    skips: [demo.v1.0.0]
```

## References
- [File-based catalogs: olm.channel](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmchannel)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.channels() {
        for (i, entry) in view.channel.entries.iter().enumerate() {
            for (j, _) in entry.skips.iter().enumerate().filter(|(_, name)| name.is_empty()) {
                let route = Route::root().key("entries").index(i).key("skips").index(j);
                findings.push(
                    RULE.finding(
                        view.channel.origin.place(route),
                        format!("in channel {:?}, entry {:?} skips an empty name", view.channel.name, entry.name),
                    )
                    .help("name a bundle, or remove the item"),
                );
            }
        }
    }
}
