//! Skip ranges that are too wide.

use super::prelude::*;
use semver::Version;

use crate::graph::{Installable, Node};
use crate::version::{Range, VersionRelease};

pub(super) static RULE: Rule = Rule {
    id: "skip-range-includes",
    severity: Severity::Warning,
    summary: "A skipRange contains the version of its own entry, or newer ones",
    docs: r#"
## What it does
Reports `skipRange`s that contain the version of their own entry, or higher versions of bundles of the package. Skipped
entries are not checked, because OLM does not upgrade to them.

A range can contain its own version if the package also has that version with other build metadata, because ranges
cannot distinguish these.

## Why is this bad?
OLM treats the installed version as an upgrade of itself, and newer versions as older ones: users who have a newer
version, perhaps from another channel, are downgraded to this one. Nearly always, `<=` was written instead of `<`, or
the upper bound is missing.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    skipRange: ">=1.0.0 <=1.1.0"
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
name: stable
entries:
  - name: demo.v1.1.0
    skipRange: ">=1.0.0 <1.1.0"
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
- [Creating an update graph: skipRange](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/#skiprange)
- [operator-lifecycle-manager: resolver.go](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/registry/resolver/resolver.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let versions: Vec<Option<VersionRelease>> = package.bundles.iter().map(|view| view.version()).collect();
        let all: Vec<_> =
            package.bundle_names().zip(versions.iter().map(|version| version.as_ref().map(|v| &v.version))).collect();
        let installed = Installable::new(&all);
        for view in &package.channels {
            for node in view.graph.offered() {
                findings.extend(check_node(view, node, &installed, &all));
            }
        }
    }
}

fn check_node(
    view: &ChannelView<'_>,
    node: usize,
    installed: &Installable<'_>,
    all: &[(&str, Option<&Version>)],
) -> Option<Finding> {
    let Node { entry, version, position, .. } = &view.graph.nodes()[node];
    let own = &version.as_ref()?.version;
    let range = entry.skip_range.parse::<Range>().ok()?;
    let mut newer = installed.above(own, &range).map(|i| all[i].0).peekable();
    let same = installed.same(own).any(|i| all[i].0 != entry.name);
    let itself = range.contains(own) && !same;
    let what = match newer.peek() {
        Some(_) => format!("the newer versions of {}", some(newer)),
        None if itself => "its own version".to_owned(),
        None => return None,
    };
    let (channel, name) = (&view.channel.name, &entry.name);
    let message = format!("in channel {channel:?}, the skipRange of {name:?} contains {what}");
    let help = format!("end it before its own version: \"<{own}\"");
    Some(RULE.finding(view.entry(*position, "skipRange"), message).help(help))
}
