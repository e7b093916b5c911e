//! Cycles of replaces.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "replaces-cycle",
    severity: Severity::Error,
    summary: "Entries of a channel replace each other in a cycle",
    docs: r#"
## What it does
Reports entries that replace each other in a cycle, if none of them is skipped.

## Why is this bad?
None of the entries is the newest, so users would be upgraded in a cycle, or never. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
    replaces: demo.v1.1.0
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
```

## References
- [Creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
    check,
};

/// How many entries of a cycle are shown.
const SHOWN: usize = 6;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.channels() {
        for cycle in view.graph.replaces_cycles() {
            findings.push(finding(view, &cycle));
        }
    }
}

/// At the oldest entry of the cycle, whose `replaces` is the wrong one.
fn finding(view: &ChannelView<'_>, cycle: &[usize]) -> Finding {
    let graph = &view.graph;
    let version = |node: usize| graph.nodes()[node].version.as_ref();
    let oldest = *cycle.iter().min_by_key(|&&node| (version(node), node)).expect("a cycle has entries");
    let (name, replaced) = (graph.name(oldest), &graph.nodes()[oldest].entry.replaces);
    let channel = &view.channel.name;
    let message = match cycle {
        [_] => format!("in channel {channel:?}, entry {name:?} replaces itself"),
        _ => format!("in channel {channel:?}, entries replace each other in a cycle: {}", path(view, cycle)),
    };
    let start = cycle.iter().position(|&node| node == oldest).unwrap_or(0);
    let mut finding = RULE.finding(view.node(oldest, "replaces"), message);
    for &node in cycle[start + 1..].iter().chain(&cycle[..start]).take(SHOWN) {
        let label = format!("{:?} is in the cycle", graph.name(node));
        finding = finding.related(view.node(node, "replaces"), label);
    }
    let help = match cycle {
        [_] => "remove this `replaces`, or name the entry before it".to_owned(),
        _ if version(oldest).is_some() => {
            format!("remove this `replaces`: {name:?} has the lowest version, and {replaced:?} is newer")
        }
        _ => "remove the `replaces` of the oldest of them".to_owned(),
    };
    finding.help(help)
}

/// `"a" -> "b" -> "a"`
fn path(view: &ChannelView<'_>, cycle: &[usize]) -> String {
    let name = |node: &usize| format!("{:?}", view.graph.name(*node));
    let mut names: Vec<String> = cycle.iter().take(SHOWN).map(name).collect();
    if cycle.len() > SHOWN {
        names.push(format!("{} more", cycle.len() - SHOWN));
    }
    names.push(name(&cycle[0]));
    names.join(" -> ")
}
