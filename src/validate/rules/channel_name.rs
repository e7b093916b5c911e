//! Names of channels.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "channel-name",
    severity: Severity::Error,
    summary: "A channel has no name",
    docs: r#"
## What it does
Reports `olm.channel` blobs without a `name`.

## Why is this bad?
A Subscription follows a channel by its name. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
entries:
  - name: demo.v1.0.0
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
```

## References
- [File-based catalogs: olm.channel](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmchannel)
- [Channel naming](https://olm.operatorframework.io/docs/best-practices/channel-naming/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for channel in context.scan.catalog.channels.iter().filter(|channel| channel.name.is_empty()) {
        findings.push(
            RULE.finding(field(&channel.origin, "name"), format!("a channel of package {:?} has no name", channel.package))
                .help("set `name`, for example to \"stable\""),
        );
    }
}
