//! Channels without a head, or with several heads.

use std::collections::{BTreeMap, BTreeSet};

use super::prelude::*;
use crate::diagnostic::Addition;
use crate::graph::{ChainEnd, Graph, Node};

pub(super) static RULE: Rule = Rule {
    id: "channel-head",
    severity: Severity::Error,
    summary: "A channel has no head, or several heads",
    docs: r#"
## What it does
Reports channels that do not have exactly one head. A head is an entry that no other entry replaces or skips. A
`skipRange` does not count here.

## Why is this bad?
New Subscriptions install the head, and all upgrades lead to it. Without exactly one head, it is undefined what OLM
installs. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
  - name: demo.v1.0.0
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

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.channels() {
        match view.graph.heads()[..] {
            [_] => {}
            [] => findings.extend(headless(view)),
            ref heads => findings.push(many(view, heads)),
        }
    }
}

/// One finding for each cycle that keeps its entries from being heads. Cycles of `replaces` alone have their own rule.
fn headless(view: &ChannelView<'_>) -> Vec<Finding> {
    let graph = &view.graph;
    let replaces = |from: usize, to: usize| graph.replaces(from) == Some(to);
    let cycles = graph.headless().into_iter().filter(|cycle| !steps(cycle).all(|(from, to)| replaces(from, to)));
    cycles
        .map(|cycle| {
            let (from, to) = wrong_step(graph, &cycle);
            RULE.finding(
                step_place(view, from, to),
                format!("channel {:?} has no head: {}", view.channel.name, describe(graph, &cycle)),
            )
            .help("an entry can only replace or skip older entries: remove the step that leads back")
        })
        .collect()
}

/// The step of a cycle that leads from an older entry to a newer one, or else from the last entry to the first.
fn wrong_step(graph: &Graph<'_>, cycle: &[usize]) -> (usize, usize) {
    let version = |node: usize| graph.nodes()[node].version.as_ref();
    let wrong = |&(from, to): &(usize, usize)| version(from).zip(version(to)).is_some_and(|(from, to)| from <= to);
    steps(cycle).find(wrong).unwrap_or((cycle[cycle.len() - 1], cycle[0]))
}

/// Where an entry skips or replaces another one.
fn step_place(view: &ChannelView<'_>, from: usize, to: usize) -> Place {
    let Node { entry, position, .. } = &view.graph.nodes()[from];
    let route = Route::root().key("entries").index(*position);
    match entry.skips.iter().position(|name| name == view.graph.name(to)) {
        Some(skip) => view.channel.origin.place(route.key("skips").index(skip)),
        None => view.channel.origin.place(route.key("replaces")),
    }
}

fn steps(cycle: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    cycle.iter().copied().zip(cycle.iter().copied().cycle().skip(1))
}

/// `"a" skips "b", which replaces "a"`, with the middle left out if it is long.
fn describe(graph: &Graph<'_>, cycle: &[usize]) -> String {
    const SHOWN: usize = 4;
    let name = |node: usize| graph.name(node);
    let verb = |from: usize, to: usize| if graph.nodes()[from].skips.contains(&to) { "skips" } else { "replaces" };
    let mut text = format!("{:?}", name(cycle[0]));
    for (i, (from, to)) in steps(cycle).enumerate() {
        let rest = cycle.len() - i;
        if i == SHOWN && rest > 1 {
            text += &format!(", and so on over {rest} more entries back to {:?}", name(cycle[0]));
            break;
        }
        let which = if i == 0 { "" } else { ", which" };
        let to = if cycle.len() == 1 { "itself".into() } else { format!("{:?}", name(to)) };
        text += &format!("{which} {} {to}", verb(from, cycle[(i + 1) % cycle.len()]));
    }
    text
}

/// The head with the highest version is probably the intended one.
fn many(view: &ChannelView<'_>, heads: &[usize]) -> Finding {
    let graph = &view.graph;
    let version = |node: usize| graph.nodes()[node].version.as_ref();
    let meant = *heads.iter().max_by_key(|&&node| (version(node), std::cmp::Reverse(node))).expect("there are heads");
    let others: Vec<usize> = heads.iter().copied().filter(|&node| node != meant).collect();
    let names = list(heads.iter().map(|&node| graph.name(node)));
    let mut finding = RULE.finding(
        view.node(others[0], "name"),
        format!("channel {:?} has {} heads: nothing replaces or skips {names}", view.channel.name, heads.len()),
    );
    for &other in others.iter().skip(1).take(3).chain([&meant]) {
        finding = finding.related(view.node(other, "name"), "also a head");
    }
    let lost = graph.nodes().iter().filter(|node| !node.entry.replaces.is_empty() && node.replaces.is_none());
    for node in lost.take(3) {
        let label = format!("{:?} is not in this channel", node.entry.replaces);
        finding = finding.related(view.entry(node.position, "replaces"), label);
    }
    let ranges = heads.iter().any(|&node| !graph.nodes()[node].entry.skip_range.is_empty());
    let note = if ranges { " (a `skipRange` alone does not make them part of the channel)" } else { "" };
    finding.additions = missing(view, meant, &others);
    let others = list(others.iter().map(|&node| graph.name(node)));
    finding.help(format!("add {others} to the `replaces` or `skips` of {:?} or of an entry below it{note}", graph.name(meant)))
}

/// The skips that are certainly missing, where they make the channel whole: the other heads, and what hangs on them,
/// are passed over by entries below the head that was meant.
fn missing(view: &ChannelView<'_>, meant: usize, others: &[usize]) -> Vec<Addition> {
    let graph = &view.graph;
    let chain = graph.chain(meant);
    let Some(descent) = graph.descent(&chain) else { return Vec::new() };
    let whole = chain.end == ChainEnd::Tail;
    let mut additions: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let stranded = graph.stranded(&chain);
    for stranded in &stranded {
        let all: Vec<usize> = std::iter::once(stranded.root).chain(stranded.followers.iter().copied()).collect();
        // The users of one that nothing is certain of stay where they are.
        let Some(over) = descent.passes_over(&all) else { return Vec::new() };
        additions.entry(over).or_default().extend(all);
    }
    let roots: BTreeSet<usize> = stranded.iter().map(|stranded| stranded.root).collect();
    match whole && others.iter().all(|other| roots.contains(other)) {
        true => additions.into_iter().map(|(over, lost)| view.skips(over, &lost)).collect(),
        false => Vec::new(),
    }
}
