//! Entries that the chain of replaces does not get to.

use super::prelude::*;
use crate::graph::{Chain, ChainEnd, Stranded};

pub(super) static RULE: Rule = Rule {
    id: "entry-stranded",
    severity: Severity::Error,
    summary: "An entry is neither in the chain of replaces from the head, nor skipped",
    docs: r#"
## What it does
Follows `replaces` from the channel's head, from entry to entry, and reports the entries that this chain does not get to
and that no entry skips. The chain ends at an entry that another one skips: who replaces a skipped entry leads nowhere.

Channels with no head or several are left to `channel-head`.

## Why is this bad?
Users who have installed a stranded entry are not upgraded any more. opm refuses the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.2.0
    replaces: demo.v1.1.0
    skips: [demo.v1.1.0]
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.2.0
    replaces: demo.v1.0.0
    skips: [demo.v1.1.0]
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
```

## References
- [Creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.channels() {
        if let [head] = view.graph.heads()[..] {
            let chain = view.graph.chain(head);
            let descent = view.graph.descent(&chain);
            findings.extend(view.graph.stranded(&chain).iter().map(|stranded| {
                let mut finding = finding(view, &chain, stranded);
                let all: Vec<usize> = std::iter::once(stranded.root).chain(stranded.followers.iter().copied()).collect();
                let over = descent.as_ref().and_then(|descent| descent.passes_over(&all));
                finding.additions.extend(over.map(|over| view.skips(over, &all)));
                finding
            }));
        }
    }
}

fn finding(view: &ChannelView<'_>, chain: &Chain, stranded: &Stranded) -> Finding {
    let graph = &view.graph;
    let (head, last) = (chain.nodes[0], chain.nodes[chain.nodes.len() - 1]);
    let root = graph.name(stranded.root);
    let who = match stranded.followers.len() {
        0 => format!("entry {root:?} is"),
        _ => format!(
            "entry {root:?} and below it {} are",
            list(stranded.followers.iter().map(|&node| graph.name(node)))
        ),
    };
    let channel = &view.channel.name;
    let mut finding = RULE.finding(
        view.node(stranded.root, "name"),
        format!("in channel {channel:?}, {who} stranded: the replaces from the head {:?} do not get there", graph.name(head)),
    );
    let skipped = match chain.end {
        ChainEnd::Skipped(skipped) => Some(skipped),
        ChainEnd::Tail | ChainEnd::Cycle(_) => None,
    };
    let (place, end) = match skipped {
        Some(skipped) => (
            view.node(last, "replaces"),
            format!("they end here, since {:?} is skipped by {}", graph.name(skipped), skippers(view, skipped)),
        ),
        None => (view.node(last, "name"), "they end here".to_owned()),
    };
    finding = finding.related(place, end);
    for &replacer in graph.nodes()[stranded.root].replaced_by.iter().filter(|&&node| Some(node) != skipped).take(3) {
        let label = format!("this would lead to {root:?}, but it is skipped by {}", skippers(view, replacer));
        finding = finding.related(view.node(replacer, "name"), label);
    }
    finding.help(format!("let {:?} replace {root:?}, or add {root:?} to the `skips` of a newer entry", graph.name(last)))
}

fn skippers(view: &ChannelView<'_>, node: usize) -> String {
    list(view.graph.nodes()[node].skipped_by.iter().map(|&by| view.graph.name(by)))
}
