//! Skip ranges that newer entries do not take over.

use super::prelude::*;
use std::collections::BTreeSet;

use semver::Version;

use crate::graph::Node;
use crate::version::{Range, uncovered};

pub(super) static RULE: Rule = Rule {
    id: "skip-range-behind",
    severity: Severity::Warning,
    summary: "The skipRange of a skipped entry is lost, because no newer entry covers it",
    docs: r#"
## What it does
Reports channels in which an entry with a `skipRange` is skipped, and no entry above it has a `skipRange` that covers
the same versions.

It checks 0.0.0 and the versions that the range names: if one of them is in the range, but in no range of an entry that
OLM offers, the range is lost.

## Why is this bad?
OLM never upgrades to a skipped entry, so its range has no effect any more. It is usually there for versions that are no
longer in the catalog: their users had an upgrade before the new entry was added, and have none now. This happens when a
template adds a release: the older entry is skipped, and its range is not copied to the new one.
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
  - name: demo.v1.1.1
    skips:
      - demo.v1.1.0
  - name: demo.v1.1.0
    skipRange: "<1.1.0"
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
name: demo.v1.1.1
image: registry.example.com/demo-bundle:v1.1.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.1}
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
  - name: demo.v1.1.1
    skips:
      - demo.v1.1.0
    skipRange: "<1.1.1"
  - name: demo.v1.1.0
    skipRange: "<1.1.0"
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
name: demo.v1.1.1
image: registry.example.com/demo-bundle:v1.1.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.1}
```

## References
- [Creating an update graph: skipRange](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/#skiprange)
- [operator-lifecycle-manager: resolver.go](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/registry/resolver/resolver.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(context.channels().filter_map(check_channel));
}

/// One finding per channel: at the newest entry whose range is lost, because older ones usually cover less.
fn check_channel(view: &ChannelView<'_>) -> Option<Finding> {
    let nodes = view.graph.nodes();
    let skipped = nodes.iter().filter(|node| !node.skipped_by.is_empty());
    let mut skipped: Vec<(&Node<'_>, Range)> =
        skipped.filter_map(|node| Some((node, node.entry.skip_range.parse().ok()?))).collect();
    skipped.sort_by(|(a, _), (b, _)| b.version.cmp(&a.version));
    let offered = view.graph.offered();
    let head = &nodes[*offered.first()?];
    let ranges: Vec<Range> = offered.iter().filter_map(|&node| nodes[node].entry.skip_range.parse().ok()).collect();
    let zero = Version::new(0, 0, 0);
    let samples: Vec<Vec<&Version>> =
        skipped.iter().map(|(_, range)| range.among(range.named().chain([&zero]).collect())).collect();
    let mut sorted = samples.concat();
    sorted.sort_by(|a, b| a.cmp_precedence(b));
    let uncovered: BTreeSet<&Version> = uncovered(&sorted, &ranges).into_iter().collect();
    let is_lost = |samples: &Vec<&Version>| samples.iter().any(|version| uncovered.contains(version));
    let (lost, range) = &skipped[samples.iter().position(is_lost)?];
    finding(view, lost, range, head)
}

fn finding(view: &ChannelView<'_>, lost: &Node<'_>, range: &Range, head: &Node<'_>) -> Option<Finding> {
    let (channel, name, newest) = (&view.channel.name, &lost.entry.name, &head.entry.name);
    let skipper = lost.skipped_by.first().map(|&node| view.graph.name(node))?;
    let range = range.to_string();
    let message =
        format!("in channel {channel:?}, the skipRange {range:?} of {name:?} is lost, because {skipper:?} skips that entry");
    let own = head.version.as_ref().map(|own| format!(", up to its own version: \"<{}\"", own.version)).unwrap_or_default();
    Some(
        RULE.finding(view.entry(lost.position, "skipRange"), message)
            .related(view.entry(head.position, "name"), "the head is here")
            .help(format!("give {newest:?} a `skipRange` that covers the same versions{own}")),
    )
}
