//! Entries from which OLM does not reach the head of their channel.

use super::prelude::*;
use crate::catalog::Entry;
use crate::graph::Installable;

pub(super) static RULE: Rule = Rule {
    id: "entry-stuck",
    severity: Severity::Warning,
    summary: "OLM cannot upgrade from an entry to the head of its channel",
    docs: r#"
## What it does
Reports entries from which the channel's head cannot be reached by OLM's upgrades: to an entry that replaces or skips
the installed one, or whose `skipRange` contains its version. OLM never upgrades to an entry that another one skips. So
an entry that only skipped entries replace or skip has no upgrade. Entries that opm calls stranded are reported by
`entry-stranded`.

## Why is this bad?
opm accepts the catalog, because some entry skips the stuck one. But users of that version never get an upgrade, and
nothing reports it.

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
  - name: demo.v1.2.0
    skips:
      - demo.v1.1.0
  - name: demo.v1.1.0
    skips:
      - demo.v1.0.0
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
name: stable
entries:
  - name: demo.v1.2.0
    skips:
      - demo.v1.0.0
      - demo.v1.1.0
  - name: demo.v1.1.0
    skips:
      - demo.v1.0.0
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

/// How many entries are shown beside the first.
const SHOWN: usize = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let sound = context.packages.values().filter(|package| package.is_sound());
    findings.extend(sound.flat_map(|package| &package.channels).filter_map(check_channel));
}

fn check_channel(view: &ChannelView<'_>) -> Option<Finding> {
    let graph = &view.graph;
    let offered = graph.offered();
    let head = *offered.first()?;
    let nodes = graph.nodes();
    let versions = nodes.iter().map(|node| node.version.as_ref().map(|version| &version.version));
    let all: Vec<_> = nodes.iter().map(|node| node.entry.name.as_str()).zip(versions).collect();
    let mut offers: Vec<Vec<&Entry>> = vec![Vec::new(); nodes.len()];
    offered.iter().for_each(|&node| offers[node].push(nodes[node].entry));
    let mut fine = Installable::new(&all).reach(&[head], &offers);
    for stranded in graph.stranded(&graph.chain(head)) {
        std::iter::once(stranded.root).chain(stranded.followers).for_each(|node| fine[node] = true);
    }
    let mut stuck: Vec<usize> = (0..nodes.len()).filter(|&node| !fine[node]).collect();
    stuck.sort_by(|&a, &b| nodes[b].version.cmp(&nodes[a].version).then(a.cmp(&b)));
    finding(view, head, &stuck)
}

fn finding(view: &ChannelView<'_>, head: usize, stuck: &[usize]) -> Option<Finding> {
    let graph = &view.graph;
    let (&first, others) = stuck.split_first()?;
    let names = list(stuck.iter().map(|&node| graph.name(node)));
    let (channel, newest) = (&view.channel.name, graph.name(head));
    let message = format!("in channel {channel:?}, users of {names} can never upgrade to the head {newest:?}");
    let mut finding = RULE.finding(view.node(first, "name"), message);
    let skipped = |node: &&usize| !graph.nodes()[**node].skipped_by.is_empty();
    if let Some(&by) = graph.nodes()[first].skipped_by.iter().find(skipped) {
        let label = format!("this entry is skipped itself, so it is not an upgrade from {:?}", graph.name(first));
        finding = finding.related(view.node(by, "name"), label);
    }
    for &other in others.iter().take(SHOWN) {
        finding = finding.related(view.node(other, "name"), "no upgrade from here either");
    }
    Some(finding.help(format!("add {names} to the `skips` of {newest:?}")))
}
