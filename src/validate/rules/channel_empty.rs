//! Channels without entries.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "channel-empty",
    severity: Severity::Error,
    summary: "A channel has no entries",
    docs: r#"
## What it does
Reports `olm.channel` blobs without `entries`.

## Why is this bad?
There is nothing to install from the channel. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries: []
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
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for ChannelView { channel, .. } in context.channels().filter(|view| view.channel.entries.is_empty()) {
        findings.push(
            RULE.finding(
                field(&channel.origin, "entries"),
                format!("channel {:?} of package {:?} has no entries", channel.name, channel.package),
            )
            .help("add entries for the bundles that can be installed from it, or remove the channel"),
        );
    }
}
