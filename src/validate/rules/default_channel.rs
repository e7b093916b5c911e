//! The default channel of packages.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "default-channel",
    severity: Severity::Error,
    summary: "A package has no default channel, or one that it does not have",
    docs: r#"
## What it does
Reports `olm.package` blobs whose `defaultChannel` is empty or not the name of a channel of the package.

## Why is this bad?
A Subscription that names no channel follows the default channel, and user interfaces show it first. opm refuses the
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
            let default = blob.default_channel.as_str();
            let there = package.channel_names().any(|name| name == default) || !context.complete();
            if there && !default.is_empty() {
                continue;
            }
            let place = field(&blob.origin, "defaultChannel");
            let channels = list(package.channel_names());
            let finding = match default {
                "" => RULE.finding(place, format!("package {:?} has no default channel", package.name)),
                _ => RULE.finding(
                    place,
                    format!("the default channel {default:?} is no channel of package {:?}", package.name),
                ),
            };
            let meant = context.did_you_mean(default, package.channel_names());
            findings.push(finding.help(match (meant, channels.is_empty()) {
                (_, true) => "the package has no channels yet: add one and name it here".into(),
                (Some(meant), _) => meant,
                (None, _) => format!("set `defaultChannel` to a channel of the package: {channels}"),
            }));
        }
    }
}
