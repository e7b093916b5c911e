//! The default channel of packages.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "default-channel",
    severity: Severity::Error,
    summary: "A package has no default channel, or one that does not exist",
    docs: r#"
## What it does
Reports `olm.package` blobs whose `defaultChannel` is empty or does not name a channel of the package.

## Why is this bad?
A Subscription that names no channel follows the default channel, and user interfaces show it first. opm rejects the
catalog.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: fast
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
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
  - name: demo.v1.0.0
```

## References
- [File-based catalogs: olm.package](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmpackage)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        for blob in &package.blobs {
            let place = field(&blob.origin, "defaultChannel");
            let (name, default) = (package.name, blob.default_channel.as_str());
            let channels = choice(package.channel_names());
            if default.is_empty() {
                let finding = RULE.finding(place, format!("package {name:?} has no default channel"));
                findings.push(match channels.is_empty() {
                    true => finding.help("add a channel, and name it in `defaultChannel`"),
                    false => finding.help(format!("set `defaultChannel` to a channel of the package: {channels}")),
                });
            } else if context.complete() && !channels.is_empty() && package.channel_names().all(|name| name != default) {
                // A package without any channel is reported by another rule.
                let meant = context.did_you_mean(default, package.channel_names());
                findings.push(
                    RULE.finding(place, format!("the default channel {default:?} is not a channel of package {name:?}"))
                        .help(meant.unwrap_or_else(|| format!("choose a channel of the package: {channels}"))),
                );
            }
        }
    }
}
