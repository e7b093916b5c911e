//! Skip ranges with gaps.

use super::prelude::*;
use semver::Version;

use crate::graph::Node;
use crate::version::Range;

pub(super) static RULE: Rule = Rule {
    id: "skip-range-misses",
    severity: Severity::Warning,
    summary: "A skipRange misses versions between those in it and its own entry",
    docs: r#"
## What it does
Reports a `skipRange` that contains older versions of the channel, but not all versions between them and its own entry:
with `>=1.0.0 <1.2.0` on 1.3.0, version 1.0.0 is upgraded directly to 1.3.0, but 1.2.0 is not. Versions that the entry
replaces or skips are not missed, nor are versions that the range excludes by name (`!=1.2.0`), nor prereleases of the
entry's own version if the range ends with `<1.3.0-0`. Also reports ranges that contain no version below that of the
entry. Prereleases are ordinary versions: `<1.3.0` contains 1.3.0-rc.1.

## Why is this bad?
Usually the upper bound was copied from the previous entry. Users in the gap have a longer upgrade path than others, or
none, and the range does not have the intended effect.

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
    if !range.reaches_below(own) {
        let message = format!("in channel {channel:?}, the skipRange of {name:?} contains no version older than its own");
        return Some(RULE.finding(place, message).help(format!("end it at its own version: \"<{own}\"")));
    }
    let end = sorted.partition_point(|version| version.cmp_precedence(own).is_lt());
    let below = &sorted[..end];
    let first = range.spans(below).first()?.start;
    let direct = |i: &usize| Some(nodes[*i]) == *replaces || skips.binary_search(&nodes[*i]).is_ok();
    let end = if leaves_out_prereleases(&range, own) { below.partition_point(|other| is_before(other, own)) } else { end };
    let holes = range.known_spans(below).into_iter().chain(std::iter::once(end..end)).scan(first, |at, span| {
        let hole = *at..span.start.clamp(*at, end.max(*at));
        *at = span.end.max(*at);
        Some(hole)
    });
    let missed = holes.flatten().filter(|i| !direct(i));
    let mut missed = missed.map(|i| view.graph.name(nodes[i])).peekable();
    missed.peek()?;
    let names = some(missed);
    let message = format!("in channel {channel:?}, the skipRange of {name:?} contains older versions, but not {names}");
    let help = format!("end it at its own version, \"<{own}\", or add {names} to its `skips`");
    Some(RULE.finding(place, message).help(help))
}

/// Whether the range names `1.2.0-0`, the lowest prerelease of the entry's own version: it excludes the prereleases on
/// purpose.
fn leaves_out_prereleases(range: &Range, own: &Version) -> bool {
    range.named().any(|named| named.pre.as_str() == "0" && numbers(named) == numbers(own))
}

/// Whether a version comes before another one and before its prereleases.
fn is_before(version: &Version, other: &Version) -> bool {
    numbers(version) < numbers(other)
}

fn numbers(version: &Version) -> (u64, u64, u64) {
    (version.major, version.minor, version.patch)
}
