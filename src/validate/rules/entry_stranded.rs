//! Entries that the `replaces` chain does not reach.

use super::prelude::*;
use crate::graph::{Chain, ChainEnd, Stranded};

pub(super) static RULE: Rule = Rule {
    id: "entry-stranded",
    severity: Severity::Error,
    summary: "An entry is neither in the head's chain of replaces nor skipped",
    docs: r#"
## What it does
Follows `replaces` from the channel's head, entry by entry, and reports the entries that this chain does not reach and
that no entry skips. The chain ends at a skipped entry: what a skipped entry replaces is not reached.

Channels with no head or several heads are reported by `channel-head`.

## Why is this bad?
Users who have installed a stranded entry get no more upgrades. opm rejects the catalog.

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
    let (who, them) = match stranded.followers.len() {
        0 => (format!("entry {root:?} is"), "it"),
        _ => {
            let followers = list(stranded.followers.iter().map(|&node| graph.name(node)));
            (format!("entry {root:?} and below it {followers} are"), "them")
        }
    };
    let channel = &view.channel.name;
    let mut finding = RULE.finding(
        view.node(stranded.root, "name"),
        format!(
            "in channel {channel:?}, {who} stranded: the chain of `replaces` from the head {:?} does not reach {them}",
            graph.name(head)
        ),
    );
    let skipped = match chain.end {
        ChainEnd::Skipped(skipped) => Some(skipped),
        ChainEnd::Tail | ChainEnd::Cycle(_) => None,
    };
    let (place, end) = match skipped {
        Some(skipped) => (
            view.node(last, "replaces"),
            format!("the chain ends here, because {:?} is skipped by {}", graph.name(skipped), skippers(view, skipped)),
        ),
        None => (view.node(last, "name"), "the chain ends here".to_owned()),
    };
    finding = finding.related(place, end);
    for &replacer in graph.nodes()[stranded.root].replaced_by.iter().filter(|&&node| Some(node) != skipped).take(3) {
        let label = format!("this would lead to {root:?}, but it is skipped by {}", skippers(view, replacer));
        finding = finding.related(view.node(replacer, "name"), label);
    }
    finding.help(format!("set `replaces` of {:?} to {root:?}, or add {root:?} to the `skips` of a newer entry", graph.name(last)))
}

fn skippers(view: &ChannelView<'_>, node: usize) -> String {
    list(view.graph.nodes()[node].skipped_by.iter().map(|&by| view.graph.name(by)))
}
