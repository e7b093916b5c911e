//! Default channels that lack the newest release.

use super::prelude::*;
use crate::validate::ways::{Head, Ways};

pub(super) static RULE: Rule = Rule {
    id: "default-channel-behind",
    severity: Severity::Warning,
    summary: "The default channel lacks the newest release of its package",
    docs: r#"
## What it does
Reports packages whose newest release is only in channels other than the default one, so that the head of the default
channel is older.

Prereleases do not count, nor do channels whose names say that they are not for everybody (`alpha`, `beta`, `candidate`,
`preview` and similar ones). If the head of the default channel has no upgrade in any channel, `channel-behind` reports
it.

## Why is this bad?
User interfaces offer the default channel, and OLM installs its head if a Subscription names no channel. New users do
not get the newest release, and users of the default channel do not get it as an upgrade.

If another channel is ahead on purpose, as `fast` often is for a while, ignore this rule for the package.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: fast
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
```

Use instead:
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: fast
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
```

## References
- [File-based catalogs: olm.package](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmpackage)
- [Channel naming](https://olm.operatorframework.io/docs/best-practices/channel-naming/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.complete() {
        let sound = context.packages.values().filter(|package| package.is_sound());
        findings.extend(sound.filter_map(check_package));
    }
}

fn check_package(package: &PackageView<'_>) -> Option<Finding> {
    let default = package.default_channel()?;
    let ways = Ways::of(package);
    let name = |head: &Head<'_>| package.channels[head.channel].channel.name.as_str();
    let head = ways.heads.iter().find(|head| name(head) == default.channel.name)?;
    let newest = ways.newest.filter(|newest| newest.version > head.version)?;
    // If the channel has it below its head, it was withdrawn there, and `edge-downgrade` reports that.
    if !ways.has_upgrade(head.name) || default.graph.find(newest.name).is_some() {
        return None;
    }
    let message = format!(
        "the default channel {:?} ends at {:?}, but the newest release {:?} is in channel {:?}",
        default.channel.name,
        head.name,
        newest.name,
        name(&newest)
    );
    let place = package.channels[newest.channel].node(newest.node, "name");
    let help = format!(
        "add {:?} to channel {:?}, or make {:?} the default channel",
        newest.name,
        default.channel.name,
        name(&newest)
    );
    Some(RULE.finding(package.default_place()?, message).related(place, "the newest release is here").help(help))
}
