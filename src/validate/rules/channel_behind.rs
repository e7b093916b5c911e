//! Heads of channels that have no upgrade.

use super::prelude::*;
use crate::words::enumerate;
use crate::validate::ways::{Head, Ways};

pub(super) static RULE: Rule = Rule {
    id: "channel-behind",
    severity: Severity::Warning,
    summary: "The head of a channel is older than the head of another one, and has no upgrade",
    docs: r#"
## What it does
Reports heads of channels that are older than the newest head of the package and that have no upgrade in any channel: no
entry replaces or skips them, or has a `skipRange` that contains their version. Their users cannot upgrade, whichever
channel they change to.

The newest head is the one with the highest version that is not a prerelease. Channels whose names say that they are not
for everybody (`alpha`, `beta`, `candidate`, `preview` and similar ones) do not count, unless it is the default channel.

## Why is this bad?
Users of the channel stay at its head forever. Changing to the newer channel looks like the remedy, but OLM finds no
upgrade from the installed version and reports nothing. They must uninstall the operator first.

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
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.2.0
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
---
schema: olm.bundle
package: demo
name: demo.v1.2.0
image: registry.example.com/demo-bundle:v1.2.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.0}
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
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.2.0
    replaces: demo.v1.0.0
    skips:
      - demo.v1.1.0
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
---
schema: olm.bundle
package: demo
name: demo.v1.2.0
image: registry.example.com/demo-bundle:v1.2.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.0}
```

## References
- [Creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
- [operator-lifecycle-manager: resolver.go](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/registry/resolver/resolver.go)
"#,
    check,
};

/// How many other heads are shown.
const SHOWN: usize = 4;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.complete() {
        let sound = context.packages.values().filter(|package| package.is_sound());
        findings.extend(sound.filter_map(check_package));
    }
}

/// One finding per package: all of them have one cause, the newest head.
fn check_package(package: &PackageView<'_>) -> Option<Finding> {
    let ways = Ways::of(package);
    let newest = ways.newest?;
    let behind = |head: &&Head<'_>| head.version < newest.version && !ways.has_upgrade(head.name);
    let behind: Vec<&Head<'_>> = ways.heads.iter().filter(behind).collect();
    let (first, others) = behind.split_first()?;
    let name = |head: &Head<'_>| package.channels[head.channel].channel.name.as_str();
    let place = |head: &Head<'_>| package.channels[head.channel].node(head.node, "name");
    let (noun, verb) = if others.is_empty() { ("the head", "is") } else { ("the heads", "are") };
    let which = |head: &Head<'_>| format!("{:?} of channel {:?}", head.name, name(head));
    let which = enumerate(behind.iter().map(|head| which(head)), "and");
    let message = format!(
        "{noun} {which} {verb} older than {:?} of channel {:?}, and no channel has an upgrade for it",
        newest.name,
        name(&newest)
    );
    let mut finding = RULE.finding(place(first), message);
    for other in others.iter().take(SHOWN) {
        finding = finding.related(place(other), "no upgrade from here either");
    }
    let mut names: Vec<&str> = behind.iter().map(|head| head.name).collect();
    names.sort_unstable();
    names.dedup();
    let them = if names.len() == 1 { "its version" } else { "their versions" };
    let names = list(names);
    Some(finding.related(place(&newest), "the newest head is here").help(format!(
        "in channel {:?}, add {names} to an entry's `skips`, or give an entry a `skipRange` that contains {them}",
        name(&newest)
    )))
}
