//! Skip ranges with holes.

use super::prelude::*;
use semver::Version;

use crate::graph::Node;
use crate::version::Range;

pub(super) static RULE: Rule = Rule {
    id: "skip-range-misses",
    severity: Severity::Warning,
    summary: "A skipRange leaves out versions between those in it and its entry",
    docs: r#"
## What it does
Reports a `skipRange` that contains older versions of the channel, but not all of those between them and its own entry:
with `>=1.0.0 <1.2.0` on 1.3.0, version 1.0.0 is upgraded to 1.3.0 at once, and 1.2.0 is not. What the entry replaces
or skips itself is not missed, and neither is a version that the range takes out by name (`!=1.2.0`). Reports also
ranges in which there is no version below that of the entry.

## Why is this bad?
The upper end was mostly copied from the entry before. Users in the hole go a longer way than others, or have none; and
what the range was written for does not happen.

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
  - name: demo.v1.3.0
    replaces: demo.v1.2.1
    skipRange: ">=1.0.0 <1.2.0"
  - name: demo.v1.2.1
    replaces: demo.v1.2.0
  - name: demo.v1.2.0
    replaces: demo.v1.1.0
  - name: demo.v1.1.0
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
---
schema: olm.bundle
package: demo
name: demo.v1.2.1
image: registry.example.com/demo-bundle:v1.2.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.1}
---
schema: olm.bundle
package: demo
name: demo.v1.3.0
image: registry.example.com/demo-bundle:v1.3.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.3.0}
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
  - name: demo.v1.3.0
    replaces: demo.v1.2.1
    skipRange: ">=1.0.0 <1.3.0"
  - name: demo.v1.2.1
    replaces: demo.v1.2.0
  - name: demo.v1.2.0
    replaces: demo.v1.1.0
  - name: demo.v1.1.0
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
---
schema: olm.bundle
package: demo
name: demo.v1.2.1
image: registry.example.com/demo-bundle:v1.2.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.1}
---
schema: olm.bundle
package: demo
name: demo.v1.3.0
image: registry.example.com/demo-bundle:v1.3.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.3.0}
```

## References
- [Creating an update graph: skipRange](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/#skiprange)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.channels() {
        let mut nodes: Vec<usize> = (0..view.graph.nodes().len()).collect();
        nodes.retain(|&node| view.graph.nodes()[node].version.is_some());
        nodes.sort_by_key(|&node| &view.graph.nodes()[node].version);
        let sorted: Vec<&Version> = nodes.iter().filter_map(|&node| version(view, node)).collect();
        let offered = view.graph.offered();
        findings.extend(offered.into_iter().filter_map(|node| check_node(view, node, &nodes, &sorted)));
    }
}

fn version<'v>(view: &'v ChannelView<'_>, node: usize) -> Option<&'v Version> {
    view.graph.nodes()[node].version.as_ref().map(|version| &version.version)
}

/// `nodes` and `sorted` are the channel's entries and their versions, from the lowest.
fn check_node(view: &ChannelView<'_>, node: usize, nodes: &[usize], sorted: &[&Version]) -> Option<Finding> {
    let Node { entry, position, replaces, skips, .. } = &view.graph.nodes()[node];
    let own = version(view, node)?;
    let range = entry.skip_range.parse::<Range>().ok()?;
    let (channel, name) = (&view.channel.name, &entry.name);
    let place = view.entry(*position, "skipRange");
    if !any_below(&range, own) {
        let message = format!("in channel {channel:?}, the skipRange of {name:?} contains no version below its own");
        return Some(RULE.finding(place, message).help(format!("end it at its own version: \"<{own}\"")));
    }
    let end = sorted.partition_point(|version| version.cmp_precedence(own).is_lt());
    let mut spans = range.spans(&sorted[..end]);
    spans.sort_by_key(|span| span.start);
    let first = spans.first()?.start;
    let direct = |i: &usize| Some(nodes[*i]) == *replaces || skips.binary_search(&nodes[*i]).is_ok();
    let holes = spans.into_iter().chain(std::iter::once(end..end)).scan(first, |at, span| {
        let hole = *at..span.start.max(*at);
        *at = span.end.max(*at);
        Some(hole)
    });
    let missed = holes.flatten().filter(|i| !direct(i) && !range.leaves_out(sorted[*i]));
    let mut missed = missed.map(|i| view.graph.name(nodes[i])).peekable();
    missed.peek()?;
    let names = some(missed);
    let message = format!("in channel {channel:?}, the skipRange of {name:?} contains older versions, but not {names}");
    let help = format!("end it at its own version, \"<{own}\", or add {names} to its `skips`");
    Some(RULE.finding(place, message).help(help))
}

/// Whether a range contains any version below another one: those that it names, and those beside them, are tried.
fn any_below(range: &Range, own: &Version) -> bool {
    let beside = range.named().flat_map(|named| {
        let patch = |patch| Version::new(named.major, named.minor, patch);
        [named.clone(), patch(named.patch.saturating_sub(1)), patch(named.patch.saturating_add(1))]
    });
    let mut tried = beside.chain([Version::new(0, 0, 0)]);
    tried.any(|version| version.cmp_precedence(own).is_lt() && range.contains(&version))
}
